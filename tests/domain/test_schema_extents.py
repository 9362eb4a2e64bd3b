import pytest

from chalicelib.domain.payloads import JsonValue
from chalicelib.domain.schema_extents import Extent, extent_of


@pytest.mark.parametrize(
    ("schema", "loops"),
    [
        ({"type": "object"}, 0),
        ({"$ref": "#/$defs/a", "$defs": {"a": {}}}, 0),
        ({"$ref": "#"}, 1),
        ({"items": {"$ref": "#"}}, 1),
        ({"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}}, 2),
        ({"$anchor": "me", "items": {"$ref": "#me"}}, 1),
        ({"$dynamicAnchor": "me", "items": {"$dynamicRef": "#me"}}, 1),
        ({"$id": "https://flows.example/me", "items": {"$ref": "me"}}, 1),
        ({"$id": "https://flows.example/me", "items": {"$ref": "../%6De"}}, 1),
        ({"items": {"$ref": "json-schema:///"}}, 1),
        ({"items": {"$ref": "/"}}, 1),
        ({"items": {"$ref": "a/.."}}, 1),
        ({"$id": "https://me.example", "items": {"$ref": "HTTPS://ME.example:443"}}, 1),
        ({"$id": "urn:me", "items": {"$ref": "URN:me"}}, 1),
        ({"properties": {"definitions": {"$ref": "#"}, "$defs": {"$ref": "#"}}}, 2),
        ({"dependentSchemas": {"definitions": {"items": {"$ref": "#"}}}}, 1),
        ({"properties": {"a/b": {"items": {"$ref": "#/properties/a~1b"}}}}, 1),
        ({"allOf": [{"items": {"$ref": "#/allOf/0"}}]}, 1),
        (
            {
                "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
                "$defs": {"a": {"items": {"$ref": "#"}}},
            },
            2,
        ),
        ({"$ref": "https://elsewhere.example/other"}, 0),
    ],
)
def test_ways_back_are_counted_where_references_are_written_out(
    schema: JsonValue, loops: int
) -> None:
    extent = extent_of(schema)
    assert extent is not None
    assert extent.loops == loops


def test_an_extent_is_what_references_written_out_amount_to() -> None:
    twice: JsonValue = {
        "$ref": "#/$defs/b",
        "$defs": {"b": {"allOf": [{"$ref": "#/$defs/c"}, {"$ref": "#/$defs/c"}]}, "c": {}},
    }
    assert extent_of(twice) == Extent(parts=7, loops=0)
    parts: list[JsonValue] = [
        {"$id": f"part-{n}", "items": {"$ref": f"part-{n + 1}"}} for n in range(40)
    ]
    assert extent_of({"allOf": [*parts, {"$id": "part-40"}]}) is not None


def test_what_leads_back_is_as_large_from_wherever_one_comes() -> None:
    # From the last part everything leads back at once; from the first it doubles at each step.
    parts: dict[str, JsonValue] = {
        f"p{n}": {
            "items": {"$ref": f"#/$defs/p{max(n - 1, 0)}"},
            "allOf": [{"$ref": f"#/$defs/p{min(n + 1, 20)}"}] * 2,
        }
        for n in range(21)
    }
    ways: JsonValue = {"a": {"$ref": "#/$defs/p20"}, "b": {"$ref": "#/$defs/p0"}}
    assert extent_of({"properties": ways, "$defs": parts}) is None
    # Kinds that hold each other, as of a text, are none of that.
    kinds: list[JsonValue] = [{"$ref": f"#/$defs/k{n}"} for n in range(6)]
    text: dict[str, JsonValue] = {f"k{n}": {"items": {"anyOf": kinds}} for n in range(6)}
    assert extent_of({"$ref": "#/$defs/k0", "$defs": text}) is not None
