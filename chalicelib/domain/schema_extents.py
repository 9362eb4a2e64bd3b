"""Schema extents: what a payload schema grows to when its references are written out."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.payloads import JsonValue
from chalicelib.domain.schema_references import REFERENCES, References

_MOST_PARTS = 50_000  # with every reference written out
_DEEPEST = 200  # steps from one part of a schema to the next, references counted
# What these hold is found by names that are the payload's and no keywords.
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})


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
        self._references = References(schema)

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
            if name in REFERENCES and isinstance(value, str):
                yield from self._references.meant(value)
            elif name in _MAPS and isinstance(value, dict):
                yield from value.values()
            elif name not in {"$defs", "definitions"}:
                yield value
