"""The hosted login: requests for authorisation, typed codes, and the price of guessing."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field

from chalicelib.domain.agents import SOME_BROWSER
from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.dashboard import APP as DASHBOARD
from chalicelib.domain.device_authorizations import DeviceAuthorization
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import (
    AppId,
    BrowserId,
    GrantId,
    SessionId,
    UserId,
    WorkspaceId,
    digest,
)
from chalicelib.domain.keys import KeyKind, Place, Sealed, UserKeys
from chalicelib.domain.limits import (
    CODE_SECONDS,
    FREE_TRIES,
    LONGEST_DELAY,
    MAX_LOGIN_PAYLOAD_BYTES,
)
from chalicelib.domain.payloads import Payload, parse, payload_of
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import Acr, SessionToken, SignIn

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_MAX_STATE = 2_000
_MAX_SECONDS_DIGITS = 10
PROMPTS = frozenset({"none", "login", "select_account", "create"})


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a login wants of the session, if it begins one: a shorter lifetime, first data."""

    ttl_seconds: int | None = None
    payload: Payload = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request (RFC 6749, 4.1.1, with PKCE) whose client and redirect URI were checked.

    `return_flow` TOKEN is secureFlows' own way of old: it has no code and no challenge, and
    `renewed` is the token whose session is to be continued, which only its owner may. `hinted` is
    the one person whom the client means, `wanted_acr` what it wants a sign-in to be worth. For a
    `device` that waits there is nothing to bring back: its page asks for the person's word.
    """

    slug: str
    workspace: WorkspaceId
    app: AppId
    client_id: str
    redirect_uri: str
    scope: str
    state: str | None
    nonce: str | None
    code_challenge: str
    prompt: str | None = None
    login_hint: str | None = None
    max_age: int | None = None
    wanted_acr: Acr | None = None
    hinted: UserId | None = None
    beginning: Beginning = Beginning()
    key: str | None = None
    device: DeviceAuthorization | None = None
    return_flow: ReturnFlow = ReturnFlow.CODE
    renewed: SessionToken | None = field(default=None, repr=False)

    def admits(self, person: Person) -> bool:
        """Tell whether a person may go on with it."""
        if self.hinted is not None and self.hinted != person.user:
            return False
        return self.renewed is None or self.renewed.access.ref.partition.person == person

    def is_fresh(self, sign_in: SignIn, *, now: int) -> bool:
        """Tell whether a sign-in of before is as late as it wants one (Core 1.0, 3.1.2.1)."""
        if "login" in (self.prompt or "").split():
            return False
        return self.max_age is None or now - sign_in.auth_time <= self.max_age

    @property
    def wants_two(self) -> bool:
        """Tell whether two factors are wanted."""
        return self.wanted_acr is Acr.TWO

    @property
    def wants_proof(self) -> bool:
        """Tell whether it wants somebody who proves who they are."""
        return self.wanted_acr in {Acr.ONE, Acr.TWO}

    @property
    def wants_visitor(self) -> bool:
        """Tell whether somebody is welcome who proves nothing."""
        return self.wanted_acr is Acr.NONE

    @property
    def is_home(self) -> bool:
        """Tell whether it leads to the person's own account, where the cookie is all they need."""
        return self.app == DASHBOARD

    @property
    def digest(self) -> str:
        """Answer what binds a conversation to this request and to nobody else's."""
        words = (self.slug, self.client_id, self.redirect_uri, self.scope)
        secrets = (self.state, self.nonce, self.code_challenge, self.key)
        return digest(json.dumps([*words, *secrets]))


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a code stands for; `used` once it was exchanged, and for what.

    `seed` is the payload that the login brought, sealed, until the code is exchanged. `key` is
    the thumbprint of the one key that may exchange it (RFC 9449, section 10). It is good for
    `lifetime` seconds.
    """

    digest: str
    workspace: WorkspaceId
    app: AppId
    client_id: str
    user: UserId
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    sign_in: SignIn
    grant: GrantId
    exp: int
    used: bool = False
    sid: SessionId | None = None
    ttl_seconds: int | None = None
    seed: Sealed | None = None
    key: str | None = None
    lifetime: int = CODE_SECONDS

    @property
    def given_at(self) -> int:
        """Answer when a person was in for it."""
        return self.exp - self.lifetime


@dataclass(frozen=True, slots=True)
class BrowserSignIn:
    """A person's sign-in in one browser, found by the digest of its cookie.

    `id` is its name to the person, and stays when the cookie changes; `agent` is the browser in
    words of ours.
    """

    digest: str
    id: BrowserId
    person: Person
    sign_in: SignIn
    exp: int
    agent: str = SOME_BROWSER


@dataclass(frozen=True, slots=True)
class SignUp:
    """An account in waiting: everything is here and nothing elsewhere, until the code is typed.

    A decoy, for an address that is taken, looks the same and waits for a code nobody can type.
    `invite` is the digest of what permits it, where something has to.
    """

    digest: str
    workspace: WorkspaceId
    code: str = field(repr=False)
    exp: int
    tries: int
    mails: int
    address: str
    keys: UserKeys
    user: UserId
    profile: Sealed
    password: str = field(repr=False)
    invite: str | None = None


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures of one account or address in the present window, and the last one's time."""

    failures: int
    last_at: int


