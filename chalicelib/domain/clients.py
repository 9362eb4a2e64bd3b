"""Clients: where an application runs, and how it proves to be itself."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import digest


class ClientKind(StrEnum):
    """Where an application runs; only a server can keep a secret (RFC 6749, section 2.1)."""

    BROWSER = "browser"
    NATIVE = "native"
    SERVER = "server"


class DpopUse(StrEnum):
    """Whether tokens are bound to a key of the client's (RFC 9449)."""

    OFF = "off"
    ALLOWED = "allowed"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of a server: what is stored of it, and the name by which it is removed."""

    id: str
    digest: str = field(repr=False)
    created_at: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client sent to prove who it is: an id, and a secret if it has one."""

    client_id: str
    secret: str | None = field(repr=False, default=None)


def fits(secret: str, stored: Iterable[ClientSecret]) -> bool:
    """Tell whether a secret is one of those stored, in a time that does not depend on which."""
    shown = digest(secret)
    matches = [hmac.compare_digest(shown, each.digest) for each in stored]
    return True in matches
