"""An item can be changed up to DynamoDB's limit, and not beyond, on both engines."""

import pytest
from botocore.exceptions import ClientError

from tests.engines import Engine

KEY = {"PK": {"S": "W#large"}, "SK": {"S": "P"}}
MOST = 399 * 1024


def test_a_large_value_is_replaced_by_another_one(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-payloads"
    client = engine.client("dynamodb")
    for fill in (b"a", b"b"):
        client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": table,
                        "Key": KEY,
                        "UpdateExpression": "SET ct = :ct, ver = :ver",
                        "ExpressionAttributeValues": {
                            ":ct": {"B": fill * MOST},
                            ":ver": {"N": "1"},
                        },
                    }
                }
            ]
        )
    assert client.get_item(TableName=table, Key=KEY)["Item"]["ct"]["B"] == b"b" * MOST


def test_two_values_that_do_not_fit_together_are_refused(engine: Engine) -> None:
    table = f"secureflows-{engine.fresh_tables()}-payloads"
    client = engine.client("dynamodb")
    half = {"B": b"a" * (MOST // 2)}
    client.put_item(TableName=table, Item={**KEY, "ct": half})
    with pytest.raises(ClientError, match=r"(?i)size"):
        client.update_item(
            TableName=table,
            Key=KEY,
            UpdateExpression="SET ct2 = :other",
            ExpressionAttributeValues={":other": {"B": b"b" * (MOST // 2 + 4096)}},
        )
    assert client.get_item(TableName=table, Key=KEY)["Item"] == {**KEY, "ct": half}
