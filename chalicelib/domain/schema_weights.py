"""Schema weights: how much of a payload schema one value of a payload may meet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from chalicelib.domain.payloads import JsonValue
from chalicelib.domain.schema_numbers import division_steps
from chalicelib.domain.schema_references import REFERENCES, References

Part: TypeAlias = dict[str, JsonValue]
# What one part alone costs a value, and what it costs each of the value's members.
Price: TypeAlias = Callable[[Part], tuple[int, int]]

_MOST_LOOKS = 50_000
_HERE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_MAPS_HERE = frozenset({"dependentSchemas", "dependencies"})
_LISTED = frozenset({"allOf", "anyOf", "oneOf"}) | _MAPS_HERE
_ONE_OF_THEM = frozenset({"properties", "prefixItems"})  # a value within meets one at most
_AGAIN = frozenset({"unevaluatedItems", "unevaluatedProperties"})  # ask once more what was asked
_NO_SCHEMAS = frozenset(
    {"const", "enum", "default", "examples", "required", "dependentRequired", "$defs"}
)
# Of about 25 nanoseconds: what a keyword costs more than that.
_STEPS = {"$ref": 4, "$dynamicRef": 4}
_UNIQUE = 6
_NUMBER = 30  # to compare one that may be no integer
_LIMITS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


@dataclass(frozen=True, slots=True)
class Weight:
    """What a value meets where a part is, what any one value within it may meet, and all of it.

    `apart` is all of it but what leads back to where one is, which is judged once for a value.
    """

    here: int = 0
    below: int = 0
    total: int = 0
    apart: int = 0

    @property
    def most(self) -> int:
        """Answer the most that one value may meet."""
        return max(self.here, self.below)

    def beside(self, other: "Weight") -> "Weight":
        """Answer the weight of both, for the same value."""
        return Weight(
            self.here + other.here,
            self.below + other.below,
            self.total + other.total,
            self.apart + other.apart,
        )

    def within(self) -> "Weight":
        """Answer the same as it weighs on the value around."""
        return Weight(0, self.most, self.total, self.apart)


def weigh(schema: JsonValue, price: Price) -> Weight | None:
    """Answer the weight of a schema; `None` for one that is beyond all bounds.

    References are written out. A part to which one comes back from within itself weighs as all
    that is in it, since any value there may meet all of that, though what leads back only once.
    """
    try:
        return _Weighing(schema, price).of(schema, ())
    except OverflowError:
        return None


def steps(part: Part) -> tuple[int, int]:
    """Answer in how many steps a value is held against a part, without the parts in it."""
    patterns = part.get("patternProperties")
    each = _UNIQUE if "uniqueItems" in part else 0
    each += len(patterns) if isinstance(patterns, dict) else 0
    return 1 + sum(_keyword_steps(name, value) for name, value in part.items()), each


def _keyword_steps(name: str, value: JsonValue) -> int:
    if name == "const":
        return _literal_steps(value)
    if name == "enum" and isinstance(value, list):
        # One kind of plain values is looked up at once, however many they are.
        kinds = {type(each) for each in value}
        return 2 if kinds in ({str}, {int}) else sum(map(_literal_steps, value))
    if name in {"required", "dependentRequired"}:
        return _literal_steps(value)
    if name == "multipleOf":
        return division_steps(value)
    if name in _LIMITS and isinstance(value, float):
        return _NUMBER
    branches = len(value) if name in _LISTED and isinstance(value, dict | list) else 0
    return _STEPS.get(name, 1) + branches


def _literal_steps(value: JsonValue) -> int:
    count, rest = 0, [value]
    while rest:
        each = rest.pop()
        if isinstance(each, dict | list):
            rest.extend(each.values() if isinstance(each, dict) else each)
        count += _NUMBER if isinstance(each, int | float) else 1
    return count


class _Weighing:
    def __init__(self, schema: JsonValue, price: Price) -> None:
        self._references = References(schema)
        self._price = price
        self._known: dict[int, Weight] = {}
        self._looked = 0
        self._outermost = 0
        self._met_again: set[int] = set()
        self._leading_back: dict[int, int] = {}

    def of(self, part: JsonValue, above: tuple[int, ...]) -> Weight:
        if not isinstance(part, dict):
            return Weight()
        if id(part) in above:
            self._met_again.add(id(part))
            self._outermost = min(self._outermost, above.index(id(part)))
            return Weight()
        if id(part) in self._known:
            return self._known[id(part)]
        self._looked += 1
        if self._looked > _MOST_LOOKS:
            raise OverflowError
        around, self._outermost = self._outermost, len(above)
        before = set(self._leading_back)
        own, each_member = self._price(part)
        weight = Weight(own, each_member, own + each_member, own + each_member)
        for each in self._weights(part, (*above, id(part))):
            weight = weight.beside(each)
        for _ in _AGAIN & part.keys():
            weight = weight.beside(weight)
        if id(part) in self._met_again or self._outermost < len(above):
            known = self._leading_back.get(id(part), 0)
            self._leading_back[id(part)] = max(known, weight.apart)
            weight = Weight(weight.total, weight.total, weight.total)
        if id(part) in self._met_again and self._outermost == len(above):
            inside = self._leading_back.keys() - before
            whole = min(weight.total, sum(map(self._leading_back.__getitem__, inside)))
            weight = Weight(whole, whole, whole, whole)
        # What leads back further than here weighs that only from where one came.
        if self._outermost == len(above):
            self._known[id(part)] = weight
        self._outermost = min(self._outermost, around)
        return weight

    def _weights(self, part: Part, here: tuple[int, ...]) -> Iterator[Weight]:
        for name, value in part.items():
            if name in REFERENCES and isinstance(value, str):
                yield from (self.of(each, here) for each in self._references.meant(value))
            elif name in _HERE or name in _MAPS_HERE:
                yield from (self.of(each, here) for each in _parts(name, value))
            elif name in _ONE_OF_THEM:
                found = [self.of(each, here) for each in _parts(name, value)]
                most = max((each.most for each in found), default=0)
                yield Weight(
                    0, most, sum(each.total for each in found), sum(each.apart for each in found)
                )
            elif name not in _NO_SCHEMAS:
                yield from (self.of(each, here).within() for each in _parts(name, value))


def _parts(name: str, value: JsonValue) -> Iterator[JsonValue]:
    is_map = name in _MAPS_HERE or name in {"properties", "patternProperties"}
    if isinstance(value, list):
        yield from value
    elif is_map and isinstance(value, dict):
        yield from value.values()
    else:
        yield value
