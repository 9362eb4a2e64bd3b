"""Wire shapes of the session routes."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from chalicelib.domain.limits import MAX_PAYLOAD_SECONDS, MIN_LIFETIME

_TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl"  # noqa: S105 - of nobody
_SID = "01JD7Q2M8YV3R4S5T6W7X8Y9ZA"


def shown(*examples: JsonValue) -> ConfigDict:
    """Answer the settings by which a shape shows examples in documents."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class Wire(BaseModel):
    """What every shape has in common: camel case names, nothing unknown in a request."""

    # Built at its first use: a cold start touches one or two of some forty.
    model_config = ConfigDict(extra="forbid", populate_by_name=True, defer_build=True)


class KeyOut(Wire):
    """One key and its value."""

    model_config = shown({"key": "color", "value": "blue"})

    key: str
    value: JsonValue


class KeySizeOut(Wire):
    """One key, and the bytes of its value as JSON in UTF-8."""

    model_config = shown({"key": "color", "size": 6})

    key: str
    size: int


class KeysOut(Wire):
    """A page of keys in the order of their names."""

    model_config = shown({"items": [{"key": "color", "size": 6}], "nextCursor": None})

    items: list[KeySizeOut]
    next_cursor: str | None = Field(alias="nextCursor")


class IdentityOut(Wire):
    """Who the caller's user is: what an integrator's backend asks to verify a caller."""

    model_config = shown({"userId": 4_503_599_627_370_496, "email": "mira@demo.example"})

    user_id: int = Field(alias="userId")
    email: str | None


class RevokedOut(Wire):
    """The session is gone, and its payload with it."""

    model_config = shown({"revoked": True, "sessionId": _SID})

    revoked: bool
    session_id: str = Field(alias="sessionId")


class LoggedOutOut(Wire):
    """The tokens of this sign-in are dead."""

    model_config = shown({"loggedOut": True})

    logged_out: bool = Field(alias="loggedOut")


class SessionIn(Wire):
    """A session to begin or continue; names grant nothing, they have to agree with the token."""

    model_config = shown(
        {"workspaceName": "demo", "app_id": "notes", "payload": {"color": "blue"}},
        {"workspaceName": "demo", "ttl_seconds": 3600},
    )

    workspace_name: str = Field(alias="workspaceName")
    app_id: str | None = None
    payload: dict[str, JsonValue] | None = None
    ttl_seconds: int | None = Field(default=None, ge=MIN_LIFETIME, le=MAX_PAYLOAD_SECONDS)


class SessionOut(Wire):
    """A fresh token of a session."""

    model_config = shown({"sessionToken": _TOKEN})

    session_token: str = Field(alias="sessionToken")


class RenewIn(Wire):
    """The token to renew; it may be expired."""

    model_config = shown({"sessionToken": _TOKEN})

    session_token: str = Field(alias="sessionToken", max_length=8_192)


class RenewOut(Wire):
    """A fresh token, and the payload of the same session."""

    model_config = shown({"sessionToken": _TOKEN, "payload": {"color": "blue"}})

    session_token: str = Field(alias="sessionToken")
    payload: dict[str, JsonValue]
