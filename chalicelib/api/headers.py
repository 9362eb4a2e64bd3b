"""Headers that mean something to a client: in requests and in answers, each defined once."""

from collections.abc import Mapping

from chalicelib.api.contract import Also, Header, Parameter
from chalicelib.api.rates import RATE_LIMIT, RATE_POLICY, RATE_REMAINING, RATE_RESET
from chalicelib.domain.errors import IdempotencyReused, VersionMismatch

ETAG = Header("ETag", "The version of what was answered, for `If-Match` and `If-None-Match`.")

IF_MATCH = Parameter(
    "header",
    "If-Match",
    "Write only if this is still at one of these versions: `ETag`s of earlier answers, or `*` for "
    "any (RFC 9110, section 13.1.1). An application may demand it of every write of a payload.",
    raises=VersionMismatch,
)
IF_NONE_MATCH = Parameter(
    "header",
    "If-None-Match",
    "The `ETag` of an answer that the client still has (RFC 9110, section 13.1.2).",
    also=(Also(304, "What the client has is still right.", sends=(ETAG,)),),
)
UNLESS_AT = Parameter(
    "header",
    "If-None-Match",
    "Write only if this is at none of these versions; `*` is any, so that nothing is written that "
    "is there already, as every payload is (RFC 9110, section 13.1.2).",
    raises=VersionMismatch,
)
IDEMPOTENCY_KEY = Parameter(
    "header",
    "Idempotency-Key",
    "Do this once: for 24 hours the same request under the same key gets the same answer again. "
    "1 to 255 visible ASCII characters, bare or as a quoted string.",
    raises=(IdempotencyReused,),
)
REPLAYED = Header("Idempotency-Replayed", "`true` in an answer that was given before.")
CONDITIONS = frozenset({"if-match", "if-none-match", "idempotency-key"})
"""Headers that change what a request means: a view sees those that it declares."""
LISTS = frozenset({"if-match", "if-none-match"})
"""Those of them that may come in several lines."""

DPOP = Parameter(
    "header",
    "DPoP",
    "A proof of the key that the token is, or will be, bound to: a JSON Web Signature for this "
    "one request (RFC 9449, section 4).",
)
DPOP_NONCE = Header("DPoP-Nonce", "What the next proof has to carry (RFC 9449, section 8).")

LOCATION = Header("Location", "Where the browser goes.")
SET_COOKIE = Header("Set-Cookie", "The browser's sign-in at this workspace, set or taken away.")
PRAGMA = Header("Pragma", "Always `no-cache` (RFC 6749, section 5.1).")
CACHE_CONTROL = Header("Cache-Control", "How long the answer may be kept, and by whom.")

_NUMBER = {"type": "integer", "minimum": 0}
RETRY_AFTER = Header("Retry-After", "Seconds after which the same request may succeed.", _NUMBER)
WWW_AUTHENTICATE = Header(
    "WWW-Authenticate", "What is wrong with the credential (RFC 6750, section 3)."
)
RATES = (
    Header(RATE_LIMIT, "How much is allowed in a window.", _NUMBER),
    Header(RATE_REMAINING, "What is left of it.", _NUMBER),
    Header(RATE_RESET, "Seconds until it is whole again.", _NUMBER),
    Header(RATE_POLICY, "The limit and its window in seconds, like `600;w=60`."),
)
"""What is left of a caller's requests, in every answer to a caller who was counted."""

OF_PROBLEMS: Mapping[str, Header] = {
    header.name: header for header in (RETRY_AFTER, WWW_AUTHENTICATE, DPOP_NONCE, *RATES)
}
"""The headers that problem documents come with."""
