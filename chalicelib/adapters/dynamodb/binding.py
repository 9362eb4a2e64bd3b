"""The binding: one client of DynamoDB per process, and every call the stores make through it."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Literal, NoReturn, Protocol
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import VerboseClientError

from chalicelib.adapters.dynamodb.attributes import Fields, Item, Raw, read, written
from chalicelib.adapters.dynamodb.layout import TABLES, Index, Key, Table
from chalicelib.adapters.dynamodb.transactions import (
    Delete,
    Put,
    Refused,
    Update,
    Write,
    key_fields,
    names_in,
)
from chalicelib.domain.errors import Contended, StoreUnavailable

_BATCH_ATTEMPTS = 6
_BATCH_PAUSE = 0.02

_REFUSED = frozenset({"ConditionalCheckFailed", "ConditionalCheckFailedException"})
_CONTENDED = frozenset({"TransactionConflict", "TransactionConflictException"})
_UNAVAILABLE = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ResourceNotFoundException",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        # Our own transaction is still under way and may succeed: it must not be begun anew.
        "TransactionInProgressException",
    }
)
_FIRST_SERVER_ERROR = 500


class Connection(Protocol):
    """The part of pynamodb's connection that is used; `connections.py` makes them."""

    @property
    def client(self) -> Any:  # noqa: ANN401 - whatever the connection sends with
        """Answer what sends, made at the first call."""
        ...

    def dispatch(self, operation_name: str, operation_kwargs: Raw) -> Raw:
        """Send one operation and answer what came back."""
        ...


