"""Port to invites: kept by the digest of their secret, found by their id."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import InviteId, WorkspaceId
from chalicelib.domain.invites import Invite


class InviteStore(Protocol):
    """Invites of a workspace; whoever redeems one does so through `UserStore`."""

    def add(self, invite: Invite, event: AuditEvent) -> None:
        """Store a new invite with its audit event; raises `Stale` when id or digest is taken."""
        ...

    def get(self, workspace: WorkspaceId, digest: str) -> Invite | None:
        """Answer the invite of a secret's digest, read consistently."""
        ...

    def named(self, workspace: WorkspaceId, invite: InviteId) -> Invite | None:
        """Answer the invite of an id, read consistently."""
        ...

    def of(self, workspace: WorkspaceId, *, before: str | None, limit: int) -> Sequence[Invite]:
        """Answer the newest invites, those made `before` a position, from an index that lags."""
        ...

    def over(self, *, now: int, limit: int) -> Sequence[Invite]:
        """Find invites whose time is over, the first to end first, each until it lapses.

        From an index that lags; their addresses are not read.
        """
        ...

    def lapse(self, invite: Invite, event: AuditEvent | None) -> None:
        """Let one that is over be found no more, its address forgotten unless it made an account.

        Raises `Stale` unless its status still is that of `invite`.
        """
        ...

    def revoke(self, invite: Invite, event: AuditEvent) -> None:
        """Take an invite back, its address with it; raises `Stale` unless it is open."""
        ...
