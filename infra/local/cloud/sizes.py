"""Measures an item as it will be, where moto counts an attribute's old value with its new one.

With moto alone, an item of more than half the limit could be written and never changed.
"""

from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict

LIMIT = 400 * 1024  # bytes of names and values


def install() -> None:
    """Put this measure in the place of moto's."""
    LimitedSizeDict.__setitem__ = _set  # type: ignore[method-assign]


def _set(self: LimitedSizeDict, name: str, value: Any) -> None:  # noqa: ANN401
    others = sum(_size(key) + _size(kept) for key, kept in self.items() if key != name)
    if others + _size(name) + _size(value) > LIMIT:
        raise ItemSizeTooLarge
    dict.__setitem__(self, name, value)


def _size(part: object) -> int:
    return part.size() if isinstance(part, DynamoType) else len(str(part).encode())
