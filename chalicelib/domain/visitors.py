"""Visitors: people who begin without an account, and keep their data by adding one later."""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import AWAITED_SECONDS
from chalicelib.domain.sessions import Person

_COOKIE = "__Host-sfv-"


class VisitorUse(StrEnum):
    """Whether people may begin with an application without an account."""

    OFF = "off"
    ALLOWED = "allowed"


class Visiting(StrEnum):
    """What the login's page may offer somebody without an account.

    To begin, to go on as the visitor of before, or where that is not possible here to add an
    account to what they have.
    """

    NONE = "none"
    OFFERED = "offered"
    CONTINUED = "continued"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Luggage:
    """What a visitor has where, by the names of applications.

    `new` is what an account would get by a copy; in `kept` it has something, which stays.
    """

    new: tuple[str, ...] = field(repr=False)
    kept: tuple[str, ...] = field(repr=False)

    @property
    def is_any(self) -> bool:
        """Tell whether there is something to choose about."""
        return bool(self.new or self.kept)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A visitor who is waited for until a time (epoch seconds), and erased some time after it."""

    person: Person
    until: int


def awaited_until(exp: int) -> int:
    """Answer when nothing is good any more that came of what was good until `exp`.

    A token that a cookie or a refresh token gave in its last second lives for a week.
    """
    return exp + AWAITED_SECONDS


def visitor_cookie(workspace: WorkspaceId) -> str:
    """Answer the name of the cookie by which a visitor is known.

    It stands beside the one of people who signed in: to sign in ends no visit.
    """
    return _COOKIE + workspace
