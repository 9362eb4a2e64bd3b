"""Rows and counters of the access log, in memory."""

from collections import Counter as Sums
from collections.abc import Mapping, Sequence
from threading import Lock

from chalicelib.domain.activity import AccessRow, Counter, Sight, Span, sights, tallies
from chalicelib.domain.ids import AppId, WorkspaceId


class MemoryActivity:
    """Answers `ActivityStore`."""

    def __init__(self) -> None:
        self._rows: dict[str, AccessRow] = {}
        self._sights: set[tuple[WorkspaceId, Sight]] = set()
        self._counts: Sums[tuple[WorkspaceId, Counter]] = Sums()
        self._lock = Lock()

    def record(self, workspace: WorkspaceId, rows: Sequence[AccessRow]) -> int:
        with self._lock:
            return sum(self._take(workspace, row) for row in rows if row.event not in self._rows)

    def rows(
        self,
        workspace: WorkspaceId,
        *,
        since: int,
        until: int,
        before: str | None = None,
        limit: int,
    ) -> tuple[Sequence[AccessRow], str | None]:
        with self._lock:
            found = [
                row
                for row in self._rows.values()
                if row.workspace == workspace
                and since <= row.at < until
                and (before is None or row.id < before)
            ]
        found.sort(key=lambda row: row.id, reverse=True)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def counts(
        self, workspace: WorkspaceId, day: int, *, app: AppId | None = None
    ) -> Mapping[Counter, int]:
        with self._lock:
            return {
                counter: amount
                for (wid, counter), amount in self._counts.items()
                if wid == workspace
                and Span.DAY.start(counter.start) == day
                and app in {None, counter.app}
            }

    def _take(self, workspace: WorkspaceId, row: AccessRow) -> int:
        self._rows[row.event] = row
        for counter, amount in tallies(row).items():
            self._counts[workspace, counter] += amount
        for sight in sights(row):
            if (workspace, sight) not in self._sights:
                self._sights.add((workspace, sight))
                self._counts[workspace, sight.counter] += 1
        return 1
