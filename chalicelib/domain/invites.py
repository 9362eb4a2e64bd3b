"""Invites: who may make an account where a workspace lets nobody in uninvited."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId, InviteId, UserId, WorkspaceId, digest
from chalicelib.domain.keys import KeyKind, Place, SealedApart

INVITE_SECRET = "sfi_"  # noqa: S105 - what its secrets begin with
NOBODY = "nobody"  # in the place of an address's keyed hash, once its person was erased
_COOKIE = "__Host-sfi-"
_SECRET = re.compile(r"sfi_[A-Za-z0-9_-]{43}")
_ID = re.compile(r"i[a-z2-7]{20}")
_POSITION = re.compile(r"[0-9]{10}#i[a-z2-7]{20}")


class InviteStatus(StrEnum):
    """What has become of an invite; one whose time is over still stands as open."""

    OPEN = "open"
    REDEEMED = "redeemed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Invite:
    """A permission to make one account; `address` is the keyed hash of whose it has to be.

    `email` is there while it is open: nobody needs it after, and its key goes with it. Of one that
    made no account nothing says in the end whom it was for.
    """

    id: InviteId
    workspace: WorkspaceId
    digest: str
    address: str
    created_at: int
    created_by: UserId
    exp: int
    email: SealedApart | None
    app: AppId | None = None
    status: InviteStatus = InviteStatus.OPEN
    redeemed_by: UserId | None = None

    @property
    def position(self) -> str:
        """Answer where it stands among those of its workspace, by the time of its making."""
        return f"{self.created_at:010d}#{self.id}"

    def is_open(self, now: int) -> bool:
        """Tell whether it still permits something."""
        return self.status is InviteStatus.OPEN and now < self.exp

    def revoked(self) -> "Invite":
        """Answer it as it stands when it was taken back."""
        return replace(self, status=InviteStatus.REVOKED, email=None)

    def forgotten(self) -> "Invite":
        """Answer it as it stands when the account that was made by it is no more."""
        return replace(self, address=NOBODY, redeemed_by=None)

    def lapsed(self) -> "Invite":
        """Answer it as it stands some time after its end, when it made no account."""
        return replace(self, address=NOBODY, email=None)

    def redeemed(self, user: UserId) -> "Invite":
        """Answer it as it stands when somebody has made an account by it."""
        return replace(self, status=InviteStatus.REDEEMED, redeemed_by=user, email=None)


@dataclass(frozen=True, slots=True)
class Redemption:
    """The use of an invite, in the transaction of the account that is made by it."""

    invite: Invite
    event: AuditEvent = field(repr=False)


def invited_place(workspace: WorkspaceId, holder: UserId) -> Place:
    """Answer the only place in which the address of an invite opens; its holder is nobody."""
    return Place(workspace=workspace, user=holder, kind=KeyKind.IK, purpose="invite")


def invite_cookie(workspace: WorkspaceId) -> str:
    """Answer the name of the cookie by which a browser shows an invite."""
    return _COOKIE + workspace


def shown_digest(secret: str) -> str | None:
    """Answer what is stored of an invite's secret; none for what cannot be one."""
    return digest(secret) if _SECRET.fullmatch(secret) else None


def invite_id_of(text: str) -> InviteId:
    """Answer the text as the id of an invite; raises `InvalidInput`."""
    if _ID.fullmatch(text) is None:
        raise InvalidInput("That is not the id of an invite.", Fault("/inviteId", "not an id"))
    return InviteId(text)


def position_of(text: str) -> str:
    """Answer the text as the position of an invite; raises `InvalidInput`."""
    if _POSITION.fullmatch(text) is None:
        raise InvalidInput("That is not a position.", Fault("/cursor", "not a position"))
    return text
