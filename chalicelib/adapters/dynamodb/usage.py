"""What workspaces hold, in DynamoDB: counters, and the heads that they should agree with."""

from collections.abc import Iterator
from itertools import islice, product

from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.heads import (
    LISTED,
    WORKSPACE_SHARDS,
    by_workspace_pk,
    head_of,
    ref_of,
)
from chalicelib.adapters.dynamodb.layout import (
    BY_WORKSPACE,
    SESSIONS,
    Key,
    head_key,
    month_of,
    quota_key,
    quota_keys,
    seconds_sk,
)
from chalicelib.adapters.dynamodb.transactions import Update
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.quotas import Counter, Counts, QuotaKind
from chalicelib.domain.sessions import Head, SessionRef

_PAGE = 50  # DynamoDB counts the seeds that it leaves out, and a batch ends at 16 MB
_WEEK = 7 * 86_400


def add_bytes(shard: Key, difference: int) -> Update:
    """Answer the write that adds to a counter of stored bytes."""
    return Update(key=shard, change="ADD #count :bytes", values={"bytes": difference})


def counter_of(item: Item | None) -> Counter:
    """Answer the counter that an item holds; where there is none, nothing was counted."""
    return Counter() if item is None else Counter(item["count"], item.get("recountedAt", 0))


class DynamoUsage:
    """Answers `UsageStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def counts(self, workspace: WorkspaceId) -> Counts:
        keys = {kind: quota_keys(workspace, kind) for kind in QuotaKind}
        found = self._tables.get_all([key for shards in keys.values() for key in shards])
        counters = {
            kind: tuple(counter_of(found.get(key)) for key in shards)
            for kind, shards in keys.items()
        }
        return Counts(sessions=counters[QuotaKind.SESSIONS], stored=counters[QuotaKind.BYTES])

    def add_bytes(self, workspace: WorkspaceId, difference: int, *, shard: int) -> None:
        key = quota_key(workspace, QuotaKind.BYTES, shard)
        self._tables.update(add_bytes(key, difference), answer="ALL_NEW")

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
        first = "attribute_not_exists(#recountedAt) OR " if before.recounted_at == 0 else ""
        change = Update(
            key=quota_key(workspace, kind, shard),
            change="ADD #count :difference SET #recountedAt = :now",
            condition=f"{first}#recountedAt = :before",
            values={"difference": difference, "now": now, "before": before.recounted_at},
        )
        self._tables.update(change, answer="ALL_NEW")

    def heads(self, workspace: WorkspaceId, *, since: int, until: int) -> Iterator[Head]:
        refs = self._begun(workspace, since, until)
        while page := list(islice(refs, _PAGE)):
            found = self._tables.get_all([head_key(ref) for ref in page], only=LISTED)
            for ref in page:
                item = found.get(head_key(ref))
                if item is not None:
                    yield head_of(ref, item)

    def _begun(self, workspace: WorkspaceId, since: int, until: int) -> Iterator[SessionRef]:
        # '~' sorts behind every id, so the last second is in.
        between = {"low": seconds_sk(since, ""), "high": seconds_sk(until, "~")}
        for month, shard in product(_months(since, until), range(WORKSPACE_SHARDS)):
            rows = self._tables.query(
                SESSIONS,
                "#wsPK = :pk AND #createdSK BETWEEN :low AND :high",
                {"pk": by_workspace_pk(workspace, month, shard), **between},
                index=BY_WORKSPACE,
                only=(),
            )
            yield from map(ref_of, rows)


def _months(since: int, until: int) -> list[str]:
    # Steps that are shorter than any month miss none.
    steps = (*range(since, until, _WEEK), until)
    return sorted(set(map(month_of, steps)))
