"""Costs of schemas: no schema that is admitted keeps a payload waiting, whoever wrote it."""

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.adapters.schema_costs import cost_of
from chalicelib.adapters.schemas import JsonSchemas

# Without any order, so that a matcher is never where it was.
LETTERS = "".join(random.Random(1).choices("ab", k=4_000_000))  # noqa: S311


@pytest.fixture(scope="module")
def schemas() -> JsonSchemas:
    return JsonSchemas()


def items(schema: object) -> dict[str, Any]:
    return {"properties": {"a": {"items": schema}}}


def unevaluated(levels: int) -> Any:
    schema: Any = {"type": "object"}
    for _ in range(levels):
        branches = [{"properties": {"a": schema}}]
        schema = {"anyOf": branches, "unevaluatedProperties": False}
    return schema


def part(number: int) -> str:
    return f"#/$defs/p{number}"


def named_again(times: int) -> Any:
    """Two hundred references to what asks much of one value."""
    many = {"allOf": [{"minimum": -n} for n in range(times)]}
    return {"allOf": [{"$ref": part(0)}] * 200, "$defs": {"p0": many}}


@pytest.mark.parametrize(
    ("schema", "hint"),
    [
        (items({"allOf": [{"const": 2.5}] * 400}), "fewer branches"),
        (named_again(60), "fewer branches"),
        ({"enum": [*map(str, range(11_000)), 1]}, "fewer branches"),
        (unevaluated(12), "fewer branches"),
        ({"allOf": [{"pattern": "[ab]*a[ab]{900}[cd]"}] * 2}, "maxLength"),
        ({"patternProperties": {f"[ab]*a[ab]{{{n}}}[cd]": {} for n in range(900, 905)}}, "max"),
    ],
)
def test_a_schema_that_asks_too_much_of_one_value_is_refused_with_what_to_do(
    schemas: JsonSchemas, schema: object, hint: str
) -> None:
    (fault,) = schemas.examine(json.dumps(schema))
    assert hint in fault.detail


def ones(count: int) -> Any:
    return {"a": [1] * count}


def halves(count: int) -> Any:
    return {"a": [0.5] * count}


def letters(count: int) -> Any:
    return {"a": LETTERS[:count]}


WORST: dict[str, tuple[Any, Callable[[int], Any]]] = {
    "branches of numbers": (items({"anyOf": [*({"const": n} for n in range(2, 50)), {}]}), ones),
    "counted branches": (items({"oneOf": [{"const": n} for n in range(1, 50)]}), ones),
    "limits": (items({"allOf": [{"minimum": 0}] * 50}), ones),
    "steps of a fraction": (items({"anyOf": [*([{"multipleOf": 0.7}] * 9), {}]}), halves),
    "a pattern with many states": (
        {"properties": {"a": {"pattern": "[ab]*a[ab]{200}[cd]"}}},
        letters,
    ),
    "several ways back": (
        {"properties": {"a": {"$ref": "#"}}, "allOf": [{"items": {"$ref": "#"}}] * 20},
        ones,
    ),
}


@pytest.mark.parametrize("name", WORST)
def test_the_largest_payload_that_a_schema_judges_is_judged_in_time(
    schemas: JsonSchemas, name: str
) -> None:
    schema, payload = WORST[name]
    text = json.dumps(schema)
    assert schemas.examine(text) == []
    cost = cost_of(json.loads(text))
    fits, beyond = 0, 2_000_000 if payload is not letters else len(LETTERS)
    assert not cost.allows(payload(beyond))
    while beyond - fits > 1_000:
        middle = (fits + beyond) // 2
        fits, beyond = (middle, beyond) if cost.allows(payload(middle)) else (fits, middle)
    assert fits > 10_000
    worst = payload(fits)
    started = time.process_time()
    schemas.admits(text, worst)
    schemas.faults(text, worst)
    assert time.process_time() - started < 5  # a busy machine; a second or two on one of its own
    (fault,) = schemas.faults(text, payload(beyond))
    assert not schemas.admits(text, payload(beyond))
    assert "too large to be judged by this schema" in fault.detail


