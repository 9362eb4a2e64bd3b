"""OpenID Connect's own words: denials, answers to a redirect URI, hashes that bind tokens."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

OFFLINE = "offline_access"
INTROSPECT = "introspect"  # of a server itself, for which nobody is asked
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ("openid", "email", "profile", OFFLINE)
LOGIN_PAGE = "/app/sessions/login"
DEVICE_PAGE = "/app/device"
MAX_HINT = 320  # characters: the longest e-mail address


class Denial(StrEnum):
    """Error codes of RFC 6749 (4.1.2.1, 5.2), 7009, 8628, 9449 and OpenID Connect Core (3.1.2)."""

    ACCESS_DENIED = "access_denied"
    AUTHORIZATION_PENDING = "authorization_pending"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - the name of a denial
    INVALID_CLIENT = "invalid_client"
    INVALID_DPOP_PROOF = "invalid_dpop_proof"
    INVALID_GRANT = "invalid_grant"
    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    LOGIN_REQUIRED = "login_required"
    REGISTRATION_NOT_SUPPORTED = "registration_not_supported"
    REQUEST_NOT_SUPPORTED = "request_not_supported"
    REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported"
    SLOW_DOWN = "slow_down"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    UNSUPPORTED_TOKEN_TYPE = "unsupported_token_type"  # noqa: S105 - the name of a denial
    USE_DPOP_NONCE = "use_dpop_nonce"


@dataclass(frozen=True, slots=True)
class Denied:
    """A request that was understood and is refused; the description is for its developer.

    `nonce` is for the next proof of a client that binds its tokens to a key.
    """

    denial: Denial
    description: str
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class SentBack:
    """A denial that goes to a redirect URI, which was proven to be the client's own before."""

    denied: Denied
    redirect_uri: str
    state: str | None
    issuer: str

    @property
    def location(self) -> str:
        """Answer where the browser goes (RFC 6749, 4.1.2.1; RFC 9207 for `iss`)."""
        return answer_to(
            self.redirect_uri,
            {
                "error": self.denied.denial.value,
                "error_description": self.denied.description,
                "state": self.state,
                "iss": self.issuer,
            },
        )


def answer_to(uri: str, answer: Mapping[str, str | None]) -> str:
    """Answer a registered URI with an answer in its query; a query of its own stays as it is."""
    query = urlencode({name: value for name, value in answer.items() if value is not None})
    if not query:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}{query}"


def granted_scope(asked: str | None) -> str | None:
    """Answer the scope that is granted, in one order, or `None` when it is malformed.

    Unknown values are ignored (OpenID Connect Core 1.0, 3.1.2.1), and `openid` is always
    granted: every client here is one of OpenID Connect.
    """
    values = ("" if asked is None else asked).split(" ")
    if not all(_is_scope(value) for value in values if value):
        return None
    return " ".join(scope for scope in SCOPES if scope == SCOPES[0] or scope in values)


def online(scope: str) -> str:
    """Answer a scope without what would outlast the person's presence."""
    return " ".join(value for value in scope.split() if value != OFFLINE)


def at_hash_of(token: str) -> str:
    """Answer the hash that binds an ID token to its access token (Core 1.0, 3.1.3.6)."""
    left = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(left).rstrip(b"=").decode()


def _is_scope(value: str) -> bool:
    # RFC 6749, 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
    return all("!" <= char <= "~" and char not in '"\\' for char in value)
