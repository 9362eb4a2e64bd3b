"""Finds a partition's items without reading the whole table, as the embedded engine does not.

moto answers a Query by sorting and scanning every item. Here a Query is given the items of its own
partition only: those of a table are already kept apart, those of an index are kept apart here.
"""

from typing import Any
from weakref import WeakKeyDictionary

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

PartitionValue = tuple[str, Any]
ItemKey = tuple[DynamoType, DynamoType | None]

_original_query = Table.query
_original_all_items = Table.all_items
_original_sorted_items = Table.sorted_items
_original_put_item = Table.put_item
_original_delete_item = Table.delete_item
_original_update_item = DynamoDBBackend.update_item


class IndexPartitions:
    """The items of one secondary index, by the value of its partition key."""

    __slots__ = ("_attribute", "_partitions", "_where")

    def __init__(self, attribute: str) -> None:
        self._attribute = attribute
        self._partitions: dict[PartitionValue, dict[ItemKey, Item]] = {}
        self._where: dict[ItemKey, PartitionValue] = {}

    def place(self, key: ItemKey, item: Item | None) -> None:
        """Take note of what an item is now; None says that it is gone."""
        before = self._where.pop(key, None)
        if before is not None:
            members = self._partitions[before]
            del members[key]
            if not members:
                del self._partitions[before]
        value = item.attrs.get(self._attribute) if item is not None else None
        if item is not None and value is not None:
            now = (value.type, value.value)
            self._partitions.setdefault(now, {})[key] = item
            self._where[key] = now

    def items(self, value: DynamoType) -> list[Item]:
        """The items whose partition key has this value."""
        return list(self._partitions.get((value.type, value.value), {}).values())


# Beside the tables and not in them, so that a snapshot neither holds nor needs an index.
_of_table: WeakKeyDictionary[Table, dict[str, IndexPartitions]] = WeakKeyDictionary()
# What `all_items` answers while a Query is running; the launcher's lock makes this safe.
_narrowed: list[list[Item]] = []


def install() -> None:
    """Put the faster Query in the place of moto's."""
    Table.query = _query  # type: ignore[method-assign]
    Table.all_items = _all_items  # type: ignore[method-assign]
    Table.sorted_items = _sorted_items  # type: ignore[method-assign]
    Table.put_item = _put_item  # type: ignore[method-assign]
    Table.delete_item = _delete_item  # type: ignore[method-assign]
    DynamoDBBackend.update_item = _update_item  # type: ignore[method-assign]


def reindex(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    """Bring the indexes of a table up to date with what the table holds under one key."""
    indexes = _of_table.get(table)
    if indexes and range_key is not None:
        item = table.items[hash_key].get(range_key) if hash_key in table.items else None
        for index in indexes.values():
            index.place((hash_key, range_key), item)


def _query(self: Table, hash_key: DynamoType | None, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    candidates = _candidates(self, hash_key, args, kwargs)
    if candidates is None:
        return _original_query(self, hash_key, *args, **kwargs)
    _narrowed.append(candidates)
    try:
        return _original_query(self, hash_key, *args, **kwargs)
    finally:
        _narrowed.pop()


def _candidates(
    table: Table, hash_key: DynamoType | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[Item] | None:
    """The items that a Query can concern, or None where moto has to look for itself."""
    if not table.has_range_key:
        return None
    # The eighth parameter of Table.query, given by position or by name.
    name = args[6] if len(args) > 6 else kwargs.get("index_name")  # noqa: PLR2004
    if name is None:
        if hash_key is None or hash_key not in table.items:
            return []
        return list(table.items[hash_key].values())
    conditions = kwargs.get("hash_key_conditions") or []
    if len(conditions) != 1 or name not in {index.name for index in table.all_indexes()}:
        return None
    attribute, value = conditions[0]
    return _index(table, name, attribute).items(value)


def _index(table: Table, name: str, attribute: str) -> IndexPartitions:
    indexes = _of_table.setdefault(table, {})
    if name not in indexes:
        indexes[name] = IndexPartitions(attribute)
        for hash_key, members in table.items.items():
            for range_key, item in members.items():
                indexes[name].place((hash_key, range_key), item)
    return indexes[name]


def _all_items(self: Table) -> list[Item]:
    return _narrowed[-1] if _narrowed else _original_all_items(self)


def _sorted_items(
    self: Table, hash_key_attrs: list[str], range_key_attrs: list[str | None], items: list[Item]
) -> list[Item]:
    names = self._generate_attr_to_sort_by(hash_key_attrs, range_key_attrs)
    if any(item.attrs[name].type != "S" for item in items for name in names):
        return _original_sorted_items(self, hash_key_attrs, range_key_attrs, items)
    # Strings compare far faster than moto's wrappers of them, and in the same order.
    items.sort(key=lambda item: [item.attrs[name].value for name in names])
    return items


def _put_item(self: Table, *args: Any, **kwargs: Any) -> Item:  # noqa: ANN401
    item = _original_put_item(self, *args, **kwargs)
    reindex(self, item.hash_key, item.range_key)
    return item


def _delete_item(self: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
    item = _original_delete_item(self, hash_key, range_key)
    reindex(self, hash_key, range_key)
    return item


def _update_item(self: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Item:  # noqa: ANN401
    item = _original_update_item(self, table_name, *args, **kwargs)
    reindex(self.get_table(table_name), item.hash_key, item.range_key)
    return item
