"""How often the stores call DynamoDB, and with what."""

from dataclasses import replace

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import payload_key
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.ports.sessions import Extras
from tests.adapters.dynamodb.conftest import Call
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_payload,
    some_ref,
    some_sealed,
    some_write,
)
from tests.contracts.stores import Stores

HOUR = 3_600
EVERYTHING = Extras(workspace=True, gate=True, application=True, workspace_keys=True)


def test_a_read_is_one_consistent_call(stores: Stores, calls: list[Call]) -> None:
    stores.payloads.fetch(some_ref(), EVERYTHING)
    ((operation, asked),) = calls
    assert operation == "BatchGetItem"
    assert {
        name.rsplit("-", 1)[-1]: (len(request["Keys"]), request["ConsistentRead"])
        for name, request in asked["RequestItems"].items()
    } == {"sessions": (1, True), "payloads": (1, True), "keys": (2, True), "directory": (3, True)}


def test_a_read_that_needs_no_payload_is_one_call_and_leaves_it_alone(
    stores: Stores, calls: list[Call]
) -> None:
    stores.sessions.fetch(some_ref(), EVERYTHING)
    ((operation, asked),) = calls
    assert operation == "BatchGetItem"
    assert {name.rsplit("-", 1)[-1] for name in asked["RequestItems"]} == {
        "sessions",
        "keys",
        "directory",
    }


def test_a_read_asks_only_for_what_is_wanted(stores: Stores, calls: list[Call]) -> None:
    stores.payloads.fetch(some_ref(), Extras())
    ((_, asked),) = calls
    assert [len(request["Keys"]) for request in asked["RequestItems"].values()] == [1, 1, 1]


def test_each_change_is_one_transaction(stores: Stores, calls: list[Call]) -> None:
    head = some_head(seed=some_sealed(), exp=NOW + 60)
    stores.sessions.create(
        head, payload=None, latest=FIRST, shard_limit=9, event=some_event(head.ref)
    )
    stores.payloads.write(some_write(head, replaces=0), some_event(head.ref))
    last = some_write(head, replaces=1)
    stores.payloads.write(last, some_event(head.ref))
    after = head.without_grant(some_write(head, replaces=1).access.grant, until=NOW, now=NOW)
    stores.sessions.change_access(head, after, some_event(head.ref))
    ended = replace(after, size=last.size)
    stores.sessions.end(ended, by="owner", now=NOW, event=some_event(head.ref))
    assert [operation for operation, _ in calls] == ["TransactWriteItems"] * 5


def test_looking_for_what_is_due_reads_each_hour_once_and_no_more(
    stores: Stores, calls: list[Call]
) -> None:
    since = NOW + 7 * 366 * 24 * HOUR
    assert stores.sessions.due(now=since + 2 * HOUR, since=since, limit=100) == []
    assert [operation for operation, _ in calls] == ["Query"] * 8 * 3


def test_looking_for_what_is_due_stops_when_there_is_enough(
    stores: Stores, calls: list[Call]
) -> None:
    since = NOW + 9 * 366 * 24 * HOUR
    head = stores.add(some_head(exp=since))
    calls.clear()
    assert stores.sessions.due(now=since + 48 * HOUR, since=since, limit=1) == [head.ref]
    assert len(calls) <= 8


def test_a_write_that_stays_in_its_row_keeps_the_rows_ttl(tables: Tables, stores: Stores) -> None:
    head = some_head(exp=NOW + 60)
    stores.sessions.create(
        head,
        payload=some_payload(head.ref),
        latest=FIRST,
        shard_limit=9,
        event=some_event(head.ref),
    )
    stores.payloads.write(some_write(head, replaces=1), some_event(head.ref))
    item = tables.get(payload_key(head.ref))
    assert item is not None
    assert item["ttl"] == NOW + 60 + GRACE_SECONDS
