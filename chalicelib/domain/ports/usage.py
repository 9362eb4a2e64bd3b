"""Port to what workspaces hold: counters in shards, and the heads that they should agree with."""

from collections.abc import Iterator
from typing import Protocol

from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.quotas import Counter, Counts, QuotaKind
from chalicelib.domain.sessions import Head


class UsageStore(Protocol):
    """Counters. Creations and ends count in their own transactions, through `SessionStore`."""

    def counts(self, workspace: WorkspaceId) -> Counts:
        """Answer every counter, read consistently in one round trip."""
        ...

    def add_bytes(self, workspace: WorkspaceId, difference: int, *, shard: int) -> None:
        """Add to a counter of stored bytes; raises `Contended` when nothing was added."""
        ...

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
        """Add a difference to a counter, whatever others add to it at the same time.

        Raises `Stale` when somebody corrected it since `before` was read.
        """
        ...

    def heads(self, workspace: WorkspaceId, *, since: int, until: int) -> Iterator[Head]:
        """Answer the heads begun from `since` to `until`, found by index, each read consistently.

        It holds a page of them at a time, live and ended ones, without `who` and `seed`.
        """
        ...
