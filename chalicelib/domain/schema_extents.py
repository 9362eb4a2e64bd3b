"""Schema extents: what a payload schema grows to when its references are written out."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from chalicelib.domain.payloads import JsonValue, objects_in

_MOST_PARTS = 50_000  # with every reference written out
_DEEPEST = 200  # steps from one part of a schema to the next, references counted
_ODD = "?"
# What these hold is found by names that are the payload's and no keywords.
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
_NAMES = ("$id", "$anchor", "$dynamicAnchor")


@dataclass(frozen=True, slots=True)
class Extent:
    """What a schema grows to when its references are written out: its parts, and its loops.

    A loop is one way back to where one is. With two of them in one place the number of ways
    grows with every level of a payload.
    """

    parts: int
    loops: int


def extent_of(schema: JsonValue) -> Extent | None:
    """Answer the extent of a schema; `None` for one that grows beyond all bounds.

    Sixteen references to sixteen others, sixteen times over, are a schema of a few lines.
    """
    try:
        return _Extents(schema).of(schema, ())
    except OverflowError:
        return None


class _Extents:
    def __init__(self, schema: JsonValue) -> None:
        self._known: dict[int, Extent] = {}
        self._looked = 0
        self._outermost = 0
        # The whole schema is at `json-schema:///` unless it says where else.
        self._named = [("", schema)] + [
            (_tail(name), part)
            for part in objects_in(schema)
            for name in (part.get(keyword) for keyword in _NAMES)
            if isinstance(name, str)
        ]

    def of(self, part: JsonValue, above: tuple[int, ...]) -> Extent:
        if not isinstance(part, dict | list):
            return Extent(0, 0)
        if id(part) in above:
            self._outermost = min(self._outermost, above.index(id(part)))
            return Extent(1, 1)
        if id(part) in self._known:
            return self._known[id(part)]
        self._looked += 1
        if len(above) > _DEEPEST or self._looked > _MOST_PARTS:
            raise OverflowError
        around, self._outermost = self._outermost, len(above)
        here = (*above, id(part))
        parts, loops = 1, 0
        for each in self._behind(part):
            inner = self.of(each, here)
            parts, loops = parts + inner.parts, loops + inner.loops
            if parts > _MOST_PARTS:
                raise OverflowError
        extent = Extent(parts, loops)
        # What leads back further than here is as large as that only from where one came.
        if self._outermost == len(above):
            self._known[id(part)] = extent
        self._outermost = min(self._outermost, around)
        return extent

    def _behind(self, part: dict[str, JsonValue] | list[JsonValue]) -> Iterator[JsonValue]:
        if isinstance(part, list):
            yield from part
            return
        for name, value in part.items():
            if name in {"$ref", "$dynamicRef"} and isinstance(value, str):
                yield from self._meant(value)
            elif name in _MAPS and isinstance(value, dict):
                yield from value.values()
            elif name not in {"$defs", "definitions"}:
                yield value

    def _meant(self, reference: str) -> Iterator[JsonValue]:
        # Which of those with a like name is meant, the library decides: here each may be.
        where, _, within = reference.partition("#")
        if within and not within.startswith("/"):
            yield from self._called(_tail(within))
            return
        resources = {id(part): part for part in self._called(_tail(where) if where else _ODD)}
        for resource in resources.values():
            yield _at(resource, within)

    def _called(self, wanted: str) -> Iterator[JsonValue]:
        for name, part in self._named:
            if wanted == name or _ODD in {wanted, name}:
                yield part


def _tail(name: str) -> str:
    # Wherever a name is resolved from, its last step stays, if it is written plainly.
    before, _, last = name.rstrip("#").rpartition("/")
    tail = last.rpartition(":")[2]
    # Alone behind two slashes is a host, which has many spellings, like its scheme.
    is_host = before.endswith("/")
    return _ODD if "%" in name or "?" in name or tail in {".", ".."} or is_host else tail


def _at(part: JsonValue, pointer: str) -> JsonValue:
    for step in pointer.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(part, dict):
            part = part.get(name)
        elif isinstance(part, list) and name.isdecimal() and int(name) < len(part):
            part = part[int(name)]
        else:
            return None
    return part
