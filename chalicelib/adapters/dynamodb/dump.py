"""The dump: whole tables read and written as DynamoDB's own JSON, nothing opened."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib.adapters.dynamodb.attributes import Raw, read
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.heads import ref_of
from chalicelib.adapters.dynamodb.layout import PAYLOADS, TABLES, Key, Table
from chalicelib.adapters.dynamodb.payloads import payload_of
from chalicelib.adapters.dynamodb.transactions import ABSENT, Refused, names_in
from chalicelib.domain.backups import Item
from chalicelib.domain.errors import Contended, Duplicate
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import SessionRef, SessionStatus

# A transaction holds 100 actions and 4 MB; base64 makes an item look a third larger than it is.
_MAX_ACTIONS = 50
_MAX_BYTES = 3_000_000
# A megabyte of small rows at most. An emulator may look at all that is left for a page without end.
_PAGE = 1_000
_PLAIN = frozenset({"S", "N", "BOOL"})
_ASKED = 100  # keys that one BatchGetItem takes


class DynamoDump:
    """Answers `TableDump`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables
        self._known = {table.name: table for table in TABLES}

    def pages(self, table: str) -> Iterator[Sequence[Item]]:
        request: Raw = {"TableName": self._name(table), "ConsistentRead": True, "Limit": _PAGE}
        while True:
            page = self._tables.call("Scan", request)
            yield [_textual(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def load(self, table: str, items: Sequence[Item]) -> None:
        for lot in _lots([_binary(item) for item in items]):
            try:
                self._put_all(table, lot)
            except (Refused, Contended):
                for item in lot:
                    self._put_one(table, item)

    def object_of(self, item: Item) -> tuple[SessionRef, SealedObject] | None:
        return object_of(item)

    def pointing(self, item: Item, object_version: str) -> Item:
        return pointing(item, object_version)

    def mended(self, items: Sequence[Item], *, at: int) -> Sequence[Item]:
        open_heads = [item for item in items if needs_payload(item)]
        there = self._there([payload_of_head(head) for head in open_heads])
        lost = {payload_of_head(head) for head in open_heads} - there
        return [
            ended(item, at=at) if needs_payload(item) and payload_of_head(item) in lost else item
            for item in items
        ]

    def is_empty(self, table: str) -> bool:
        request: Raw = {"TableName": self._name(table), "ConsistentRead": True, "Limit": 1}
        while True:
            page = self._tables.call("Scan", request)
            if page["Items"]:
                return False
            if "LastEvaluatedKey" not in page:
                return True
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _there(self, keys: Sequence[Key]) -> set[Key]:
        found: set[Key] = set()
        for start in range(0, len(keys), _ASKED):
            found |= self._tables.get_all(keys[start : start + _ASKED], only=()).keys()
        return found

    def _put_all(self, table: str, items: Sequence[Raw]) -> None:
        puts = [{"Put": _absent(self._name(table), item)} for item in items]
        self._tables.call("TransactWriteItems", {"TransactItems": puts})

    def _put_one(self, table: str, item: Raw) -> None:
        try:
            self._tables.call("PutItem", _absent(self._name(table), item))
        except Refused as error:
            # What an interrupted restore wrote before is the same item, and stays.
            key = Key(self._known[table], item["PK"]["S"], item["SK"]["S"])
            if self._tables.get(key) != read(item):
                raise Duplicate("Another item is there.") from error

    def _name(self, table: str) -> str:
        known: Table = self._known[table]
        return self._tables.name(known)


def object_of(item: Item) -> tuple[SessionRef, SealedObject] | None:
    """Answer the object that an item points to, and whose it is."""
    if "object" not in item:
        return None
    known = read(_binary(item))
    if not known["SK"].startswith("P#"):
        return None
    ref = ref_of(known)
    sealed = payload_of(ref, known).sealed
    return (ref, sealed) if isinstance(sealed, SealedObject) else None


def pointing(item: Item, object_version: str) -> Item:
    """Answer an item that points to another version of its object."""
    pointer: Any = item["object"]
    return {**item, "object": {"M": {**pointer["M"], "version": {"S": object_version}}}}


def needs_payload(item: Item) -> bool:
    """Tell whether an item is the head of a live session whose data is in no seed."""
    known: Any = item
    is_live = known.get("status") == {"S": SessionStatus.LIVE}
    return is_live and known["SK"]["S"].startswith("S#") and "seed" not in known


def payload_of_head(head: Item) -> Key:
    """Answer where the payload of a head is."""
    known: Any = head
    return Key(PAYLOADS, known["PK"]["S"], f"P#{known['SK']['S'].removeprefix('S#')}")


def ended(head: Item, *, at: int) -> Item:
    """Answer a head as the end of its session would have left it."""
    kept = {name: value for name, value in head.items() if name not in {"expPK", "expSK"}}
    when = {"N": str(at)}
    return kept | {
        "status": {"S": SessionStatus.REVOKED.value},
        "endedAt": when,
        "endedBy": {"S": "restore"},
        "updatedAt": when,
        "ttl": {"N": str(at + GRACE_SECONDS)},
    }


def _absent(name: str, item: Raw) -> Raw:
    return {
        "TableName": name,
        "Item": item,
        "ConditionExpression": ABSENT,
        "ExpressionAttributeNames": names_in(ABSENT, {}),
    }


def _lots(items: Sequence[Raw]) -> Iterator[Sequence[Raw]]:
    lot: list[Raw] = []
    size = 0
    for item in items:
        grown = size + len(repr(item))
        if lot and (len(lot) == _MAX_ACTIONS or grown > _MAX_BYTES):
            yield lot
            lot, grown = [], len(repr(item))
        lot.append(item)
        size = grown
    if lot:
        yield lot


def _textual(raw: Raw) -> Item:
    return {name: _changed(value, _encoded) for name, value in raw.items()}


def _binary(item: Item) -> Raw:
    return {name: _changed(value, base64.b64decode) for name, value in item.items()}


def _changed(value: Any, change: Callable[[Any], object]) -> Raw:  # noqa: ANN401 - a raw value
    ((kind, inner),) = value.items()
    if kind in _PLAIN:  # most are, and there are millions of them
        return value  # type: ignore[no-any-return]
    match kind:
        case "B":
            return {kind: change(inner)}
        case "BS":
            return {kind: [change(one) for one in inner]}
        case "M":
            return {kind: {name: _changed(one, change) for name, one in inner.items()}}
        case "L":
            return {kind: [_changed(one, change) for one in inner]}
    return {kind: inner}


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
