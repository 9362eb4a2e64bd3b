"""The audit trail in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId


class MemoryAudit:
    """Answers `AuditStore`; `events` has everything in the order in which it was recorded."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self._lock = Lock()

    def append(self, event: AuditEvent) -> None:
        with self._lock:
            if any(event.id == other.id for other in self.events):
                raise Stale
            self.events.append(event)

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
