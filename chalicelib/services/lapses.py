"""Lapses: invites that made no account in their time forget whom they were for."""

from collections.abc import Mapping

from chalicelib.domain.audit import SYSTEM, AuditAction, AuditEvent, Origin
from chalicelib.domain.errors import Contended, Stale, StoreUnavailable
from chalicelib.domain.invites import Invite, InviteStatus
from chalicelib.domain.ports.invites import InviteStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.audit import Trail


class Lapses:
    """Nothing depends on its punctuality: an invite that is over permits nothing by itself."""

    def __init__(self, *, clock: Clock, store: InviteStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def sweep(self, *, limit: int) -> Mapping[str, int]:
        """Let at most `limit` invites lapse; answers how many did, and how many were left."""
        found = self._store.over(now=self._clock.now(), limit=limit)
        lapsed = 0
        for invite in found:
            try:
                self._store.lapse(invite, self._event(invite))
                lapsed += 1
            except (Contended, Stale, StoreUnavailable):
                continue
        return {"found": len(found), "lapsed": lapsed}

    def _event(self, invite: Invite) -> AuditEvent | None:
        # What became of the others was recorded when it did.
        if invite.status is not InviteStatus.OPEN:
            return None
        return self._trail.event(
            AuditAction.INVITE_EXPIRED,
            workspace=invite.workspace,
            actor=SYSTEM,
            origin=Origin(),
            app=invite.app,
            meta={"invite": invite.id},
        )
