"""Schemas: payloads judged by JSON Schema 2020-12, with nothing fetched and nothing echoed."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.adapters.schema_costs import REGEX_BYTES, Cost, cost_of, is_within
from chalicelib.domain.errors import MAX_FAULTS, Fault, pointer_of
from chalicelib.domain.payload_schemas import DIALECT
from chalicelib.domain.payloads import Payload
from chalicelib.domain.schema_extents import extent_of

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

_REMEMBERED = 16  # compiled schemas; each has 64 KiB of text at most
_MAX_DETAIL = 200  # characters
_FEW = 1_000  # values of a payload, each of which may bring errors before the first is shown
_MOST_ERRORS = 10_000  # were every value wrong in every part it meets; each takes 2 KB, 70 µs
_ERROR_BYTES = 16 * 1024 * 1024  # of values, which the library copies into each error
_TOO_LARGE_TO_TELL = "refused, and too large to be told where"
_TOO_MUCH = (
    "too large to be judged by this schema: send fewer values or shorter texts, or let the schema"
    " ask less of each"
)
# Within an error about these stand the errors of each branch, however many they are.
_BRANCHING = ('"anyOf"', '"oneOf"', "//json-schema.org/")
# With the value masked, the library's sentence about these holds words of the schema alone.
# Others name members of the payload, or print whole parts of the schema.
_TELLING = frozenset(
    {
        *("type", "enum", "const", "pattern", "required", "multipleOf", "uniqueItems"),
        *("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"),
        *("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"),
    }
)


class JsonSchemas:
    """Answers the port `Schemas`. Formats are annotations, as 2020-12 has it by default."""

    def __init__(self) -> None:
        """Start with no schema; the library is loaded with the first."""
        self._lock = Lock()
        self._compiled: OrderedDict[str, _Compiled] = OrderedDict()

    def examine(self, schema: str) -> Sequence[Fault]:
        from jsonschema_rs import ReferencingError, ValidationError  # noqa: PLC0415

        meta = self._known(json.dumps({"$ref": DIALECT})).validator
        faults = [
            _fault(error) for error in islice(meta.iter_errors(json.loads(schema)), MAX_FAULTS)
        ]
        if faults:
            return faults
        if extent_of(json.loads(schema)) is None:
            return [Fault("", "refers to its own parts too often or too deeply")]
        try:
            known = self._known(schema)
        except ValidationError as error:
            return [_unusable(error)]
        except (ReferencingError, ValueError):
            return [Fault("", "holds a reference that leads nowhere")]
        return known.cost.excess()

    def admits(self, schema: str, payload: Payload) -> bool:
        known = self._known(schema)
        # Where a schema refers to itself, this remembers what it has judged, and only this does.
        return known.cost.allows(payload) and known.validator.is_valid(payload)

    def faults(self, schema: str, payload: Payload) -> Sequence[Fault]:
        from jsonschema_rs import ValidationError  # noqa: PLC0415

        known = self._known(schema)
        if not known.cost.allows(payload):
            return [Fault("", _TOO_MUCH)]
        if known.is_tangled:
            # To look for every place would take twice as long with every level of the payload.
            return [Fault("", "refused by the schema, which refers to itself in several places")]
        if not known.cost.allows(payload, times=2):
            # It would be judged once more to find where.
            return [Fault("", _TOO_LARGE_TO_TELL)]
        each = known.cost.faults
        few = min(_FEW, _MOST_ERRORS // each)
        if is_within(payload, values=few, letters=_ERROR_BYTES // each, fractions=few):
            errors = known.validator.iter_errors(payload)
            return [_fault(error) for error in islice(errors, MAX_FAULTS)]
        # The library makes every error before it shows one: of a megabyte, gigabytes.
        is_branching = any(
            word in schema.replace(f'"$schema":"{DIALECT}', "") for word in _BRANCHING
        )
        if is_branching:
            return [Fault("", _TOO_LARGE_TO_TELL)]
        try:
            known.validator.validate(payload)
        except ValidationError as error:
            return [_fault(error)]
        return []

    def _known(self, schema: str) -> "_Compiled":
        with self._lock:
            known = self._compiled.get(schema)
            if known is not None:
                self._compiled.move_to_end(schema)
                return known
        made = _compile(schema)
        with self._lock:
            self._compiled[schema] = made
            while len(self._compiled) > _REMEMBERED:
                self._compiled.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class _Compiled:
    validator: "Draft202012Validator"
    is_tangled: bool
    cost: Cost


def _compile(schema: str) -> _Compiled:
    # Its 35 ms are for applications that have a schema.
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    text = json.loads(schema)
    extent = extent_of(text)
    validator = Draft202012Validator(
        text,
        # Whatever a schema refers to is in it: nobody makes us ask another server, or read a file.
        offline=True,
        # Matched in linear time, without look-around and back-references.
        pattern_options=RegexOptions(size_limit=REGEX_BYTES),
        validate_formats=False,
        mask="value",
    )
    return _Compiled(
        validator,
        is_tangled=extent is None or extent.loops > 1,
        cost=cost_of(text),
    )


def _fault(error: "ValidationError") -> Fault:
    keyword = error.kind.name
    told = error.message if keyword in _TELLING else f"refused by {keyword}"
    return Fault(pointer_of(error.instance_path), told[:_MAX_DETAIL])


def _unusable(error: "ValidationError") -> Fault:
    if error.kind.name == "format":
        return Fault(
            pointer_of(error.instance_path),
            "not a regular expression that is matched in linear time",
        )
    return Fault(pointer_of(error.instance_path), error.message[:_MAX_DETAIL])
