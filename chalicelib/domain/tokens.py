"""Tokens: their kinds, the claims of each, and what it proves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import GrantId, SessionId, UserId, WorkspaceId
from chalicelib.domain.sessions import Access, Person

# Methods of RFC 8176, and one that it lacks: somebody else's word.
MFA = "mfa"
FED = "fed"


class Acr(StrEnum):
    """What a sign-in is worth: by one factor, or by two (Core 1.0, section 2); by none, a visit."""

    NONE = "sf:0"
    ONE = "sf:1"
    TWO = "sf:2"


@dataclass(frozen=True, slots=True)
class SignIn:
    """When and how a person proved who they are (OpenID Connect Core 1.0, section 2)."""

    auth_time: int
    acr: str = Acr.ONE.value
    amr: tuple[str, ...] = ("pwd",)

    @property
    def is_twofold(self) -> bool:
        """Tell whether two factors were shown, or one that is two."""
        return MFA in self.amr

    @property
    def is_federated(self) -> bool:
        """Tell whether an upstream vouched for the person."""
        return FED in self.amr

    @property
    def is_visit(self) -> bool:
        """Tell whether nothing was shown at all."""
        return self.acr == Acr.NONE


@dataclass(frozen=True, slots=True)
class SessionToken:
    """The claims of an access token (RFC 9068) that is bound to one session.

    `key` is the thumbprint of the key that has to be proven with it (RFC 9449, 6.1).
    """

    slug: str
    client_id: str
    access: Access
    sign_in: SignIn
    exp: int
    scope: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class IdToken:
    """The claims of an ID token (OpenID Connect Core 1.0, section 2).

    With a `key` it begins sessions for the holder of that key only, as the access token beside
    it would.
    """

    slug: str
    client_id: str
    user: UserId
    sid: SessionId
    grant: GrantId
    sign_in: SignIn
    iat: int
    exp: int
    nonce: str | None = None
    at_hash: str | None = None
    email: str | None = field(repr=False, default=None)
    name: str | None = field(repr=False, default=None)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ClientToken:
    """The claims of a token of an application itself, which acts for nobody."""

    slug: str
    client_id: str
    exp: int
    scope: str


@dataclass(frozen=True, slots=True)
class MemberToken:
    """The claims of a token for the console; the role is read from the store at each request."""

    workspace: WorkspaceId
    operator: UserId
    grant: GrantId
    role: str
    sign_in: SignIn
    exp: int


class SigningAlg(StrEnum):
    """How a token is signed (RFC 7518, section 3.1)."""

    ES256 = "ES256"
    RS256 = "RS256"


@dataclass(frozen=True, slots=True)
class PersonToken:
    """The claims of a person's own token; `browser` is the digest of the sign-in it came from."""

    slug: str
    person: Person
    browser: str
    sign_in: SignIn
    exp: int


class KeyState(StrEnum):
    """Where a signing key is in its life: published, signing, still verifying."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A KMS key pair of the deployment; only the public half (DER, SPKI) is ever held.

    `published_at` is when clients could first read it, `not_after` when it verifies no more.
    """

    kid: str
    arn: str
    alg: SigningAlg
    state: KeyState
    public: bytes
    published_at: int = 0
    not_after: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client gets from one successful request at the token endpoint.

    `nonce` is for the next proof of a client that binds its tokens to a `key`.
    """

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    id_token: str | None = field(repr=False, default=None)
    refresh_token: str | None = field(repr=False, default=None)
    key: str | None = None
    nonce: str | None = None

    @property
    def token_type(self) -> str:
        """Answer how the access token is used (RFC 6749, 7.1; RFC 9449, section 5)."""
        return "Bearer" if self.key is None else "DPoP"


Claims = Mapping[str, object]
