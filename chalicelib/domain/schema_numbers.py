"""Schema numbers: what the numbers of a payload cost beside those that a schema names."""

from math import frexp

from chalicelib.domain.payloads import JsonValue

_WORD = 64  # bits
_PLACES = 128  # bits of an exponent that make a fraction twice as hard
_FRACTION = 53  # bits
_STEPS_PER_BIT = 2.5  # of a divisor that is a fraction, which is exact like everything here
_FEW_BITS = 20  # of a divisor's exponent, by which whole numbers are divided at once
_LIMITS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
# Steps of a fraction, beside a whole number and beside each of many.
_COMPARED = 40
_LISTED = 60


def words(value: int) -> int:
    """Answer how long a whole number is that fits in no machine word, and 0 for others.

    To compare two of them takes as long as the product of their lengths, and among many each
    is compared with each.
    """
    bits = value.bit_length()
    return 0 if bits < _WORD else 1 + bits // _WORD


def hardness(value: float) -> int:
    """Answer how many plain fractions a fraction is worth."""
    return 1 + abs(frexp(value)[1]) // _PLACES


def division_steps(divisor: JsonValue) -> int:
    """Answer in how many steps a whole number is divided."""
    bits = 0 if _is_whole(divisor) else max(0, _exponent(divisor) - _FEW_BITS)
    return _COMPARED + int(_STEPS_PER_BIT * bits)


def fraction_steps(part: dict[str, JsonValue]) -> tuple[int, int]:
    """Answer in how many steps a plain fraction is held against a part's numbers.

    It is 0 where numbers are compared with none, nor with each other. Whole numbers are looked up
    in a list of such, and a fraction is compared with each.
    """
    return sum(_fraction_steps(name, value) for name, value in part.items()), 0


def _fraction_steps(name: str, value: JsonValue) -> int:
    if name == "enum" and isinstance(value, list):
        return _LISTED * sum(isinstance(each, int | float) for each in value)
    if name == "multipleOf" and not _is_whole(value):
        return int(_STEPS_PER_BIT * (_FRACTION + _exponent(value)))
    if name == "uniqueItems":
        return 1
    is_compared = name in _LIMITS or name in {"const", "multipleOf"}
    return _COMPARED if is_compared and isinstance(value, int | float) else 0


def _is_whole(value: JsonValue) -> bool:
    return not isinstance(value, float) or value.is_integer()


def _exponent(value: JsonValue) -> int:
    return abs(frexp(value)[1]) if isinstance(value, float) else 0
