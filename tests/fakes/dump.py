"""Stored tables in memory, as items."""

from collections.abc import Iterator, Sequence

from chalicelib.adapters.dynamodb.dump import (
    ended,
    needs_payload,
    object_of,
    payload_of_head,
    pointing,
)
from chalicelib.domain.errors import Duplicate
from chalicelib.domain.objects import SealedObject, sha256
from chalicelib.domain.ports.records import Item
from chalicelib.domain.sessions import SessionRef

_PAGE = 2


class MemoryDump:
    """Answers `TableDump`; pages are small, so that a test sees more than one."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Item]] = {}

    def pages(self, table: str) -> Iterator[Sequence[Item]]:
        items = list(self.tables.get(table, []))
        for start in range(0, len(items), _PAGE):
            yield items[start : start + _PAGE]

    def load(self, table: str, items: Sequence[Item]) -> None:
        kept = self.tables.setdefault(table, [])
        there = {str((item["PK"], item["SK"])): item for item in kept}
        for item in items:
            known = there.get(str((item["PK"], item["SK"])))
            if known is None:
                kept.append(item)
            elif known != item:
                raise Duplicate("Another item is already there.")

    def object_of(self, item: Item) -> tuple[SessionRef, SealedObject] | None:
        return object_of(item)

    def pointing(self, item: Item, object_version: str) -> Item:
        return pointing(item, object_version)

    def mended(self, items: Sequence[Item], *, at: int) -> Sequence[Item]:
        payloads = self.tables.get("payloads", [])
        there = {str((item["PK"], item["SK"])) for item in payloads}

        def is_lost(item: Item) -> bool:
            if not needs_payload(item):
                return False
            key = payload_of_head(item)
            return str(({"S": key.pk}, {"S": key.sk})) not in there

        return [ended(item, at=at) if is_lost(item) else item for item in items]

    def is_empty(self, table: str) -> bool:
        return not self.tables.get(table)


def pointing_item(ref: SessionRef, key: str, version: str, body: bytes) -> Item:
    """Answer the row of a large payload."""
    partition = ref.partition
    pointer = {
        "key": {"S": key},
        "version": {"S": version},
        "length": {"N": str(len(body))},
        "sha256": {"S": sha256(body)},
    }
    return {
        "PK": {"S": f"W#{partition.workspace}#U#{partition.user}"},
        "SK": {"S": f"P#{partition.app}#{ref.sid}"},
        "ver": {"N": "1"},
        "writeId": {"S": "w"},
        "dkv": {"N": "1"},
        "object": {"M": pointer},
    }
