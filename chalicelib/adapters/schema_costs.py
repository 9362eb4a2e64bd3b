"""Schema costs: how long a payload takes at worst, before it is held against its schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from chalicelib.domain.errors import Fault
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.payloads import JsonValue, Payload
from chalicelib.domain.schema_numbers import fraction_steps, hardness, words
from chalicelib.domain.schema_weights import Part, steps, weigh

REGEX_BYTES = 128 * 1024  # of one compiled pattern
# Nanoseconds that a pattern of such a size takes for each byte of a text, where every byte leads
# the matcher to where it has never been. Linear, and yet 28 seconds for four megabytes.
_REGEX_SIZES = (
    *((512, 40), (1_024, 80), (2_048, 160), (4_096, 330), (8_192, 650)),
    *((16_384, 1_000), (32_768, 1_900), (REGEX_BYTES, 6_700)),
)
_MOST_REGEX = 7_000  # nanoseconds for a byte of one text, of all patterns that it meets
_REGEX_BUDGET = 1_800_000_000  # nanoseconds: a payload of the usual size may meet any of them
_MOST_STEPS = 10_000  # of one value; each takes about 25 nanoseconds
_BUDGET = 20_000_000  # steps of a payload
_FRACTION_BUDGET = 60_000_000  # steps of the fractions in it, beside numbers of the schema


@dataclass(frozen=True, slots=True)
class Cost:
    """What a schema asks of one value at most, in steps, and of one byte of a text.

    `fraction` is what it asks of a fraction beside, in steps, and 0 where no number is compared;
    `faults` is how many a single value may have.
    """

    steps: int
    fraction: int
    faults: int
    regex: int

    def excess(self) -> Sequence[Fault]:
        """Answer what keeps a schema from being used, if there is something."""
        faults = []
        if self.steps > _MOST_STEPS:
            faults.append(
                Fault(
                    "",
                    "asks too much of one value: use fewer branches, literals and unevaluated"
                    " keywords where one value meets them all",
                )
            )
        if self.regex > _MOST_REGEX:
            faults.append(
                Fault(
                    "",
                    "holds too large patterns against one text: write maxLength instead of a"
                    " counted repetition",
                )
            )
        return faults

    def allows(self, payload: Payload, *, times: int = 1) -> bool:
        """Tell whether a payload is judged so many times in bearable time, whatever is in it."""
        values = _BUDGET // (self.steps * times)
        letters = _REGEX_BUDGET // (self.regex * times) if self.regex else MAX_PAYLOAD_BYTES
        is_cheap = values >= MAX_PAYLOAD_BYTES // 2 and letters >= MAX_PAYLOAD_BYTES
        if is_cheap and not self.fraction:
            return True
        fractions = _FRACTION_BUDGET // (max(1, self.fraction) * times)
        return is_within(payload, values=values, letters=letters, fractions=fractions)


def cost_of(schema: JsonValue) -> Cost:
    """Answer the cost of a schema whose extent is known to have an end."""
    asked, regex = weigh(schema, steps), weigh(schema, _regex_price)
    wrong, fraction = weigh(schema, _faults), weigh(schema, fraction_steps)
    if asked is None or wrong is None or regex is None or fraction is None:
        return Cost(_BUDGET + 1, 0, _BUDGET, 0)
    return Cost(max(1, asked.most), fraction.most, 1 + wrong.most, regex.most)


def is_within(payload: Payload, *, values: int, letters: int, fractions: int) -> bool:
    """Tell whether a payload has so few values, bytes of text in them, and fractions.

    Names count as values. Whole numbers that fit in no machine word count as many as they are
    long, times as many as there are of them.
    """
    rest: list[JsonValue] = [payload]
    length = 0
    while rest and values > 0 and letters >= 0 and fractions >= 0:
        value = rest.pop()
        if isinstance(value, str):
            letters -= len(value) if value.isascii() else 4 * len(value)
        elif isinstance(value, dict):
            values -= 2 * len(value)
            rest.extend(islice(value, max(0, values)))
            rest.extend(islice(value.values(), max(0, values)))
        elif isinstance(value, list):
            values -= len(value)
            rest.extend(islice(value, max(0, values)))
        elif isinstance(value, float):
            fractions -= hardness(value)
        elif isinstance(value, int) and (more := words(value)):
            values -= more * (2 * length + more)
            fractions -= more * more
            length += more
    return values > 0 and letters >= 0 and fractions >= 0


def _faults(part: Part) -> tuple[int, int]:
    names = part.get("required")
    return len(part) + (len(names) if isinstance(names, list) else 0), 1


def _regex_price(part: Part) -> tuple[int, int]:
    pattern, names = part.get("pattern"), part.get("patternProperties")
    own = _regex_nanoseconds(pattern) if isinstance(pattern, str) else 0
    return own, sum(map(_regex_nanoseconds, names)) if isinstance(names, dict) else 0


@lru_cache(maxsize=1_000)
def _regex_nanoseconds(pattern: str) -> int:
    from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError  # noqa: PLC0415

    for size, nanoseconds in _REGEX_SIZES:
        try:
            Draft202012Validator(
                {"pattern": pattern}, pattern_options=RegexOptions(size_limit=size), offline=True
            )
        except ValidationError:
            continue
        return nanoseconds
    return 0  # no pattern that is admitted
