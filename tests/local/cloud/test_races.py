"""One conditional put, many writers, one winner, on both engines."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engines import Engine

ROUNDS = 30
WRITERS = 8


def test_a_raced_conditional_put_has_exactly_one_winner(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-audit"
    client = engine.client("dynamodb")
    winners: list[int] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(ROUNDS):
            together = threading.Barrier(WRITERS)
            wins = pool.map(
                lambda writer, n=number, b=together: _claims(client, table, n, writer, b),
                range(WRITERS),
            )
            winners.append(sum(wins))
    assert winners == [1] * ROUNDS
    # The stream and the table agree: each round left one event and one claim.
    found = client.query(
        TableName=table,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": "W#race"}},
    )
    assert found["Count"] == 2 * ROUNDS


def test_counters_incremented_by_transactions_lose_nothing(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-sessions"
    client = engine.client("dynamodb")
    key = {"PK": {"S": "W#count"}, "SK": {"S": "N"}}

    def add_ten(_: int) -> None:
        done = 0
        while done < 10:
            try:
                client.update_item(
                    TableName=table,
                    Key=key,
                    UpdateExpression="ADD n :one",
                    ExpressionAttributeValues={":one": {"N": "1"}},
                )
                done += 1
            except client.exceptions.TransactionConflictException:
                continue

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(add_ten, range(WRITERS)))
    assert client.get_item(TableName=table, Key=key)["Item"]["n"] == {"N": str(10 * WRITERS)}


@pytest.mark.parametrize("losing", ["first", "last"])
def test_a_failed_transaction_leaves_nothing_behind(engine: Engine, losing: str) -> None:
    stage = engine.fresh_tables()
    sessions, audit = f"secureflows-{stage}-sessions", f"secureflows-{stage}-audit"
    client = engine.client("dynamodb")
    found_by = {"sidPK": {"S": "W#a#S#1"}, "sidSK": {"S": "HEAD"}}
    before = {"PK": {"S": "W#a"}, "SK": {"S": "S#1"}, "rev": {"N": "1"}, **found_by}
    removed = {"PK": {"S": "W#a"}, "SK": {"S": "S#2"}, **found_by, "sidPK": {"S": "W#a#S#2"}}
    for item in (before, removed):
        client.put_item(TableName=sessions, Item=item)
    impossible = {
        "ConditionCheck": {
            "TableName": sessions,
            "Key": {"PK": {"S": "W#a"}, "SK": {"S": "nowhere"}},
            "ConditionExpression": "attribute_exists(PK)",
        }
    }
    actions: list[dict[str, Any]] = [
        {
            "Update": {
                "TableName": sessions,
                "Key": {"PK": {"S": "W#a"}, "SK": {"S": "S#1"}},
                "UpdateExpression": "SET rev = :two, sidPK = :other",
                "ExpressionAttributeValues": {":two": {"N": "2"}, ":other": {"S": "W#a#S#9"}},
            }
        },
        {"Delete": {"TableName": sessions, "Key": {"PK": {"S": "W#a"}, "SK": {"S": "S#2"}}}},
        {"Put": {"TableName": audit, "Item": {"PK": {"S": "W#a"}, "SK": {"S": "01"}}}},
    ]
    actions.insert(0 if losing == "first" else len(actions), impossible)

    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(TransactItems=actions)

    codes = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert sorted(codes) == ["ConditionalCheckFailed", "None", "None", "None"]
    left = client.query(
        TableName=sessions,
        KeyConditionExpression="PK = :pk",
        ExpressionAttributeValues={":pk": {"S": "W#a"}},
    )["Items"]
    assert left == [before, removed]
    assert _by_sid(client, sessions, "W#a#S#1") == ["S#1"]
    assert _by_sid(client, sessions, "W#a#S#2") == ["S#2"]
    assert _by_sid(client, sessions, "W#a#S#9") == []
    assert client.scan(TableName=audit)["Count"] == 0


def test_a_refused_action_undoes_those_before_it(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-sessions"
    client = engine.client("dynamodb")
    item = {"PK": {"S": "W#b"}, "SK": {"S": "S#1"}, "name": {"S": "text"}}
    client.put_item(TableName=table, Item=item)
    with pytest.raises(ClientError):
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": {"PK": {"S": "W#b"}, "SK": {"S": "new"}}}},
                {
                    "Update": {
                        "TableName": table,
                        "Key": {"PK": {"S": "W#b"}, "SK": {"S": "S#1"}},
                        "UpdateExpression": "SET #name = #name + :one",
                        "ExpressionAttributeNames": {"#name": "name"},
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                },
            ]
        )
    assert client.scan(TableName=table)["Items"] == [item]


def test_a_repeated_token_applies_a_transaction_once(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-login"
    client = engine.client("dynamodb")
    key = {"PK": {"S": "W#c"}, "SK": {"S": "ROW"}}

    def add(amount: str) -> None:
        client.transact_write_items(
            ClientRequestToken="the-same-token",
            TransactItems=[
                {
                    "Update": {
                        "TableName": table,
                        "Key": key,
                        "UpdateExpression": "ADD n :amount",
                        "ExpressionAttributeValues": {":amount": {"N": amount}},
                    }
                }
            ],
        )

    add("1")
    add("1")
    assert client.get_item(TableName=table, Key=key)["Item"]["n"] == {"N": "1"}
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        add("2")
    assert client.get_item(TableName=table, Key=key)["Item"]["n"] == {"N": "1"}


def _claims(client: Any, table: str, number: int, writer: int, together: threading.Barrier) -> bool:
    together.wait()
    while True:
        try:
            client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": table,
                            "Item": {"PK": {"S": "W#race"}, "SK": {"S": f"claim-{number}"}},
                            "ConditionExpression": "attribute_not_exists(PK)",
                        }
                    },
                    {
                        "Put": {
                            "TableName": table,
                            "Item": {
                                "PK": {"S": "W#race"},
                                "SK": {"S": f"event-{number}-{writer}"},
                            },
                        }
                    },
                ]
            )
        except client.exceptions.TransactionCanceledException as cancelled:
            codes = {reason["Code"] for reason in cancelled.response["CancellationReasons"]}
            if "TransactionConflict" not in codes:
                return False
        else:
            return True


def _by_sid(client: Any, table: str, value: str) -> list[str]:
    found = client.query(
        TableName=table,
        IndexName="by_sid",
        KeyConditionExpression="sidPK = :value",
        ExpressionAttributeValues={":value": {"S": value}},
    )
    return [item["SK"]["S"] for item in found["Items"]]
