"""What workspaces hold, counted in memory beside the sessions themselves."""

from collections.abc import Iterator

from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import QUOTA_SHARDS
from chalicelib.domain.quotas import Counter, Counts, QuotaKind
from chalicelib.domain.sessions import Head
from tests.fakes.sessions import MemorySessions, listed


class MemoryUsage:
    """Answers `UsageStore`; `reads` counts how often the counters were asked for."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self._numbers = {QuotaKind.SESSIONS: sessions.counts, QuotaKind.BYTES: sessions.stored}
        self._marks: dict[tuple[QuotaKind, WorkspaceId, int], int] = {}
        self.reads = 0

    def counts(self, workspace: WorkspaceId) -> Counts:
        with self._sessions.lock:
            self.reads += 1
            counters = {
                kind: tuple(self._counter(kind, workspace, n) for n in range(QUOTA_SHARDS))
                for kind in QuotaKind
            }
        return Counts(sessions=counters[QuotaKind.SESSIONS], stored=counters[QuotaKind.BYTES])

    def add_bytes(self, workspace: WorkspaceId, difference: int, *, shard: int) -> None:
        with self._sessions.lock:
            self._sessions.stored[workspace, shard] += difference

    def correct(
        self,
        workspace: WorkspaceId,
        kind: QuotaKind,
        shard: int,
        *,
        difference: int,
        before: Counter,
        now: int,
    ) -> None:
        with self._sessions.lock:
            if self._marks.get((kind, workspace, shard), 0) != before.recounted_at:
                raise Stale
            self._numbers[kind][workspace, shard] += difference
            self._marks[kind, workspace, shard] = now

    def heads(self, workspace: WorkspaceId, *, since: int, until: int) -> Iterator[Head]:
        with self._sessions.lock:
            found = [
                listed(head)
                for ref, head in self._sessions.heads.items()
                if ref.partition.workspace == workspace and since <= head.created_at <= until
            ]
        yield from found

    def _counter(self, kind: QuotaKind, workspace: WorkspaceId, shard: int) -> Counter:
        return Counter(
            self._numbers[kind][workspace, shard], self._marks.get((kind, workspace, shard), 0)
        )
