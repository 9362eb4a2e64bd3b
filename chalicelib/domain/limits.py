"""Limits, all of them, with their units."""

MAX_ANSWER_BYTES = 6_291_456 - 8_192  # Lambda's limit less room for headers and envelope
MAX_TOKEN_BYTES = 4_096
MAX_JSON_DEPTH = 100
MAX_KEY_LENGTH = 200  # characters
KEYS_PER_PAGE = 1_000
KEY_PAGE_BYTES = 256 * 1024  # of names; the wire may make four of one
MAX_ITEM_CIPHERTEXT = 350 * 1024  # bytes; more does not fit beside names and keys in an item

DEFAULT_PAYLOAD_BYTES = 256 * 1024
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
# What fits in an item with the envelope's own bytes; a larger payload lies in an object.
MAX_INLINE_BYTES = MAX_ITEM_CIPHERTEXT - 2 * 1024

DEFAULT_TOKEN_SECONDS = 900
MIN_LIFETIME = 60
MAX_TOKEN_SECONDS = 7 * 86_400
MAX_LOGIN_PAYLOAD_BYTES = 2 * 1024  # what a login may bring has to fit in an address
MAX_PAYLOAD_SECONDS = 10 * 366 * 86_400

ID_TOKEN_SECONDS = 300
MEMBER_TOKEN_SECONDS = 600
FRESH_SECONDS = 600  # since a proof that is good for changes of an account
PUSHED_SECONDS = 90  # from a pushed request to its browser
MAX_PUSHED_BYTES = 16 * 1024
DEVICE_AUTHORIZATION_SECONDS = 600  # for a person to find the page and type the code
DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS = 600
POLL_SECONDS = 5  # between two questions of a device that waits; as many more each time it is hasty
CLIENT_TOKEN_SECONDS = 600
CODE_SECONDS = 60
CODE_TOMBSTONE_SECONDS = 600
CHALLENGE_SECONDS = 600
CEREMONY_SECONDS = 300  # for a passkey to be made or shown
SSO_SECONDS = 30 * 86_400
REFRESH_SECONDS = 30 * 86_400  # a sign-in goes on for so long without anybody using it
REFRESH_GRACE_SECONDS = 10  # in which a client that lost the answer is told it again
CALL_SECONDS = 30  # that one of ours can be under way
ENDING_SECONDS = 3_600  # far longer than a code or a step of a login waits
EVERY_GRANT_SECONDS = REFRESH_SECONDS  # nothing that proves a sign-in waits for longer
CLOCK_LEEWAY = 30
DPOP_LEEWAY = 60  # seconds between a proof's clock and ours, either way
DPOP_NONCE_SECONDS = 120  # of a nonce's turn; it is good for the next turn too
MAX_PROOF_BYTES = 4_096

WRITE_ATTEMPTS = 12
WRITE_SECONDS = 5.0
WRITE_PAUSE_MIN = 0.005
WRITE_PAUSE_MAX = 0.2

WORKSPACE_KEY_AGE = 60.0
SETTINGS_AGE = 5.0
SIGNING_KEYS_AGE = 60.0  # a new key pair is published for longer before it signs
JWKS_AGE = 300  # what clients may keep of the key set

MIN_PASSWORD = 15
MAX_PASSWORD = 256
CHALLENGE_TRIES = 5
CHALLENGE_MAILS = 3

RECEIPT_SECONDS = 86_400  # how long a request with an Idempotency-Key is remembered
MAX_RECEIPT_BYTES = 64 * 1024  # of an answer that is kept to be given again
MAX_KEPT_BYTES = 4 * 1024 * 1024  # of one person's answers that a process keeps in a day
TINY_ANSWER_BYTES = 256  # no more than the row around it: always kept, and not counted

GRACE_SECONDS = 48 * 3600  # how long an ended row stays before DynamoDB's TTL may take it