class Tables:
    """The tables of one stage. Thread-safe; `on_call` sees each operation before it is sent."""

    def __init__(
        self, *, stage: str, connection: Connection, pause: Callable[[float], None]
    ) -> None:
        """Take the stage, a connection and a way to wait; connects at the first call."""
        self.on_call: Callable[[str, Raw], None] = _unseen
        self._pause = pause
        self._names = {table: f"secureflows-{stage}-{table.name}" for table in TABLES}
        self._tables = {name: table for table, name in self._names.items()}
        self._lock = Lock()
        self._connection = connection

    def name(self, table: Table) -> str:
        """Answer a table's name in this stage."""
        return self._names[table]

    def get(self, key: Key, *, only: str | None = None) -> Item | None:
        """Answer an item, or one attribute of it, read consistently."""
        request: Raw = {
            "TableName": self.name(key.table),
            "Key": key_fields(key),
            "ConsistentRead": True,
        }
        if only is not None:
            request["ProjectionExpression"] = "#only"
            request["ExpressionAttributeNames"] = {"#only": only}
        found = self.call("GetItem", request).get("Item")
        return None if found is None else read(found)

    def get_all(
        self, keys: Sequence[Key], *, only: Sequence[str] | None = None
    ) -> Mapping[Key, Item]:
        """Answer the items that exist, of any tables, in one consistent round trip.

        Of each come all attributes, or its keys and `only` some. Keys that DynamoDB left
        unprocessed are asked for again; they are never taken for absent.
        """
        wanted: Raw = {}
        for key in keys:
            request = wanted.setdefault(
                self.name(key.table), {"Keys": [], "ConsistentRead": True, **_projection(only)}
            )
            request["Keys"].append(key_fields(key))
        found: dict[Key, Item] = {}
        for attempt in range(_BATCH_ATTEMPTS):
            if attempt:
                self._pause(_BATCH_PAUSE * 2**attempt * (1 + secrets.randbelow(100) / 100))
            answer = self.call("BatchGetItem", {"RequestItems": wanted})
            for name, items in answer["Responses"].items():
                for item in map(read, items):
                    found[Key(self._tables[name], item["PK"], item["SK"])] = item
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
        raise StoreUnavailable("The store is busy. Nothing was changed; try again in a moment.")

    def query(
        self,
        table: Table,
        condition: str,
        values: Fields,
        *,
        index: Index | None = None,
        limit: int | None = None,
        order: Literal["rising", "falling"] = "rising",
        only: Sequence[str] | None = None,
    ) -> Iterator[Item]:
        """Answer items in the order of their sort keys, at most `limit` of them.

        Of each come all attributes, or its keys and `only` some. A table is read consistently,
        an index cannot be.
        """
        arguments: Raw = {
            "TableName": self.name(table),
            "KeyConditionExpression": condition,
            **_projection(only),
            "ExpressionAttributeValues": {f":{n}": v for n, v in written(values).items()},
        }
        names = arguments.get("ExpressionAttributeNames", {})
        arguments["ExpressionAttributeNames"] = names | names_in(condition, {})
        arguments |= {"ConsistentRead": True} if index is None else {"IndexName": index.name}
        if order == "falling":
            arguments["ScanIndexForward"] = False
        left = limit
        while left is None or left > 0:
            page = self.call("Query", arguments if left is None else arguments | {"Limit": left})
            yield from map(read, page["Items"])
            if left is not None:
                left -= len(page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put(self, put: Put) -> None:
        """Write one item; raises `Refused`."""
        self._single("PutItem", put)

    def delete(self, delete: Delete) -> None:
        """Remove one item; raises `Refused`."""
        self._single("DeleteItem", delete)

    def update(self, update: Update, *, answer: Literal["ALL_OLD", "ALL_NEW"]) -> Item:
        """Change one item and answer it as it stood before or stands after; raises `Refused`."""
        _, arguments = update.request(self.name(update.table))
        attributes = self.call("UpdateItem", arguments | {"ReturnValues": answer})
        return read(attributes.get("Attributes", {}))

    def transact(self, writes: Sequence[Write]) -> None:
        """Do all of the writes or none; raises `Refused`, `Contended` or `StoreUnavailable`."""
        actions = [dict([write.request(self.name(write.table))]) for write in writes]
        # The token makes a repetition after a lost answer the same transaction, not a second one.
        self.call(
            "TransactWriteItems",
            {"TransactItems": actions, "ClientRequestToken": str(uuid4())},
        )

    def call(self, operation: str, arguments: Raw) -> Raw:
        """Send one operation, and translate what the vendor says went wrong."""
        self.on_call(operation, arguments)
        with self._lock:
            _ = self._connection.client  # made once: making it is not thread-safe
        try:
            # Capacity is not asked for: nobody here reads it.
            answer = self._connection.dispatch(
                operation, arguments | {"ReturnConsumedCapacity": "NONE"}
            )
        except VerboseClientError as error:
            _translate(error)
        except BotoCoreError as error:
            raise StoreUnavailable("The store did not answer. Try again in a moment.") from error
        return answer

    def _single(self, operation: str, write: Put | Delete) -> None:
        _, arguments = write.request(self.name(write.table))
        self.call(operation, arguments)


def _projection(only: Sequence[str] | None) -> Raw:
    if only is None:
        return {}
    named = {f"#{name}": name for name in ("PK", "SK", *only)}
    return {"ProjectionExpression": ", ".join(named), "ExpressionAttributeNames": named}


def _unseen(operation: str, arguments: Raw) -> None:
    del operation, arguments


def _translate(error: VerboseClientError) -> NoReturn:
    # pynamodb's own error leaves out the answer's status and the item of a single write.
    answer = error.__cause__.response if isinstance(error.__cause__, ClientError) else {}
    code: str = error.response["Error"].get("Code", "")
    if code in _REFUSED:
        raise Refused({0: read(answer["Item"]) if "Item" in answer else None}) from error
    reasons = error.cancellation_reasons
    found = {
        number: read(reason.raw_item) if reason.raw_item else None
        for number, reason in enumerate(reasons)
        if reason is not None and reason.code in _REFUSED
    }
    if found:
        raise Refused(found) from error
    codes = {code} | {reason.code for reason in reasons if reason is not None}
    if codes & _CONTENDED:
        raise Contended("another transaction held an item") from error
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if codes & _UNAVAILABLE or status >= _FIRST_SERVER_ERROR:
        raise StoreUnavailable("The store is busy. Try again in a moment.") from error
    raise error
