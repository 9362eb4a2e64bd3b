"""What activity leaves in DynamoDB, with which rights, and what happens in a crowd."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.activity import DynamoActivity
from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import ACTIVITY, Key
from chalicelib.domain.errors import Contended, StoreUnavailable
from tests.adapters.dynamodb.conftest import Call
from tests.builders import NOW, some_row
from tests.packaging.rights import allows, needs

DAY = 86_400
TODAY = NOW - NOW % DAY


@pytest.fixture
def store(tables: Tables) -> Iterator[DynamoActivity]:
    before = tables.on_call
    yield DynamoActivity(tables, SystemClock())
    tables.on_call = before


def partition(tables: Tables, pk: str) -> dict[str, Item]:
    return {item["SK"]: item for item in tables.query(ACTIVITY, "#PK = :pk", {"pk": pk})}


def test_a_row_lies_in_its_hour_for_ninety_days(tables: Tables, store: DynamoActivity) -> None:
    row = some_row(code=None)
    store.record(row.workspace, [row])
    shards = [partition(tables, f"W#{row.workspace}#2027011508#{n}") for n in range(4)]
    (item,) = [item for shard in shards for item in shard.values()]
    assert item["SK"] == row.id
    assert item["ttl"] == NOW + 90 * DAY
    assert "code" not in item
    assert (item["aid"], item["uid"], item["sid"]) == (row.app, row.user, row.sid)


def test_rows_of_an_hour_are_spread_over_four_partitions(
    tables: Tables, store: DynamoActivity
) -> None:
    first = some_row()
    store.record(first.workspace, [first, *(some_row(first.workspace) for _ in range(39))])
    sizes = [len(partition(tables, f"W#{first.workspace}#2027011508#{n}")) for n in range(4)]
    assert sum(sizes) == 40
    assert min(sizes) > 0


def test_counters_lie_in_their_day_for_25_months(tables: Tables, store: DynamoActivity) -> None:
    row = some_row(bytes_in=3)
    nobody = some_row(row.workspace, app=None, sid=None, user=None, caller="anyone", status=500)
    store.record(row.workspace, [row, nobody])
    items = partition(tables, f"W#{row.workspace}#N#20270115")
    twice = ("requests", "reads", "microseconds", "bytes_in", "bytes_out")
    expected = {f"notes#{metric}#{hour}" for metric in twice for hour in ("08", "ALL")}
    expected |= {"notes#active_sessions#ALL", "notes#active_users#ALL"}
    without = ("requests", "errors_5xx", "microseconds", "bytes_out")
    assert set(items) == expected | {f"-#{m}#{hour}" for m in without for hour in ("08", "ALL")}
    assert items["notes#bytes_in#ALL"]["count"] == 3
    for item in items.values():
        assert set(item) == {"PK", "SK", "ttl", "count"}
        # The hour's counters go some hours after the day's.
        assert 0 <= item["ttl"] - (TODAY + 775 * DAY) < DAY


def test_what_was_seen_is_remembered_for_seven_days(tables: Tables, store: DynamoActivity) -> None:
    row = some_row()
    store.record(row.workspace, [row])
    seen = tables.get(Key(ACTIVITY, f"SEEN#{row.event}", "ROW"))
    assert seen is not None
    assert seen["ttl"] == NOW + 7 * DAY
    for metric, of in (("active_sessions", row.sid), ("active_users", row.user)):
        pk = f"SEEN#{row.workspace}#20270115#notes#{metric}#{of}"
        shown = tables.get(Key(ACTIVITY, pk, "ROW"))
        assert shown is not None
        assert shown["ttl"] == TODAY + 7 * DAY


def test_the_policies_allow_what_is_done_and_the_api_could_not_do_it(
    store: DynamoActivity, calls: list[Call]
) -> None:
    row = some_row()
    store.record(row.workspace, [row])
    written = [need for call in calls for need in needs(*call)]
    calls.clear()
    store.rows(row.workspace, since=0, until=(NOW + 1) * 1_000, limit=3)
    store.counts(row.workspace, TODAY, app=row.app)
    read = [need for call in calls for need in needs(*call)]
    assert written
    assert read
    for need in written:
        assert allows("record_activity", need), need
        assert not allows("api_handler", need), need
    for need in read:
        assert allows("api_handler", need), need


def test_a_page_of_a_quiet_time_costs_a_query_a_day(
    store: DynamoActivity, calls: list[Call]
) -> None:
    row = some_row()
    store.record(row.workspace, [row])
    calls.clear()
    until = (NOW + 30 * DAY) * 1_000
    rows, more = store.rows(row.workspace, since=NOW * 1_000, until=until, limit=100)
    assert (rows, more) == ([row], None)
    assert {operation for operation, _ in calls} == {"Query"}
    assert len(calls) == 31 + 4


class InTheWay:
    """Lets transactions meet others until it is enough."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, operation: str, arguments: Any) -> None:
        del arguments
        if operation == "TransactWriteItems" and self.left:
            self.left -= 1
            raise Contended


def test_who_is_overtaken_counts_once_all_the_same(tables: Tables, store: DynamoActivity) -> None:
    row = some_row()
    tables.on_call = InTheWay(11)
    assert store.record(row.workspace, [row]) == 1
    assert store.record(row.workspace, [row]) == 0


def test_who_is_overtaken_without_end_gives_back_what_was_not_counted(
    tables: Tables, store: DynamoActivity
) -> None:
    row = some_row()
    tables.on_call = InTheWay(12)
    with pytest.raises(StoreUnavailable):
        store.record(row.workspace, [row])
    assert store.counts(row.workspace, TODAY) == {}
    assert store.record(row.workspace, [row]) == 1
