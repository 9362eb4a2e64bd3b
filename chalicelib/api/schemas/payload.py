"""Wire shapes of payloads: JSON that no model looks at."""

from typing import Annotated, TypeAlias

from chalicelib.api.contract import Json, Parameter
from chalicelib.domain import payloads
from chalicelib.domain.limits import MAX_KEY_LENGTH

KEY = Parameter(
    "path",
    "key",
    "The name of a key, percent-encoded once; `a%2Fb` is the key `a/b`.",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "examples": ["color"]},
)
_OBJECT = {
    "type": "object",
    "additionalProperties": True,
    "examples": [{"color": "blue", "notes": ["milk", "bread"]}],
}
PayloadIn: TypeAlias = Annotated[
    payloads.JsonValue, Json("PayloadIn", "The whole payload to be: a JSON object.", _OBJECT)
]
PayloadOut: TypeAlias = Annotated[
    payloads.Payload,
    Json("PayloadOut", "The whole payload, `{}` when nothing was written.", _OBJECT),
]
PatchIn: TypeAlias = Annotated[
    payloads.JsonValue,
    Json(
        "PatchIn",
        "A JSON Merge Patch (RFC 7396): members replace, null removes, objects are merged.",
        {
            "type": "object",
            "additionalProperties": True,
            "examples": [{"color": "green", "notes": None}],
        },
        ("application/merge-patch+json", "application/json"),
    ),
]
ValueIn: TypeAlias = Annotated[
    payloads.JsonValue,
    Json(
        "ValueIn",
        "Any JSON value. An object whose only member is `value` stands for what is in it.",
        {"examples": [{"value": "blue"}, "blue", ["milk", "bread"]]},
    ),
]
