"""Payload schemas: what is refused as a schema, what a refusal tells, and what is never done."""

import json
import socket
import time
from typing import Any

import pytest

from chalicelib.adapters.schemas import JsonSchemas
from tests.architecture.house import in_fresh_interpreter

CANARY = "qzxjwvkybqzxjwvkyb"
ROOT: dict[str, Any] = {"a": {"type": "string"}}


@pytest.fixture(scope="module")
def schemas() -> JsonSchemas:
    return JsonSchemas()


def inner(schema: object) -> str:
    return json.dumps({"properties": {"a": schema}})


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "strin"}, "/type"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength"),
        ({"required": "a"}, "/required"),
        ({"properties": {"a/b~c": {"type": 7}}}, "/properties/a~1b~0c/type"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": "(?=look)"}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": r"(x)\1"}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": "((a{1,999}){1,999}){9}"}}}, "/properties/a/pattern"),
        ({"patternProperties": {"(": {}}}, "/patternProperties/("),
        ({"$ref": "#/$defs/never"}, ""),
        ({"$ref": "#never"}, ""),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(
    schemas: JsonSchemas, schema: object, pointer: str
) -> None:
    (fault, *_) = schemas.examine(json.dumps(schema))
    assert fault.pointer == pointer
    assert fault.detail


def test_of_many_faults_twenty_are_told(schemas: JsonSchemas) -> None:
    many = {f"p{n}": {"minLength": -1} for n in range(50)}
    assert len(schemas.examine(json.dumps({"properties": many}))) == 20
    text = json.dumps({"additionalProperties": {"type": "string"}})
    assert len(schemas.faults(text, {f"p{n}": n for n in range(50)})) == 20


@pytest.mark.parametrize("uri", ["http://127.0.0.1:{port}/x", "file://{file}", "{file}"])
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_nothing_is_fetched_for_a_reference(
    schemas: JsonSchemas, tmp_path: Any, uri: str, keyword: str
) -> None:
    (tmp_path / "schema.json").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        there = uri.format(port=trap.getsockname()[1], file=tmp_path / "schema.json")
        assert schemas.examine(json.dumps({keyword: there}))
        assert schemas.examine(json.dumps({"$id": there, keyword: "other.json"}))
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {"required": ["a"]}}},
        {"$ref": "#anchor", "$defs": {"a": {"$anchor": "anchor", "required": ["a"]}}},
        {
            "$id": "https://flows.example/root",
            "$ref": "part",
            "$defs": {"a": {"$id": "part", "required": ["a"]}},
        },
    ],
)
def test_a_reference_within_the_schema_is_followed(schemas: JsonSchemas, schema: object) -> None:
    text = json.dumps(schema)
    assert schemas.examine(text) == []
    assert schemas.admits(text, {"a": 1})
    assert not schemas.admits(text, {})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "number"},
        {"enum": [1, 2]},
        {"const": 1},
        {"pattern": "^0"},
        {"maxLength": 3},
        {"minLength": 300},
        {"maxItems": 0},
        {"minItems": 9},
        {"uniqueItems": True},
        {"contains": {"const": 1}},
        {"items": {"type": "number"}},
        {"items": False},
        {"prefixItems": [{"const": 1}]},
        {"unevaluatedItems": False},
        {"maxProperties": 0},
        {"minProperties": 9},
        {"propertyNames": {"maxLength": 3}},
        {"propertyNames": {"pattern": "^0"}},
        {"additionalProperties": False},
        {"unevaluatedProperties": False},
        {"patternProperties": {".": False}},
        {"required": ["b"]},
        {"dependentRequired": {CANARY: ["b"]}},
        {"dependentSchemas": {CANARY: False}},
        {"anyOf": [{"type": "number"}]},
        {"oneOf": [{"type": "number"}]},
        {"oneOf": [{}, {}]},
        {"allOf": [{"type": "number"}]},
        {"not": {}},
        {"if": {}, "then": {"type": "number"}},
        False,
    ],
)
def test_a_refusal_tells_no_value_and_no_name_beyond_its_place(
    schemas: JsonSchemas, schema: object
) -> None:
    text = inner(schema)
    assert schemas.examine(text) == []
    values: list[Any] = [f"1{CANARY}", [CANARY, CANARY], {CANARY: CANARY}]
    refused = [v for v in values if not schemas.admits(text, {"a": v})]
    assert refused
    for value in refused:
        faults = schemas.faults(text, {"a": value})
        assert faults
        for fault in faults:
            assert fault.pointer.startswith("/a")
            # The writer's own keys are the place; the schema named in this table is its own.
            if CANARY not in text:
                assert CANARY not in fault.detail


