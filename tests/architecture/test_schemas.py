"""What a schema of the published contract says: members, examples, and of each what it is."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from chalicelib.api.schemas.settings import SETTINGS_NAMES
from tests.api.platform import Platform, send
from tests.promised import document, validator

# JSON of whatever kind is what these are for.
ANYTHING = {"JsonValue", "ValueIn"}
NOTES = {"title", "description", "examples", "default", "deprecated"}
COMPOSED = {"$ref", "anyOf", "allOf", "oneOf", "const", "enum"}
# What stands below these is no schema, or schemas by names that are anything.
VALUES = {"examples", "example", "default", "const", "enum", "required"}
NAMED = {"properties", "patternProperties", "$defs"}


def empty(schema: Mapping[str, Any], where: str = "") -> Iterator[str]:
    """Answer the places in a schema at which it says nothing."""
    if says_nothing(schema):
        yield where
    for place, each in below(schema):
        yield from empty(each, f"{where}/{place}")


def says_nothing(schema: Mapping[str, Any]) -> bool:
    """Tell whether whatever is sent would fit, or nothing is said of what is in it."""
    said = schema.keys() - NOTES
    if schema.get("type") == "object" and not said & COMPOSED:
        return not (schema.get("properties") or "additionalProperties" in schema)
    if schema.get("type") == "array":
        return not said & {"items", "prefixItems"}
    return not said


def below(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Answer the schemas in a schema by their places."""
    for word in schema.keys() - VALUES:
        value = schema[word]
        if word in NAMED or isinstance(value, list):
            each = value.items() if isinstance(value, dict) else enumerate(value)
            yield from ((f"{word}/{name}", one) for name, one in each if isinstance(one, dict))
        elif isinstance(value, dict):
            yield word, value


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def contents() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Answer what stands in every request and answer that has a body."""
    for name, operation in operations():
        bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for place, body in bodies.items():
            for media_type, content in body.get("content", {}).items():
                yield f"{name} {place} {media_type}", content


def shows(content: Mapping[str, Any]) -> bool:
    """Tell whether a body has an example, of its own or of each of its shapes."""
    if "example" in content or content.get("examples"):
        return True
    schema = content["schema"]
    shapes = [schema, *schema.get("anyOf", ())]
    named = document()["components"]["schemas"]
    found = [named[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else each for each in shapes]
    return all(each.get("examples") for each in (found[1:] or found))


@pytest.mark.parametrize("name", sorted(document()["components"]["schemas"]))
def test_no_shape_is_empty(name: str) -> None:
    if name not in ANYTHING:
        assert list(empty(document()["components"]["schemas"][name])) == []


def test_no_body_and_no_parameter_is_empty() -> None:
    found = {place: list(empty(content["schema"])) for place, content in contents()}
    for name, operation in operations():
        for each in operation.get("parameters", ()):
            found[f"{name} {each['name']}"] = list(empty(each["schema"]))
    assert {place: holes for place, holes in found.items() if holes} == {}


def test_every_body_shows_an_example() -> None:
    assert [place for place, content in contents() if not shows(content)] == []


def test_every_parameter_says_what_it_is() -> None:
    silent = [
        f"{name} {each['name']}"
        for name, operation in operations()
        for each in operation.get("parameters", ())
        if not each.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        ({}, [""]),
        ({"description": "Of something."}, [""]),
        ({"type": "object"}, [""]),
        ({"type": "object", "properties": {}}, [""]),
        ({"type": "object", "properties": {"a": {"title": "A"}}}, ["/properties/a"]),
        ({"type": "array"}, [""]),
        ({"type": "array", "items": {}}, ["/items"]),
        ({"anyOf": [{"type": "object"}, {"type": "null"}]}, ["/anyOf/0"]),
        ({"type": "object", "additionalProperties": {}}, ["/additionalProperties"]),
        ({"type": "object", "additionalProperties": True}, []),
        ({"type": "object", "properties": {"title": {"type": "string"}}}, []),
    ],
)
def test_an_empty_schema_is_noticed(schema: dict[str, Any], places: list[str]) -> None:
    assert list(empty(schema)) == places


PATCH = "/components/schemas/SettingsPatchIn"


def test_a_patch_of_settings_has_every_setting_and_demands_none() -> None:
    patch = document()["components"]["schemas"]["SettingsPatchIn"]
    registered = document()["components"]["schemas"]["ApplicationIn"]["properties"]
    assert patch["properties"].keys() == registered.keys() - {"appId"} == SETTINGS_NAMES
    assert "required" not in patch
    assert not any("default" in each for each in patch["properties"].values())


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({}, True),
        ({"color": None, "tokenLifetime": None, "payloadSchema": None}, True),
        ({"postLogoutRedirectUris": None, "visitors": "allowed"}, True),
        ({"displayName": None}, False),
        ({"redirectUris": None}, False),
        ({"redirectUris": []}, False),
        ({"tokenLifetime": "900"}, False),
        ({"tokenLifetime": 1}, False),
        ({"kind": "robot"}, False),
        ({"appId": "other"}, False),
        ({"colour": None}, False),
        ([], False),
    ],
)
def test_what_a_patch_may_say_is_what_is_taken(
    platform: Platform,
    body: Any,
    fits: bool,  # noqa: FBT001
) -> None:
    assert validator(PATCH).is_valid(body) is fits
    tenant = platform.tenant()
    path = f"/api/v1/applications/{tenant.application.id}"
    token = platform.member_token(tenant.workspace)
    answer = send("PATCH", path, token=token, body=body)
    assert (answer.status, answer.code) == ((200, None) if fits else (400, "invalid_input"))