SIGN_IN_WINDOW = 900  # seconds over which failures are counted
FREE_TRIES = 5  # failures before delays begin
LONGEST_DELAY = 900
LOCK_WINDOW = 86_400  # seconds over which failures lead to a lock, which ends with them
LOCK_TRIES = 100  # failures at one account from strangers' browsers, across delays
ANSWER_BEAT = 0.25  # seconds: what could tell of an account is answered after whole ones of it
LOCK_ANSWER_SECONDS = 1.0  # what the answer takes that begins a lock, mail or none
DEVICE_SECONDS = 180 * 86_400  # how long a browser is known after its last sign-in
ADDRESS_TRIES = 100  # failures from one network address per window

MAX_LIVE_SESSIONS = 50  # of one person in one application
DEFAULT_SESSION_QUOTA = 100_000  # live sessions of a workspace
DEFAULT_PAYLOAD_QUOTA = 10 * 1024**3  # bytes of a workspace's payloads
MAX_QUOTA = 2**53 - 1  # what every JSON reader holds exactly
QUOTA_SHARDS = 8
FLUSH_BYTES = 64 * 1024  # a process keeps back less than this of what its writes added
FLUSH_SECONDS = 5
FORGET_SECONDS = 900  # what was kept back for longer is left to the recount

ACCESS_ROW_SECONDS = 90 * 86_400
COUNTER_SECONDS = 25 * 31 * 86_400  # 25 months
SEEN_SECONDS = 7 * 86_400  # far longer than a log tries to deliver

MAX_SCHEMA_BYTES = 64 * 1024  # of an application's payload schema, as compact JSON
MAX_REDIRECT_URIS = 50  # of an application; as many after a sign-out
VISITOR_SECONDS = 180 * 86_400  # how long a browser is known as a visitor's
AWAITED_SECONDS = MAX_TOKEN_SECONDS + 86_400  # for a visitor, when nothing stored lets them in
SWEPT_AGAIN_SECONDS = 86_400  # after a try to erase a visitor that came to nothing
INVITE_SECONDS = 7 * 86_400  # how long an invite permits an account, unless it says otherwise
MAX_INVITE_SECONDS = 30 * 86_400
INVITES_PER_DAY = 500  # of a workspace; each one is a mail to somebody who did not ask for it
MAX_UPSTREAMS = 20  # of a workspace
MAX_BREAK_GLASS = 5  # people of a workspace who enter while no upstream answers
MAX_UPSTREAM_DOMAINS = 50  # of one of them
MAX_CERTIFICATES = 4  # of an upstream: the old, the new, and some to spare
MAX_METADATA = 256 * 1024  # characters in which a SAML provider describes itself
MAX_UPSTREAM_TENANTS = 50
MAX_ATTRIBUTES = 20  # that an upstream says of a person
MAX_ATTRIBUTE = 200  # characters
MAX_PASSKEYS = 20  # of one person
MAX_CLIENT_SECRETS = 3  # of an application: the old, the new, and one to spare

MIN_REQUESTS_PER_MINUTE = 60
MAX_REQUESTS_PER_MINUTE = 60_000  # also what holds where an application asks for no less

ORPHAN_SECONDS = 24 * 3600  # what nothing points to by then will never be pointed to

ERASING_AGAIN_SECONDS = 300  # at least, after a try to finish an erasure; then twice as long each
ERASING_REST_SECONDS = 86_400  # and no longer than that
ERASING_LATE_SECONDS = 3_600  # when an erasure that is not over is recorded, and rings
SECOND_PASS_SECONDS = 120  # after which no request under way knows a destroyed key any more
KEY_RECOVERY_SECONDS = 86_400  # how far back the tables of keys can be recovered
KEY_BACKUP_SECONDS = 8 * 86_400  # after which a backup of keys is gone
KEY_COPIED_SECONDS = 23 * 3600  # since a backup of keys, in which no other one can have begun