LONG = 10**4_000
NUMBERS: dict[str, tuple[Any, Callable[[int], list[float]]]] = {
    "long ones, each beside each": ({"uniqueItems": True}, lambda n: [2**70 + i for i in range(n)]),
    "longest ones, each beside each": (
        {"uniqueItems": True},
        lambda n: [LONG + i for i in range(n)],
    ),
    "longest ones and limits": ({"items": {"allOf": [{"minimum": 0}] * 50}}, lambda n: [LONG] * n),
    "fractions and limits": ({"items": {"allOf": [{"minimum": 0.5}] * 90}}, lambda n: [0.7] * n),
    "fractions in a list": (
        {"items": {"anyOf": [{"enum": [*range(900)]}, {}]}},
        lambda n: [0.5] * n,
    ),
    "fractions in steps": (
        {"items": {"anyOf": [{"multipleOf": 0.01}, {}]}},
        lambda n: [1.7976931348623157e308] * n,
    ),
    "smallest steps": ({"items": {"multipleOf": 1e-300}}, lambda n: [7] * n),
    "smallest steps of fractions": (
        {"items": {"anyOf": [{"multipleOf": 1e-300}, {}]}},
        lambda n: [1e-300] * n,
    ),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_as_many_numbers_as_a_schema_judges_are_judged_in_time(
    schemas: JsonSchemas, name: str
) -> None:
    schema, numbers = NUMBERS[name]
    text = json.dumps({"properties": {"a": schema}})
    assert schemas.examine(text) == []
    cost = cost_of(json.loads(text))
    fits, beyond = 0, 20_000 if numbers(1)[0] in {2**70, LONG} else 600_000
    assert not cost.allows({"a": [*numbers(beyond)]})
    while beyond - fits > 1:
        middle = (fits + beyond) // 2
        fits, beyond = (
            (middle, beyond) if cost.allows({"a": [*numbers(middle)]}) else (fits, middle)
        )
    started = time.process_time()
    schemas.admits(text, {"a": [*numbers(fits)]})
    assert time.process_time() - started < 5  # a busy machine; a second or two on one of its own
    (fault,) = schemas.faults(text, {"a": [*numbers(beyond)]})
    assert "too large to be judged by this schema" in fault.detail


def test_numbers_as_people_have_them_are_judged(schemas: JsonSchemas) -> None:
    one = {
        "price": {"type": "number", "multipleOf": 0.01, "minimum": 0},
        "year": {"enum": [*range(1990, 2031)]},
        "share": {"exclusiveMinimum": 0.5, "maximum": 1},
        "id": {"type": "integer"},
    }
    schema = json.dumps({"properties": {"a": {"uniqueItems": True, "items": {"properties": one}}}})
    row: Any = {"price": 7.49, "year": 2026, "share": 0.75}
    assert schemas.admits(schema, {"a": [{**row, "id": 2**62 + n} for n in range(4_000)]})
    assert schemas.admits(schema, {"a": [{**row, "id": 2**64 + n} for n in range(100)]})
    faults = schemas.faults(schema, {"a": [{**row, "share": 0.25}]})
    assert [fault.pointer for fault in faults] == ["/a/0/share"]


def test_a_refusal_copies_no_large_text_for_each_of_its_faults(schemas: JsonSchemas) -> None:
    text = json.dumps({"properties": {"a": {"allOf": [{"maxLength": n} for n in range(200)]}}})
    assert len(schemas.faults(text, {"a": LETTERS[:5_000]})) == 20
    (fault,) = schemas.faults(text, {"a": LETTERS})
    assert fault.pointer == "/a"


def test_a_large_schema_as_people_write_them_judges_large_payloads(schemas: JsonSchemas) -> None:
    kinds = {
        f"kind{n}": {
            "type": "object",
            "required": ["kind", "name"],
            "properties": {
                "kind": {"const": f"kind{n}"},
                "name": {"type": "string", "pattern": "^[A-Z][a-z]+$", "maxLength": 100},
                "price": {"type": "number", "multipleOf": 0.01, "minimum": 0},
                "country": {"enum": [f"C{c}" for c in range(250)]},
                **{f"field{m}": {"type": ["string", "null"]} for m in range(20)},
                "parent": {"$ref": "#/$defs/address"},
            },
            "additionalProperties": False,
        }
        for n in range(20)
    }
    address = {"type": "object", "properties": {"street": {"type": "string"}}}
    places = {f"place{n}": {"$ref": "#/$defs/address"} for n in range(20)}
    schema = {
        "type": "object",
        "properties": {
            **places,
            "all": {"items": {"oneOf": [{"$ref": f"#/$defs/kind{n}"} for n in range(20)]}},
        },
        "patternProperties": {f"^x-{n}-": {"type": "string"} for n in range(20)},
        "$defs": {"address": address, **kinds},
    }
    text = json.dumps(schema)
    assert schemas.examine(text) == []
    one: Any = {"kind": "kind7", "name": "Anna", "price": 7, "country": "C7", "field3": "x" * 60}
    assert schemas.admits(text, {"all": [one] * 1_500})
    faults = schemas.faults(text, {"place3": {"street": 7}})
    assert [fault.pointer for fault in faults] == ["/place3/street"]


def test_kinds_that_hold_each_other_as_of_a_text_are_judged(schemas: JsonSchemas) -> None:
    kinds = [{"$ref": f"#/$defs/k{n}"} for n in range(4)]
    text = {
        f"k{n}": {
            "required": ["kind"],
            "properties": {"kind": {"const": f"k{n}"}, "within": {"items": {"anyOf": kinds}}},
        }
        for n in range(4)
    }
    document = {"properties": {"blocks": {"items": {"anyOf": kinds}}}}
    schema = json.dumps(
        {
            "properties": {"body": {"$ref": "#/$defs/document"}},
            "$defs": {**text, "document": document},
        }
    )
    assert schemas.examine(schema) == []
    block: Any = {"kind": "k1", "within": [{"kind": "k2", "within": [{"kind": "k3"}]}] * 10}
    assert schemas.admits(schema, {"body": {"blocks": [block] * 200}})
    block = {"kind": "k1", "within": [{"kind": "other"}]}
    assert not schemas.admits(schema, {"body": {"blocks": [block] * 200}})