def code_place(code: AuthorizationCode) -> Place:
    """Answer the only place in which the payload of a code opens."""
    return Place(
        workspace=code.workspace,
        user=code.user,
        kind=KeyKind.IK,
        purpose="login",
        app=code.app,
        row=code.digest,
    )


def seconds_of(text: str | None) -> int | None:
    """Answer a number of seconds out of a query; raises `InvalidInput`."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_SECONDS_DIGITS):
        raise InvalidInput(
            "ttl_seconds is a number of seconds.", Fault("/ttl_seconds", "no number")
        )
    return int(text)


def first_payload_of(text: str | None) -> Payload:
    """Answer the JSON object that a login brings; raises `InvalidInput` or `InvalidJson`."""
    if text is None:
        return {}
    plain = text.encode(errors="surrogatepass")
    if len(plain) > MAX_LOGIN_PAYLOAD_BYTES:
        most = f"{MAX_LOGIN_PAYLOAD_BYTES} bytes at most"
        raise InvalidInput(f"The payload of a login has {most}.", Fault("/payload", most))
    return payload_of(parse(plain))


def wait_before_next(attempts: Attempts, now: int) -> int:
    """Answer the seconds until the next try counts: none at first, then doubling, bounded.

    A delay that ends by itself cannot be used to lock a person out for good.
    """
    excess = attempts.failures - FREE_TRIES
    if excess < 0:
        return 0
    delay = min(LONGEST_DELAY, 5 << min(excess, 16))
    return max(0, attempts.last_at + delay - now)


def tries_left(attempts: Attempts) -> int:
    """Answer how many tries remain before delays begin."""
    return max(0, FREE_TRIES - attempts.failures)


def code_challenge_of(text: str) -> str:
    """Answer the text as an S256 code challenge (RFC 7636, 4.2); raises `InvalidInput`."""
    if _CHALLENGE.fullmatch(text) is None:
        raise InvalidInput(
            "PKCE is required: send code_challenge with code_challenge_method=S256.",
            Fault("/code_challenge", "43 base64url characters"),
        )
    return text


def proves(verifier: str, code_challenge: str) -> bool:
    """Tell whether a code verifier fits its challenge (RFC 7636, 4.6)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return made.decode() == code_challenge


def printable(text: str, *, name: str) -> str:
    """Answer an opaque value that is echoed back; raises `InvalidInput`."""
    if len(text) > _MAX_STATE or not text.isprintable():
        raise InvalidInput(
            f"{name} cannot be used.", Fault(f"/{name}", "2,000 printable characters at most")
        )
    return text
