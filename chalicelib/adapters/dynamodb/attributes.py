"""DynamoDB's attribute values, and the Python values they stand for."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

# A mapping's keys are strings of any kind, enumerations among them.
Value: TypeAlias = "str | int | bool | bytes | Mapping[Any, Value] | Sequence[Value] | None"
Fields: TypeAlias = Mapping[str, Value]
Item: TypeAlias = Mapping[str, Any]
Raw: TypeAlias = dict[str, Any]


def written(fields: Fields) -> Raw:
    """Answer fields as DynamoDB takes them; a `None` is an attribute that is not there."""
    return {name: _write(value) for name, value in fields.items() if value is not None}


def read(raw: Raw) -> Item:
    """Answer an item of DynamoDB as Python values; its numbers are whole ones."""
    return {name: _read(value) for name, value in raw.items()}


def _write(value: Value) -> Raw:
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(int(value))}
        case str():
            return {"S": str(value)}
        case bytes():
            return {"B": value}
        case Mapping():
            return {"M": written(value)}
        case Sequence():
            return {"L": [_write(one) for one in value]}
    raise TypeError(f"DynamoDB has no place for {type(value).__name__}")


def _read(raw: Raw) -> Value:
    ((kind, value),) = raw.items()
    match kind:
        case "S" | "BOOL":
            return value  # type: ignore[no-any-return]
        case "N":
            return int(value)
        case "B":
            return bytes(value)
        case "M":
            return read(value)
        case "L":
            return [_read(one) for one in value]
    raise TypeError(f"no item here holds the type {kind}")
