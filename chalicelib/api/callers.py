"""Callers: the ways to authenticate a request, one per kind of caller."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.api.contract import Errors, Header, Parameter, flat
from chalicelib.api.headers import DPOP, DPOP_NONCE, RATES
from chalicelib.api.request import Incoming
from chalicelib.domain.callers import (
    IdentityCaller,
    MemberCaller,
    PersonCaller,
    SessionCaller,
    Visit,
)
from chalicelib.domain.denials import (
    DpopNonce,
    DpopRequired,
    Forbidden,
    OriginNotAllowed,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenSuperseded,
)
from chalicelib.domain.dpop import Demonstration
from chalicelib.domain.errors import KmsUnavailable, NotFound, WorkspaceSealed
from chalicelib.domain.ids import WorkspaceId
from chalicelib.wiring.container import Container

C_co = TypeVar("C_co", covariant=True)

_CREDENTIAL = re.compile(r"(Bearer|DPoP) +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)
_DPOP = "dpop"
FIRST_PARTY_HEADER = "x-secureflows"


@dataclass(frozen=True, slots=True)
class CallerKind(Generic[C_co]):
    """A way to authenticate, and whether the answer is for every web page to read."""

    name: str
    authenticate: Callable[[Incoming, Container], C_co]
    about: str
    raises: Errors = ()
    reads: tuple[Parameter, ...] = ()
    sends: tuple[Header, ...] = ()
    is_public: bool = False

    @property
    def is_bearer(self) -> bool:
        """Tell whether the credential is a token in the `Authorization` header."""
        return TokenMissing in flat(self.raises)


def _session(request: Incoming, services: Container) -> SessionCaller:
    scheme, text = credential(request)
    token = services.tokens.read_session_token(text)
    visit, nonce = request.visit(services.settings.origin), None
    # A token that is bound to nothing loads nothing of proofs.
    if token.key is not None or scheme == _DPOP:
        workspace = token.access.ref.partition.workspace
        nonce = _proven(request, services, workspace, token.key)
    return SessionCaller(token=token, visit=visit, nonce=nonce)


def _identity(request: Incoming, services: Container) -> IdentityCaller:
    scheme, text = credential(request)
    token = services.tokens.read_id_token(text)
    visit, nonce = request.visit(services.settings.origin), None
    if token.key is not None or scheme == _DPOP:
        workspace = services.workspaces.named(token.slug).id
        nonce = _proven(request, services, workspace, token.key)
    return IdentityCaller(token=token, visit=visit, nonce=nonce)


def _proven(request: Incoming, services: Container, workspace: WorkspaceId, key: str | None) -> str:
    scheme, text = credential(request)
    if key is None:
        raise TokenInvalid("This token is bound to no key. Send it as a Bearer token.")
    if scheme != _DPOP:
        # RFC 9449, section 7.1: whoever stole it must not use it by another scheme.
        raise DpopRequired("This token is bound to a key. Send it as DPoP.", error="invalid_token")
    shown = demonstration(request, services.settings.origin)
    services.dpop.accompany(workspace, shown, token=text, key=key)
    return services.dpop.nonce(workspace)


def _member(request: Incoming, services: Container) -> MemberCaller:
    visit = request.visit(services.settings.origin)
    if visit.page is not None:
        raise OriginNotAllowed("Operators work from the console's own pages.")
    return services.operators.authenticate(bearer(request), visit)


def _person(request: Incoming, services: Container) -> PersonCaller:
    visit = request.visit(services.settings.origin)
    return services.hosted.account.dashboard.authenticate(bearer(request), visit)


def _anyone(request: Incoming, services: Container) -> Visit:
    return request.visit(services.settings.origin)


def _own_page(request: Incoming, services: Container) -> Visit:
    # A form on another site can send neither this header nor our Origin (CSRF).
    if request.header("origin") != services.settings.origin:
        raise OriginNotAllowed("This is for the hosted login's own page.")
    if request.header(FIRST_PARTY_HEADER) is None:
        raise OriginNotAllowed("This is for the hosted login's own page.")
    return request.visit(services.settings.origin)


_BEARER_ERRORS = (TokenMissing, TokenInvalid, TokenExpired, KmsUnavailable)
_BOUND_ERRORS = (*_BEARER_ERRORS, DpopNonce, DpopRequired)
_BOUND = "One that is bound to a key comes as `Authorization: DPoP`, with a proof."

session = CallerKind(
    "session",
    _session,
    about="A sessionToken: the access token of the hosted login, or what `/api/v1/sessions`, "
    f"get-or-create and renew answer. {_BOUND}",
    raises=_BOUND_ERRORS,
    reads=(DPOP,),
    sends=(*RATES, DPOP_NONCE),
)
identity = CallerKind(
    "identity",
    _identity,
    about=f"An ID token of the hosted login, at most five minutes old. {_BOUND}",
    raises=_BOUND_ERRORS,
    reads=(DPOP,),
    sends=(*RATES, DPOP_NONCE),
)
member = CallerKind(
    "member",
    _member,
    about="A member token: an operator's, for the workspace chosen at `/api/v1/auth/member-token`.",
    raises=(*_BEARER_ERRORS, Forbidden, NotFound, OriginNotAllowed, WorkspaceSealed),
)
person = CallerKind(
    "person",
    _person,
    about="A person's own token, of `/api/v1/self/member-token`; good while its browser is "
    "signed in.",
    raises=(*_BEARER_ERRORS, OriginNotAllowed, TokenSuperseded, WorkspaceSealed),
)
anyone = CallerKind("anyone", _anyone, about="Anybody.", is_public=True)
own_page = CallerKind(
    "own_page",
    _own_page,
    about="The hosted login's own page: its origin, and this header with any value.",
    raises=OriginNotAllowed,
)


def bearer(request: Incoming) -> str:
    """Answer the bearer token (RFC 6750, section 2.1); raises `TokenMissing`."""
    scheme, token = credential(request)
    if scheme == _DPOP:
        raise _missing()
    return token


def credential(request: Incoming) -> tuple[str, str]:
    """Answer the scheme, in lower case, and the token that came by it; raises `TokenMissing`."""
    found = _CREDENTIAL.fullmatch((request.header("authorization") or "").strip())
    if found is None:
        raise _missing()
    return found[1].lower(), found[2]


def demonstration(request: Incoming, origin: str) -> Demonstration | None:
    """Answer the proof of a key that came along, with what it has to be made for."""
    proof = request.header("dpop")
    if proof is None:
        return None
    return Demonstration(proof, request.method, f"{origin}{request.path}")


def _missing() -> TokenMissing:
    return TokenMissing("Send a token in the Authorization header.")
