"""Detours: a browser's way to an upstream and back, for the minutes that it takes."""

import re
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, Sealed, UserKeys
from chalicelib.domain.limits import CHALLENGE_SECONDS

_PREFIX = "__Host-sfo-"
_STATE = re.compile(r"[A-Za-z0-9_-]{43}")


class DetourKind(StrEnum):
    """Whether the browser is on its way, or back with somebody's word for the person.

    What another site posted waits until the browser fetches it, which shows whose it is.
    """

    OUT = "detour_out"
    POSTED = "detour_posted"
    BACK = "detour_back"


class Outcome(StrEnum):
    """What the login's page is told when the browser is back."""

    BACK = "back"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Detour:
    """One way there and back; `digest` is of the state, and after it of the browser's cookie.

    `bound` is the digest of the cookie on the way out, and of the authorisation request after
    it. What is sealed has a key of its own, whose holder is nobody yet.
    """

    digest: str
    workspace: WorkspaceId
    kind: DetourKind
    upstream: str
    issuer: str
    bound: str
    exp: int
    keys: UserKeys
    sealed: Sealed

    @property
    def begun_at(self) -> int:
        """Answer when the browser left."""
        return self.exp - CHALLENGE_SECONDS


def detour_place(workspace: WorkspaceId, holder: UserId) -> Place:
    """Answer the only place in which opens what a detour carries; its holder is nobody."""
    return Place(workspace=workspace, user=holder, kind=KeyKind.IK, purpose="login")


def detour_cookie(workspace: WorkspaceId) -> str:
    """Answer the name of the cookie that ties a detour to the browser that set out on it."""
    return _PREFIX + workspace


def is_state(text: str) -> bool:
    """Tell whether a text can be the state or the cookie of a detour."""
    return _STATE.fullmatch(text) is not None