def test_a_number_is_told_by_its_limit_and_not_by_itself(schemas: JsonSchemas) -> None:
    for limit in ({"maximum": 3}, {"exclusiveMaximum": 3}, {"multipleOf": 2}, {"type": "string"}):
        (fault,) = schemas.faults(inner(limit), {"a": 123_456_789})
        assert "123" not in fault.detail
    for limit in ({"minimum": 3}, {"exclusiveMinimum": 3}):
        (fault,) = schemas.faults(inner(limit), {"a": -123_456_789.5})
        assert "123" not in fault.detail


def test_formats_are_annotations(schemas: JsonSchemas) -> None:
    text = inner({"format": "email"})
    assert schemas.examine(text) == []
    assert schemas.admits(text, {"a": "no address"})


def test_numbers_of_any_size_are_judged(schemas: JsonSchemas) -> None:
    text = inner({"type": "integer", "maximum": 10})
    assert schemas.admits(text, {"a": 7.0})
    assert not schemas.admits(text, {"a": 10**40})
    assert not schemas.admits(text, {"a": 1e300})


def test_a_pattern_that_makes_others_backtrack_takes_linear_time(schemas: JsonSchemas) -> None:
    text = inner({"pattern": "^(a+)+$"})
    started = time.thread_time()
    assert not schemas.admits(text, {"a": "a" * 200_000 + "b"})
    assert time.thread_time() - started < 2


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$dynamicAnchor": "x", "$dynamicRef": "#x"},
        {"properties": {"a": {"$ref": "#"}}},
    ],
)
def test_a_schema_that_refers_to_itself_comes_to_an_end(
    schemas: JsonSchemas, schema: object
) -> None:
    text = json.dumps(schema)
    if not schemas.examine(text):
        schemas.admits(text, {"a": {"a": {"a": {}}}})


def doubled(times: int, keyword: str = "allOf") -> Any:
    """A schema that refers twice to one that refers twice, and so on."""
    parts = {
        f"a{n}": {keyword: [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]}
        for n in range(times)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**parts, f"a{times}": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema",
    [
        doubled(40),
        doubled(40, "anyOf"),
        {"$ref": "#/$defs/0", "$defs": {str(n): {"$ref": f"#/$defs/{n + 1}"} for n in range(999)}},
        {
            "$anchor": "a",
            "allOf": [
                {"$anchor": f"a{n}", "allOf": [{"$ref": f"#a{n + 1}"}, {"$ref": f"#a{n + 1}"}]}
                for n in range(40)
            ],
        },
    ],
)
def test_a_schema_that_would_take_for_ever_is_refused(schemas: JsonSchemas, schema: object) -> None:
    assert schemas.examine(json.dumps(schema))


def test_a_schema_that_refers_to_its_parts_as_people_do_is_not_refused(
    schemas: JsonSchemas,
) -> None:
    address = {"type": "object", "properties": {"street": {"type": "string"}}}
    places = {f"place{n}": {"$ref": "#/$defs/address"} for n in range(200)}
    schema = json.dumps({"properties": places, "$defs": {"address": address}})
    assert schemas.examine(schema) == []
    (fault,) = schemas.faults(schema, {"place7": {"street": 7}})
    assert fault.pointer == "/place7/street"
    assert schemas.examine(json.dumps(doubled(8))) == []


