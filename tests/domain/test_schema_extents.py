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
        ({"properties": {"a/b": {"items": {"$ref": "#/properties/a~1b"}}}}, 1),
        ({"allOf": [{"items": {"$ref": "#/allOf/0"}}]}, 1),
        (
            {
                "allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
                "$defs": {"a": {"items": {"$ref": "#"}}},
            },
            2,
        ),
        ({"$ref": "https://elsewhere.example/"}, 0),
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
