"""Wire shape of the published contract itself."""

from pydantic import ConfigDict, JsonValue

from chalicelib.api.schemas.documents import Document

_OPEN: dict[str, JsonValue] = {"type": "object", "additionalProperties": True}


class OpenApi(Document):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(
        json_schema_extra={
            "properties": {
                "openapi": {"type": "string"},
                **dict.fromkeys(("info", "paths", "components"), _OPEN),
                "servers": {"type": "array", "items": _OPEN},
            },
            "required": ["openapi", "info", "servers", "paths", "components"],
            "examples": [
                {
                    "openapi": "3.1.0",
                    "info": {"title": "secureFlows", "version": "1"},
                    "servers": [{"url": "https://flows.example"}],
                    "paths": {},
                    "components": {},
                }
            ],
        }
    )