def test_of_a_tree_the_place_is_told(schemas: JsonSchemas) -> None:
    tree = {"type": "object", "properties": {"children": {"items": {"$ref": "#"}}}}
    (fault,) = schemas.faults(json.dumps(tree), {"children": [{}, {"children": [7]}]})
    assert fault.pointer == "/children/1/children/0"


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
@pytest.mark.parametrize("bound", [{"type": "array"}, {"minItems": 1}])
def test_a_schema_with_several_ways_back_is_judged_in_time_at_any_depth(
    schemas: JsonSchemas, keyword: str, bound: Any
) -> None:
    schema = json.dumps(
        {
            "properties": {"a": {"$ref": "#/$defs/n"}},
            "$defs": {
                "n": {
                    **bound,
                    keyword: [{"items": {"$ref": "#/$defs/n"}}, {"items": {"$ref": "#/$defs/n"}}],
                }
            },
        }
    )
    assert schemas.examine(schema) == []
    payload = {"a": json.loads("[" * 90 + "1" + "]" * 90)}
    started = time.thread_time()
    schemas.admits(schema, payload)
    (fault,) = schemas.faults(schema, payload)
    assert time.thread_time() - started < 2
    assert fault.pointer == ""


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"items": {"type": "string"}}, "/a/0"),
        ({"$ref": "#/$defs/a"}, "/a/0"),
        ({"anyOf": [{"items": {"type": "string"}}]}, ""),
        ({"oneOf": [{"items": {"type": "string"}}]}, ""),
        ({"$ref": "https://json-schema.org/draft/2020-12/meta/validation#/$defs/stringArray"}, ""),
    ],
)
def test_a_payload_that_is_wrong_everywhere_is_refused_by_one_fault(
    schemas: JsonSchemas, schema: dict[str, Any], pointer: str
) -> None:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    defs = {"a": {"items": {"type": "string"}}}
    parts = {"$schema": dialect, "properties": {"a": schema}, "$defs": defs}
    text = json.dumps(parts, separators=(",", ":"))
    payload: Any = {"a": [1] * 300_000}
    started = time.thread_time()
    assert not schemas.admits(text, payload)
    (fault,) = schemas.faults(text, payload)
    assert fault.pointer == pointer
    assert time.thread_time() - started < 1


def test_a_schema_of_many_branches_is_told_by_one_fault(schemas: JsonSchemas) -> None:
    parts = doubled(9, "anyOf")["$defs"]
    text = json.dumps({"additionalProperties": {"$ref": "#/$defs/a0"}, "$defs": parts})
    assert schemas.examine(text) == []
    started = time.thread_time()
    (fault,) = schemas.faults(text, {f"k{n}": n for n in range(20)})
    assert fault.pointer == ""
    assert time.thread_time() - started < 1


def test_a_payload_of_few_values_is_told_each_fault(schemas: JsonSchemas) -> None:
    text = json.dumps({"additionalProperties": {"items": {"anyOf": [{"type": "string"}]}}})
    assert len(schemas.faults(text, {"a": [1, 2], "b": [[3], "x" * 100_000]})) == 3
    assert len(schemas.faults(text, {"a": list(range(997))})) == 20
    assert len(schemas.faults(text, {"a": list(range(998))})) == 1


def test_more_schemas_than_are_remembered_are_all_judged(schemas: JsonSchemas) -> None:
    for _ in range(2):
        for number in range(40):
            assert schemas.admits(inner({"const": number}), {"a": number})
            assert not schemas.admits(inner({"const": number}), {"a": -1})


def test_without_a_schema_the_library_is_not_loaded() -> None:
    program = """
import sys
from chalicelib.adapters.schemas import JsonSchemas
schemas = JsonSchemas()
before = "jsonschema_rs" in sys.modules
schemas.admits("{}", {})
print(before, "jsonschema_rs" in sys.modules)
"""
    assert in_fresh_interpreter(program).split() == ["False", "True"]
