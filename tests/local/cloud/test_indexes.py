"""A query answers the same on both engines: order, pages, and items that change partition."""

from typing import Any

from tests.engines import Engine

Item = dict[str, Any]


def test_pages_of_a_partition_are_in_order_and_complete(engine: Engine) -> None:
    client, table = _filled(engine)
    for forward in (True, False):
        found = _paged(client, table, None, "PK = :v", "W#w1#U#1", forward=forward)
        assert found == sorted((f"S#notes#{n:02}" for n in range(0, 20, 2)), reverse=not forward)


def test_pages_of_an_index_are_in_order_and_complete(engine: Engine) -> None:
    client, table = _filled(engine)
    for forward in (True, False):
        found = _paged(client, table, "by_app", "appPK = :v", "W#w1#A#notes", forward=forward)
        assert found == sorted((f"S#notes#{n:02}" for n in range(20)), reverse=not forward)


def test_an_index_shows_only_what_it_projects(engine: Engine) -> None:
    client, table = _filled(engine)
    (item, *_) = _query(client, table, "by_app", "appPK = :v", "W#w1#A#notes")["Items"]
    assert item["status"] == {"S": "live"}
    assert "who" not in item
    (item, *_) = _query(client, table, "by_sid", "sidPK = :v", "W#w1#S#03")["Items"]
    assert set(item) == {"PK", "SK", "sidPK", "sidSK"}


def test_an_item_leaves_and_enters_index_partitions(engine: Engine) -> None:
    client, table = _filled(engine)
    key = {"PK": {"S": "W#w1#U#1"}, "SK": {"S": "S#notes#04"}}

    def due(shard: str) -> list[str]:
        return _paged(client, table, "by_expiry", "expPK = :v", shard, forward=True)

    assert due("X#1") == []
    client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET expPK = :pk, expSK = :sk",
        ExpressionAttributeValues={":pk": {"S": "X#1"}, ":sk": {"S": "1#04"}},
    )
    assert due("X#1") == ["S#notes#04"]
    client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET expPK = :pk",
        ExpressionAttributeValues={":pk": {"S": "X#2"}},
    )
    assert (due("X#1"), due("X#2")) == ([], ["S#notes#04"])
    # Without one of the index's keys an item is in no partition of it.
    client.update_item(TableName=table, Key=key, UpdateExpression="REMOVE expSK")
    assert due("X#2") == []
    client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET expSK = :sk",
        ExpressionAttributeValues={":sk": {"S": "1#04"}},
    )
    assert due("X#2") == ["S#notes#04"]
    client.delete_item(TableName=table, Key=key)
    assert due("X#2") == []
    batch = {"PutRequest": {"Item": {**key, "expPK": {"S": "X#2"}, "expSK": {"S": "1"}}}}
    client.batch_write_item(RequestItems={table: [batch]})
    assert due("X#2") == ["S#notes#04"]


def test_a_filter_is_applied_after_the_limit(engine: Engine) -> None:
    client, table = _filled(engine)
    found = client.query(
        TableName=table,
        KeyConditionExpression="PK = :pk AND begins_with(SK, :prefix)",
        FilterExpression="#size > :least",
        ExpressionAttributeNames={"#size": "size"},
        ExpressionAttributeValues={
            ":pk": {"S": "W#w1#U#1"},
            ":prefix": {"S": "S#notes#1"},
            ":least": {"N": "12"},
        },
        Limit=3,
    )
    assert found["ScannedCount"] == 3
    assert [item["SK"]["S"] for item in found["Items"]] == ["S#notes#14"]


def _filled(engine: Engine) -> tuple[Any, str]:
    client, table = engine.client("dynamodb"), f"secureflows-{engine.fresh_tables()}-sessions"
    for number in range(20):
        user, sid = number % 2 + 1, f"{number:02}"
        item: Item = {
            "PK": {"S": f"W#w1#U#{user}"},
            "SK": {"S": f"S#notes#{sid}"},
            "appPK": {"S": "W#w1#A#notes"},
            "createdSK": {"S": f"2026-01-01#{sid}"},
            "sidPK": {"S": f"W#w1#S#{sid}"},
            "sidSK": {"S": "HEAD"},
            "status": {"S": "live"},
            "size": {"N": str(number)},
            "who": {"B": b"sealed"},
        }
        client.put_item(TableName=table, Item=item)
    return client, table


def _query(
    client: Any, table: str, index: str | None, condition: str, value: str, **more: Any
) -> Any:
    given = {} if index is None else {"IndexName": index}
    return client.query(
        TableName=table,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":v": {"S": value}},
        **given,
        **more,
    )


def _paged(
    client: Any, table: str, index: str | None, condition: str, value: str, *, forward: bool
) -> list[str]:
    found: list[str] = []
    start: Item = {}
    while True:
        page = _query(
            client, table, index, condition, value, Limit=3, ScanIndexForward=forward, **start
        )
        found += [item["SK"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
