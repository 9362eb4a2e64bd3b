"""Stored tables in memory, as items."""

from collections.abc import Iterator, Sequence

from chalicelib.domain.errors import Duplicate
from chalicelib.domain.ports.records import Item

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

    def is_empty(self, table: str) -> bool:
        return not self.tables.get(table)
