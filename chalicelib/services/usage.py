"""Usage: what workspaces hold, as one process knows it without asking at every request."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from chalicelib.domain.errors import Contended, StoreUnavailable
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import (
    FLUSH_BYTES,
    FLUSH_SECONDS,
    FORGET_SECONDS,
    QUOTA_SHARDS,
    SETTINGS_AGE,
)
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.usage import UsageStore
from chalicelib.domain.quotas import Counts

_WORKSPACES = 1_000  # the most that are remembered; the one unused longest makes room


@dataclass(slots=True)
class _Sum:
    """The bytes that the store has counted, as far as this process knows, and when it asked."""

    read: int = 0
    read_at: float | None = None


@dataclass(slots=True)
class _Held:
    """What writes of this process have added and nobody else knows of yet."""

    difference: int
    since: int


class Usage:
    """Stored bytes are counted softly, so that no write waits for a counter.

    What writes add is held back here, counts at once in this process, and is brought to the
    store when it has grown large or old. What a process takes with it when it dies is found by
    the recount.
    """

    def __init__(self, *, clock: Clock, store: UsageStore) -> None:
        """Take the ports; what is remembered of others' writes is `SETTINGS_AGE` old at most."""
        self._clock = clock
        self._store = store
        self._lock = Lock()
        self._sums: OrderedDict[WorkspaceId, _Sum] = OrderedDict()
        # What is to be brought in next comes first: the largest, then the oldest.
        self._held: OrderedDict[WorkspaceId, _Held] = OrderedDict()

    def counts(self, workspace: WorkspaceId) -> Counts:
        """Read every counter of a workspace."""
        counts = self._store.counts(workspace)
        self.learn(workspace, counts.stored_bytes)
        return counts

    def knows(self, workspace: WorkspaceId) -> bool:
        """Tell whether the stored bytes are fresh enough to use without reading."""
        with self._lock:
            known = self._sums.get(workspace)
        if known is None or known.read_at is None:
            return False
        return self._clock.monotonic() - known.read_at < SETTINGS_AGE

    def learn(self, workspace: WorkspaceId, stored_bytes: int | None) -> None:
        """Keep the sum that rode along with another read."""
        if stored_bytes is not None:
            with self._lock:
                known = self._sum(workspace)
                known.read, known.read_at = stored_bytes, self._clock.monotonic()

    def stored_bytes(self, workspace: WorkspaceId) -> int:
        """Answer the bytes that a workspace's payloads have, with what is held back here."""
        if not self.knows(workspace):
            self.counts(workspace)
        with self._lock:
            held = self._held.get(workspace)
            return max(0, self._sum(workspace).read + (held.difference if held else 0))

    def count(self, workspace: WorkspaceId, difference: int) -> None:
        """Note what a transaction itself has added to the counters."""
        with self._lock:
            self._sum(workspace).read += difference

    def hold(self, workspace: WorkspaceId, difference: int) -> None:
        """Note by how much a write made a payload larger or smaller."""
        if difference == 0:
            return
        with self._lock:
            held = self._held.setdefault(workspace, _Held(0, self._clock.now()))
            held.difference += difference
            if held.difference == 0:
                del self._held[workspace]
            elif abs(held.difference) >= FLUSH_BYTES:
                self._held.move_to_end(workspace, last=False)
            while len(self._held) > _WORKSPACES:
                self._held.popitem(last=False)

    def settle(self) -> None:
        """Bring what has grown large or old to the store, of one workspace at most.

        It comes after what the caller asked for, and fails it in no way.
        """
        with self._lock:
            due = self._due()
            if due is None:
                return
            workspace, difference = due
            self._sum(workspace).read += difference
        try:
            self._store.add_bytes(workspace, difference, shard=secrets.randbelow(QUOTA_SHARDS))
        except Contended:
            self.count(workspace, -difference)
            self.hold(workspace, difference)
        except StoreUnavailable:
            # It may have been added. Twice would refuse an honest writer; the recount finds it.
            pass

    def _due(self) -> tuple[WorkspaceId, int] | None:
        now = self._clock.now()
        while self._held:
            workspace, held = next(iter(self._held.items()))
            age = now - held.since
            if abs(held.difference) < FLUSH_BYTES and age < FLUSH_SECONDS:
                return None
            del self._held[workspace]
            # A process that was frozen for long leaves it to the recount, which may have been.
            if age <= FORGET_SECONDS:
                return workspace, held.difference
        return None

    def _sum(self, workspace: WorkspaceId) -> _Sum:
        known = self._sums.setdefault(workspace, _Sum())
        self._sums.move_to_end(workspace)
        while len(self._sums) > _WORKSPACES:
            self._sums.popitem(last=False)
        return known
