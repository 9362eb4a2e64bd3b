"""Wire shapes of a payload schema that is held against the live sessions."""

from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.paging import cursor_of
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.payload_schemas import Checked

SCHEMA: JsonValue = {"type": "object", "required": ["color"]}
CHECKED: JsonValue = {"checked": 200, "failing": 3, "nextCursor": "MTc5NTAwMDAwMCMwMUpEN1EyTTg"}


class SchemaCheckIn(Wire):
    """A schema to be held against the live sessions, from a cursor on."""

    model_config = shown({"payloadSchema": SCHEMA})

    payload_schema: dict[str, JsonValue] = Field(alias="payloadSchema")
    cursor: str | None = None


class CheckedOut(Wire):
    """How many live sessions were looked at, and how many of them the schema refuses."""

    model_config = shown(CHECKED)

    checked: int
    failing: int
    next_cursor: str | None = Field(alias="nextCursor")

    @classmethod
    def of(cls, checked: Checked) -> Self:
        """Answer a batch as it goes over the wire."""
        after = cursor_of(checked.after)
        return cls(checked=checked.checked, failing=checked.failing, next_cursor=after)
