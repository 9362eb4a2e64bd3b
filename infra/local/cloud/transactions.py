"""Makes TransactWriteItems cost what it touches, all or nothing, and idempotent by its token.

moto copies every table of a transaction, with everything in it, to be able to go back. Here only
the items that a transaction names are remembered.
"""

import copy
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    DynamodbException,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from infra.local.cloud.indexes import reindex

Action = dict[str, Any]
Reason = tuple[str | None, str | None, dict[str, Any] | None]

MOST_ACTIONS = 100
TOKEN_LIFETIME = 600.0

_original_handler = DynamoHandler.transact_write_items


@dataclass(frozen=True, slots=True)
class Before:
    """What one item was before the transaction, and how long its table's stream was."""

    table: Table
    hash_key: DynamoType
    range_key: DynamoType | None
    item: Item | None
    stream_length: int

    def restore(self) -> None:
        """Put it back."""
        if self.range_key is not None:
            members = self.table.items[self.hash_key]
            if self.item is None:
                members.pop(self.range_key, None)
            else:
                members[self.range_key] = self.item
            reindex(self.table, self.hash_key, self.range_key)
        elif self.item is None:
            self.table.items.pop(self.hash_key, None)
        else:
            # A table without a sort key keeps the item itself there.
            self.table.items[self.hash_key] = self.item  # type: ignore[assignment]
        if self.table.stream_shard is not None:
            del self.table.stream_shard.items[self.stream_length :]


@dataclass(frozen=True, slots=True)
class Answered:
    """A transaction that succeeded: the digest of its actions, and until when it is remembered."""

    digest: str
    until: float


class CheckFailedError(Exception):
    """A condition does not hold; carries the item as it is, for whoever asked to see it."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        super().__init__("the condition does not hold")
        self.item = item


_answered: dict[tuple[str, str, str], Answered] = {}


def install() -> None:
    """Put these transactions in the place of moto's."""
    DynamoDBBackend.transact_write_items = _transact_write_items  # type: ignore[method-assign]
    DynamoHandler.transact_write_items = _handler  # type: ignore[method-assign]


def _handler(self: DynamoHandler) -> Any:  # noqa: ANN401
    token = self.body.get("ClientRequestToken")
    if not token:
        return _original_handler(self)
    now = time.monotonic()
    for old in [key for key, answered in _answered.items() if answered.until < now]:
        del _answered[old]
    name = (self.current_account, self.region, token)
    # Binary values arrive as bytes.
    actions = json.dumps(self.body["TransactItems"], sort_keys=True, default=bytes.hex)
    digest = hashlib.sha256(actions.encode()).hexdigest()
    if (answered := _answered.get(name)) is None:
        result = _original_handler(self)
        _answered[name] = Answered(digest, now + TOKEN_LIFETIME)
        return result
    if answered.digest != digest:
        raise DynamodbException(
            "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
            "The token was used with other actions within the last ten minutes.",
        )
    # Nothing is left to do: an empty transaction gives the answer in the form of this engine.
    self.body["TransactItems"] = []
    return _original_handler(self)


def _transact_write_items(self: DynamoDBBackend, transact_items: list[Action]) -> None:
    if len(transact_items) > MOST_ACTIONS:
        raise TooManyTransactionsException
    touched: dict[tuple[str, str], Before] = {}
    reasons: list[Reason] = []
    try:
        reasons.extend(_reason(self, each, touched) for each in transact_items)
    except Exception:
        _roll_back(touched)
        raise
    if any(code is not None for code, _, _ in reasons):
        _roll_back(touched)
        raise TransactionCanceledException(reasons)


def _roll_back(touched: dict[tuple[str, str], Before]) -> None:
    for before in reversed(touched.values()):
        before.restore()


def _reason(
    backend: DynamoDBBackend, entry: Action, touched: dict[tuple[str, str], Before]
) -> Reason:
    """Carry out one action and say why it failed, if it did."""
    if len(entry) != 1:
        raise TransactWriteSingleOpException
    kind, action = next(iter(entry.items()))
    try:
        _carry_out(backend, kind, action, touched)
    except (MultipleTransactionsException, MockValidationException):
        raise
    except ConditionalCheckFailed as failed:
        return "ConditionalCheckFailed", str(failed.message), None
    except CheckFailedError as failed:
        return "ConditionalCheckFailed", ConditionalCheckFailed().message, failed.item
    except DynamodbException as refused:
        return "ValidationError", str(refused.message), None
    return None, None, None


def _carry_out(
    backend: DynamoDBBackend, kind: str, action: Action, touched: dict[tuple[str, str], Before]
) -> None:
    name = action["TableName"]
    table = backend.get_table(name)
    key = {part: (action["Item"] if kind == "Put" else action["Key"])[part] for part in _key(table)}
    unique = (table.name, json.dumps(key, sort_keys=True))
    if unique in touched:
        raise MultipleTransactionsException
    current = backend.get_item(name, key)
    touched[unique] = _before(backend, table, key, current)
    _check(action, current)
    expressions: dict[str, Any] = {
        "condition_expression": action.get("ConditionExpression"),
        "expression_attribute_names": action.get("ExpressionAttributeNames"),
        "expression_attribute_values": action.get("ExpressionAttributeValues"),
    }
    if kind == "Put":
        backend.put_item(name, action["Item"], **expressions)
    elif kind == "Delete":
        backend.delete_item(name, key, **expressions)
    elif kind == "Update":
        backend.update_item(name, key, update_expression=action["UpdateExpression"], **expressions)
    elif kind != "ConditionCheck":
        raise MockValidationException(f"Unsupported transaction operation {kind}")


def _key(table: Table) -> list[str]:
    return [part for part in (table.hash_key_attr, table.range_key_attr) if part is not None]


def _before(
    backend: DynamoDBBackend, table: Table, key: dict[str, Any], current: Item | None
) -> Before:
    hash_key, range_key = backend.get_keys_value(table, key)
    # A copy, because an update changes the item in place.
    stream = 0 if table.stream_shard is None else len(table.stream_shard.items)
    return Before(table, hash_key, range_key, copy.deepcopy(current), stream)


def _check(action: Action, current: Item | None) -> None:
    condition = action.get("ConditionExpression")
    if condition is None:
        return
    holds = get_filter_expression(
        condition, action.get("ExpressionAttributeNames"), action.get("ExpressionAttributeValues")
    )
    if not holds.expr(current):
        wants_item = action.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        shown = current.to_json()["Attributes"] if wants_item and current is not None else None
        raise CheckFailedError(shown)
