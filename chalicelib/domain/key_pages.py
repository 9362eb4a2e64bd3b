"""Pages of a payload's keys: names and sizes, in the order of the names."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.limits import KEY_PAGE_BYTES, KEYS_PER_PAGE
from chalicelib.domain.payloads import Payload


@dataclass(frozen=True, slots=True)
class KeySize:
    """One key, and the bytes of its value as JSON in UTF-8."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some keys of a payload at one version; `last` is where the next page goes on, if any."""

    version: int
    items: Sequence[KeySize]
    last: str | None


def key_page(
    payload: Payload, *, version: int, prefix: str, after: str | None, limit: int = KEYS_PER_PAGE
) -> KeyPage:
    """Answer the keys that start with `prefix` and sort behind `after`, at most `limit`.

    A position is a name and no number, so that keys may come and go between two pages.
    """
    names = sorted(
        name for name in payload if name.startswith(prefix) and (after is None or name > after)
    )
    items: list[KeySize] = []
    room = KEY_PAGE_BYTES
    for name in names[:limit]:
        room -= len(name.encode())
        if items and room < 0:
            break
        items.append(KeySize(name, _size(payload[name])))
    last = items[-1].key if len(items) < len(names) else None
    return KeyPage(version, items, last)


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
