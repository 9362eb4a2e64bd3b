"""Callers: the ways to authenticate a request, one per kind of caller."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.api.contract import Errors, Header, flat
from chalicelib.api.headers import RATES
from chalicelib.api.request import Incoming
from chalicelib.domain.callers import IdentityCaller, MemberCaller, SessionCaller, Visit
from chalicelib.domain.denials import (
    Forbidden,
    OriginNotAllowed,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from chalicelib.domain.errors import KmsUnavailable, NotFound, WorkspaceSealed
from chalicelib.wiring.container import Container

C_co = TypeVar("C_co", covariant=True)

_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)
FIRST_PARTY_HEADER = "x-secureflows"


@dataclass(frozen=True, slots=True)
class CallerKind(Generic[C_co]):
    """A way to authenticate, and whether the answer is for every web page to read."""

    name: str
    authenticate: Callable[[Incoming, Container], C_co]
    about: str
    raises: Errors = ()
    sends: tuple[Header, ...] = ()
    is_public: bool = False

    @property
    def is_bearer(self) -> bool:
        """Tell whether the credential is a token in the `Authorization` header."""
        return TokenMissing in flat(self.raises)


def _session(request: Incoming, services: Container) -> SessionCaller:
    token = services.tokens.read_session_token(bearer(request))
    return SessionCaller(token=token, visit=request.visit(services.settings.origin))


def _identity(request: Incoming, services: Container) -> IdentityCaller:
    token = services.tokens.read_id_token(bearer(request))
    return IdentityCaller(token=token, visit=request.visit(services.settings.origin))


def _member(request: Incoming, services: Container) -> MemberCaller:
    visit = request.visit(services.settings.origin)
    if visit.page is not None:
        raise OriginNotAllowed("Operators work from the console's own pages.")
    return services.operators.authenticate(bearer(request), visit)


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

session = CallerKind(
    "session",
    _session,
    about="A sessionToken: the access token of the hosted login, or what `/api/v1/sessions`, "
    "get-or-create and renew answer.",
    raises=_BEARER_ERRORS,
    sends=RATES,
)
identity = CallerKind(
    "identity",
    _identity,
    about="An ID token of the hosted login, at most five minutes old.",
    raises=_BEARER_ERRORS,
    sends=RATES,
)
member = CallerKind(
    "member",
    _member,
    about="A member token: an operator's, for the workspace chosen at `/api/v1/auth/member-token`.",
    raises=(*_BEARER_ERRORS, Forbidden, NotFound, OriginNotAllowed, WorkspaceSealed),
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
    found = _BEARER.fullmatch((request.header("authorization") or "").strip())
    if found is None:
        raise TokenMissing("Send a token in the Authorization header.")
    return found[1]
