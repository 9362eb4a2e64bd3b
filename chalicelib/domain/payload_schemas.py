"""Payload schemas: what an application's payloads have to look like, in JSON Schema 2020-12."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.limits import MAX_SCHEMA_BYTES
from chalicelib.domain.payloads import JsonValue, objects_in

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Checked:
    """How many sessions were looked at, and how many of them a schema refuses.

    `after` is where the look ended, if there are more: a moment, and never a session.
    """

    checked: int
    failing: int
    after: str | None


def schema_text(schema: JsonValue) -> str:
    """Answer a schema as it is stored; raises `InvalidInput`.

    Its dialect is 2020-12, whether it says so or not; no part of it may say another.
    """
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_SCHEMA_BYTES:
        raise InvalidInput(
            "The schema is too large.", Fault("/payloadSchema", f"{MAX_SCHEMA_BYTES} bytes at most")
        )
    if not isinstance(schema, dict):
        raise InvalidInput(
            "A payload schema is a JSON object.", Fault("/payloadSchema", "not an object")
        )
    if any(dialect.removesuffix("#") != DIALECT for dialect in _dialects(schema)):
        raise InvalidInput(
            "Only JSON Schema 2020-12 is known.", Fault("/payloadSchema/$schema", DIALECT)
        )
    return text


def _dialects(schema: JsonValue) -> Iterator[str]:
    for part in objects_in(schema):
        dialect = part.get("$schema")
        if isinstance(dialect, str):
            yield dialect
