"""Invites in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import RLock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import InviteId, UserId, WorkspaceId, is_part
from chalicelib.domain.invites import Invite, InviteStatus, Redemption
from chalicelib.domain.sessions import Person
from tests.fakes.audit import MemoryAudit


class MemoryInvites:
    """Answers `InviteStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self.lock = RLock()
        self._invites: dict[tuple[WorkspaceId, str], Invite] = {}
        self._lapsed: set[tuple[WorkspaceId, InviteId]] = set()

    def add(self, invite: Invite, event: AuditEvent) -> None:
        if not all(map(is_part, (invite.workspace, invite.digest, invite.id))):
            raise ValueError("not a part of a key")
        with self.lock:
            if self.get(invite.workspace, invite.digest) or self.named(invite.workspace, invite.id):
                raise Stale
            self._audit.append(event)
            self._invites[invite.workspace, invite.digest] = invite

    def get(self, workspace: WorkspaceId, digest: str) -> Invite | None:
        with self.lock:
            return self._invites.get((workspace, digest))

    def named(self, workspace: WorkspaceId, invite: InviteId) -> Invite | None:
        with self.lock:
            own = (each for each in self._invites.values() if each.workspace == workspace)
            return next((each for each in own if each.id == invite), None)

    def of(self, workspace: WorkspaceId, *, before: str | None, limit: int) -> Sequence[Invite]:
        with self.lock:
            own = [each for each in self._invites.values() if each.workspace == workspace]
        newest = sorted(own, key=lambda each: each.position, reverse=True)
        return [each for each in newest if before is None or each.position < before][:limit]

    def over(self, *, now: int, limit: int) -> Sequence[Invite]:
        with self.lock:
            left = [e for e in self._invites.values() if (e.workspace, e.id) not in self._lapsed]
        ended = sorted((each for each in left if each.exp <= now), key=lambda each: each.exp)
        return [replace(each, email=None) for each in ended[:limit]]

    def lapse(self, invite: Invite, event: AuditEvent | None) -> None:
        with self.lock:
            found = self.get(invite.workspace, invite.digest)
            if found is None or found.status is not invite.status:
                raise Stale
            if event is not None:
                self._audit.append(event)
            if found.status is not InviteStatus.REDEEMED:
                self._invites[invite.workspace, invite.digest] = found.lapsed()
            self._lapsed.add((invite.workspace, invite.id))

    def revoke(self, invite: Invite, event: AuditEvent) -> None:
        with self.lock:
            self.hold_open(invite)
            self._audit.append(event)
            self._invites[invite.workspace, invite.digest] = invite.revoked()

    def hold_open(self, invite: Invite, *, now: int = 0) -> None:
        """Refuse one that is not open any more."""
        found = self.get(invite.workspace, invite.digest)
        if found is None or found.status is not InviteStatus.OPEN or found.exp <= now:
            raise Stale

    def hold(self, redemption: Redemption | None) -> None:
        """Refuse to redeem what is not open any more."""
        if redemption is not None:
            self.hold_open(redemption.invite, now=redemption.event.at // 1_000)

    def forget(self, person: Person) -> None:
        """Let no invite say that a person used it."""
        with self.lock:
            for name, invite in list(self._invites.items()):
                if (name[0], invite.redeemed_by) == (person.workspace, person.user):
                    self._invites[name] = invite.forgotten()

    def redeem(self, redemption: Redemption | None, user: UserId) -> None:
        """Use one that is held open under the lock, for the transaction that makes the user."""
        if redemption is None:
            return
        invite = redemption.invite
        self._audit.append(redemption.event)
        self._invites[invite.workspace, invite.digest] = invite.redeemed(user)
