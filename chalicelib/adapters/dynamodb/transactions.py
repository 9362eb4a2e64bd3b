"""Writes: what a transaction is made of, as DynamoDB's request takes it.

In expressions every attribute is written `#name` and every value `:name`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from chalicelib.adapters.dynamodb.attributes import Fields, Item, Raw, written
from chalicelib.adapters.dynamodb.layout import Key, Table
from chalicelib.domain.errors import Stale

_NAME = re.compile(r"#(\w+)")

ABSENT = "attribute_not_exists(#PK)"
PRESENT = "attribute_exists(#PK)"


class Refused(Stale):
    """Conditions failed; `found` has what stood there instead, by the number of the write."""

    def __init__(self, found: Mapping[int, Item | None]) -> None:
        """Keep the items that were in the way; `None` is an item that is not there."""
        super().__init__("a condition failed")
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Writes a whole item, `PK` and `SK` among its fields."""

    table: Table
    item: Fields
    condition: str = ""
    values: Fields = field(default_factory=dict)

    def request(self, table_name: str) -> tuple[str, Raw]:
        """Answer the name of the action and its arguments."""
        item = {"Item": written(self.item)}
        return "Put", _arguments(table_name, item, self.condition, values=self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Changes attributes of an item; `names` are those that are data, such as a map's keys."""

    key: Key
    change: str
    condition: str = ""
    values: Fields = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """Answer the table of the item."""
        return self.key.table

    def request(self, table_name: str) -> tuple[str, Raw]:
        """Answer the name of the action and its arguments."""
        target = {"Key": key_fields(self.key), "UpdateExpression": self.change}
        return "Update", _arguments(
            table_name, target, self.condition, values=self.values, names=self.names
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Removes an item."""

    key: Key
    condition: str = ""
    values: Fields = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """Answer the table of the item."""
        return self.key.table

    def request(self, table_name: str) -> tuple[str, Raw]:
        """Answer the name of the action and its arguments."""
        target = {"Key": key_fields(self.key)}
        return "Delete", _arguments(table_name, target, self.condition, values=self.values)


Write: TypeAlias = Put | Update | Delete


def changing(fields: Fields) -> str:
    """Answer the change that sets fields, and removes those that are `None`."""
    kept = ", ".join(f"#{name} = :{name}" for name, value in fields.items() if value is not None)
    gone = ", ".join(f"#{name}" for name, value in fields.items() if value is None)
    return f"{f'SET {kept}' if kept else ''}{f' REMOVE {gone}' if gone else ''}"


def key_fields(key: Key) -> Raw:
    """Answer a key as DynamoDB takes it."""
    return written({"PK": key.pk, "SK": key.sk})


def names_in(expressions: str, given: Mapping[str, str]) -> dict[str, str]:
    """Answer the attribute behind every `#name` in expressions."""
    return {f"#{name}": given.get(name, name) for name in _NAME.findall(expressions)}


def _arguments(
    table_name: str,
    target: Raw,
    condition: str,
    *,
    values: Fields,
    names: Mapping[str, str] | None = None,
) -> Raw:
    arguments: Raw = {"TableName": table_name} | target
    if condition:
        arguments["ConditionExpression"] = condition
        arguments["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    expressions = f"{condition} {target.get('UpdateExpression', '')}"
    if found := names_in(expressions, names or {}):
        arguments["ExpressionAttributeNames"] = found
    if present := written(values):
        arguments["ExpressionAttributeValues"] = {f":{n}": value for n, value in present.items()}
    return arguments
