"""Refresh families: the chain of refresh tokens of one sign-in, of which one counts at a time."""

import hmac
import re
import secrets
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from chalicelib.domain.ids import FamilyId, GrantId, digest
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.limits import REFRESH_GRACE_SECONDS, REFRESH_SECONDS
from chalicelib.domain.sessions import Head, SessionRef
from chalicelib.domain.tokens import SignIn

_TOKEN = re.compile(r"sfr_(f[a-z2-7]{20})_[A-Za-z0-9_-]{43}")


class Standing(Enum):
    """What a shown token is to its family."""

    CURRENT = auto()
    REPEATED = auto()
    REUSED = auto()


@dataclass(frozen=True, slots=True)
class RefreshFamily:
    """One sign-in's refresh tokens: digests of the one that counts and of the one before it.

    `successor` is the current token itself, sealed, for a client that lost the answer. `key` is
    the thumbprint of the one key that may use it (RFC 9449, section 5).
    """

    id: FamilyId
    ref: SessionRef
    client_id: str
    grant: GrantId
    scope: str
    sign_in: SignIn
    current: str = field(repr=False)
    created_at: int
    rotated_at: int
    exp: int
    previous: str | None = field(repr=False, default=None)
    successor: Sealed | None = None
    is_ended: bool = False
    key: str | None = None

    @property
    def handle(self) -> str:
        """Answer what it is called to its person: whoever knows its id can have it ended."""
        return digest(self.id)

    def standing(self, token: str, *, now: int) -> Standing:
        """Tell what a token of this family's name is to it.

        Only who once held a token of the family knows its name, so one that fits nowhere was
        rotated away long ago: two hold it, and one of them stole it (RFC 9700, 4.14.2).
        """
        shown = digest(token)
        if hmac.compare_digest(shown, self.current):
            return Standing.CURRENT
        is_fresh = now < self.rotated_at + REFRESH_GRACE_SECONDS
        if is_fresh and hmac.compare_digest(shown, self.previous or ""):
            return Standing.REPEATED
        return Standing.REUSED

    def rotated(self, token: str, *, successor: Sealed, exp: int, now: int) -> "RefreshFamily":
        """Answer the family after another token took the place of the current one."""
        return replace(
            self,
            current=digest(token),
            previous=self.current,
            successor=successor,
            rotated_at=now,
            exp=exp,
        )


def new_refresh_token(family: FamilyId) -> str:
    """Make a token that names its family, with 32 random bytes behind."""
    return f"sfr_{family}_{secrets.token_urlsafe(32)}"


def family_named(token: str) -> FamilyId | None:
    """Answer the family that a text names, if it looks like a refresh token."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else FamilyId(found[1])


def idle_end(head: Head, *, now: int) -> int:
    """Answer when a token of now ends that nobody uses: never after its session."""
    idle = now + REFRESH_SECONDS
    return min(idle, head.exp) if head.exp else idle


def successor_place(family: RefreshFamily) -> Place:
    """Answer the only place in which a family's successor opens."""
    partition = family.ref.partition
    return Place(
        workspace=partition.workspace,
        user=partition.user,
        kind=KeyKind.IK,
        purpose="login",
        app=partition.app,
        session=family.ref.sid,
        row=family.id,
    )
