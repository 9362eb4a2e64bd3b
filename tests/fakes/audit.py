"""The audit trail in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import RLock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId


class MemoryAudit:
    """Answers `AuditStore`; `events` has everything in the order in which it was recorded."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self._once: set[tuple[WorkspaceId, str, int]] = set()
        self._lock = RLock()

    def append(self, event: AuditEvent) -> None:
        with self._lock:
            if any(event.id == other.id for other in self.events):
                raise Stale
            self.events.append(event)

    def append_hourly(self, event: AuditEvent, kind: str) -> bool:
        with self._lock:
            once = (event.workspace, kind, event.at // 3_600_000)
            if once in self._once:
                return False
            self.append(event)
            self._once.add(once)
            return True

    def of_day(self, workspace: WorkspaceId, day: str) -> Sequence[AuditEvent]:
        with self._lock:
            found = [
                event
                for event in self.events
                if event.workspace == workspace and _day_of(event) == day
            ]
        return sorted(found, key=lambda event: event.id)


def _day_of(event: AuditEvent) -> str:
    return datetime.fromtimestamp(event.at / 1_000, UTC).strftime("%Y%m%d")
