"""Expiry: ends sessions whose time has come; payloads and quota are given back."""

from collections.abc import Mapping

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import SessionRef, SessionStatus
from chalicelib.services.audit import Trail
from chalicelib.services.objects import Objects

# DynamoDB's own sweeper may take a row from then on, and an index hour ends up to an hour later.
_FARTHEST = GRACE_SECONDS + 3_600
# An index lags and clocks differ; a session that came due meanwhile lies within this.
_MARGIN = 3_600


class Expiry:
    """Nothing depends on its punctuality: every read and write compares the time by itself."""

    def __init__(
        self, *, clock: Clock, store: SessionStore, objects: Objects, trail: Trail
    ) -> None:
        """Take the ports; a new process does not know how far others came and looks far back."""
        self._clock = clock
        self._store = store
        self._objects = objects
        self._trail = trail
        self._done_until: int | None = None

    def sweep(self, *, limit: int) -> Mapping[str, int]:
        """End at most `limit` due sessions; answers how many, and how many it left.

        Every session is found by index, and judged by its head as it stands. The look back is
        two days at first and after trouble, an hour once everything before was seen to be done.
        Rows that DynamoDB removed in two days without this job took no event and left their
        quota counted.
        """
        now = self._clock.now()
        since = now - _FARTHEST
        if self._done_until is not None:
            since = max(since, self._done_until - _MARGIN)
        found = self._store.due(now=now, since=since, limit=limit)
        ended = overtaken = 0
        for ref in found:
            try:
                ended += self.end(ref)
            except (Stale, Contended):
                overtaken += 1
        is_done = overtaken == 0 and len(found) < limit
        self._done_until = now if is_done else None
        return {"found": len(found), "expired": ended, "overtaken": overtaken}

    def end(self, ref: SessionRef) -> int:
        """End a session if it is due, and answer how many that were; raises `Stale`."""
        now = self._clock.now()
        head = self._store.head(ref)
        if head is None or head.status is not SessionStatus.LIVE or head.is_live(now):
            return 0
        event = self._trail.of_session(
            AuditAction.SESSION_EXPIRED, ref, actor=SYSTEM, origin=Origin()
        )
        left = self._objects.of(head)
        self._store.expire(head, now=now, event=event)
        self._objects.remove(left)
        return 1
