"""Vouching: what is asked of an upstream about a person, and what it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.domain.limits import MAX_ATTRIBUTE
from chalicelib.domain.upstreams import Upstream

_SCOPE = "openid email profile"
_MANIFOLD = "mfa"  # RFC 8176: more than one factor


class Doubt(StrEnum):
    """Why an upstream's answer is not believed."""

    CODE = "code"
    MALFORMED = "malformed"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TIME = "time"
    NONCE = "nonce"
    TENANT = "tenant"
    RECIPIENT = "recipient"
    ENCRYPTED = "encrypted"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    userinfo_endpoint: str | None = None
    posts_secret: bool = False
    names_itself: bool = False

    def asked(self, question: Mapping[str, str]) -> str:
        """Answer where a browser goes with a question."""
        joint = "&" if urlsplit(self.authorization_endpoint).query else "?"
        return f"{self.authorization_endpoint}{joint}{urlencode(question)}"


@dataclass(frozen=True, slots=True)
class Redemption:
    """A code, and all that it is bound to."""

    code: str = field(repr=False)
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    redirect_uri: str
    client_id: str
    secret: str | None = field(repr=False)
    tenants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom an upstream vouched for, by claims that were verified."""

    issuer: str
    subject: str = field(repr=False)
    email: str | None = field(repr=False, default=None)
    is_verified: bool = False
    name: str | None = field(repr=False, default=None)
    amr: tuple[str, ...] = ()
    auth_time: int | None = None
    claims: Mapping[str, object] = field(repr=False, default_factory=dict)

    @property
    def is_manifold(self) -> bool:
        """Tell whether more than one factor was asked for there."""
        return _MANIFOLD in self.amr

    @property
    def key(self) -> str:
        """Answer the one name of a person there (OpenID Connect Core 1.0, section 5.7)."""
        return json.dumps([self.issuer, self.subject])


def said(vouched: Vouched) -> dict[str, object]:
    """Answer what was vouched for, as plain members."""
    return {
        "issuer": vouched.issuer,
        "subject": vouched.subject,
        "email": vouched.email,
        "isVerified": vouched.is_verified,
        "name": vouched.name,
        "amr": list(vouched.amr),
        "authTime": vouched.auth_time,
        "claims": dict(vouched.claims),
    }


def read(members: Mapping[str, Any]) -> Vouched:
    """Answer what `said` wrote down."""
    return Vouched(
        issuer=members["issuer"],
        subject=members["subject"],
        email=members["email"],
        is_verified=members["isVerified"],
        name=members["name"],
        amr=tuple(members["amr"]),
        auth_time=members["authTime"],
        claims=members["claims"],
    )


def question_of(
    *,
    client_id: str,
    redirect_uri: str,
    state: str,
    nonce: str,
    challenge: str,
    wishes: Mapping[str, str],
) -> dict[str, str]:
    """Answer an authentication request (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636)."""
    return {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": _SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **wishes,
    }


def attributes_of(upstream: Upstream, vouched: Vouched) -> dict[str, str]:
    """Answer what an upstream says of a person, by the names that it has here.

    What is no text, number or truth is left out, and so is what is too long: nothing is cut.
    """
    found = {name: _text(vouched.claims.get(claim)) for name, claim in upstream.attributes.items()}
    return {name: text for name, text in found.items() if text and len(text) <= MAX_ATTRIBUTE}


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
