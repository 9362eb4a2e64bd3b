import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.limits import MAX_SCHEMA_BYTES
from chalicelib.domain.payload_schemas import DIALECT, schema_text
from chalicelib.domain.payloads import JsonValue


def test_a_schema_is_stored_as_compact_text_in_its_own_order() -> None:
    schema: JsonValue = {"type": "object", "$schema": DIALECT, "const": {"ü": None}}
    assert schema_text(schema) == f'{{"type":"object","$schema":"{DIALECT}","const":{{"ü":null}}}}'


@pytest.mark.parametrize("value", [None, True, "x", [], 7])
def test_a_schema_is_an_object(value: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        schema_text(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"$schema": "https://json-schema.org/draft/2019-09/schema"},
        {"$schema": "https://evil.example/schema"},
        {"$schema": ""},
        {"$defs": {"a": [{"$id": "x", "$schema": "http://json-schema.org/draft-04/schema#"}]}},
    ],
)
def test_another_dialect_is_refused_wherever_it_is_named(schema: JsonValue) -> None:
    with pytest.raises(InvalidInput):
        schema_text(schema)


def test_a_member_of_that_name_is_no_dialect() -> None:
    assert schema_text({"properties": {"$schema": {"type": "string"}}})
    assert schema_text({"$schema": f"{DIALECT}#"})


def test_a_schema_has_a_greatest_size_in_bytes() -> None:
    assert schema_text({"title": "x" * (MAX_SCHEMA_BYTES - 12)})
    for title in ("x" * (MAX_SCHEMA_BYTES - 11), "ü" * (MAX_SCHEMA_BYTES // 2)):
        with pytest.raises(InvalidInput):
            schema_text({"title": title})
