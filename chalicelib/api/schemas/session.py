"""Wire shapes of the session routes."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Wire(BaseModel):
    """What every shape has in common: camel case names, nothing unknown in a request."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class KeyOut(Wire):
    """One key and its value."""

    key: str
    value: JsonValue


class KeySizeOut(Wire):
    """One key, and the bytes of its value as JSON in UTF-8."""

    key: str
    size: int


class KeysOut(Wire):
    """A page of keys in the order of their names."""

    items: list[KeySizeOut]
    next_cursor: str | None = Field(alias="nextCursor")


class IdentityOut(Wire):
    """Who the caller's user is: what an integrator's backend asks to verify a caller."""

    user_id: int = Field(alias="userId")
    email: str | None


class RevokedOut(Wire):
    """The session is gone, and its payload with it."""

    revoked: bool
    session_id: str = Field(alias="sessionId")


class LoggedOutOut(Wire):
    """The tokens of this sign-in are dead."""

    logged_out: bool = Field(alias="loggedOut")


class SessionIn(Wire):
    """A session to begin or continue; names grant nothing, they have to agree with the token."""

    workspace_name: str = Field(alias="workspaceName")
    app_id: str | None = None
    payload: dict[str, JsonValue] | None = None


class SessionOut(Wire):
    """A fresh token of a session."""

    session_token: str = Field(alias="sessionToken")


class RenewIn(Wire):
    """The token to renew; it may be expired."""

    session_token: str = Field(alias="sessionToken", max_length=8_192)


class RenewOut(Wire):
    """A fresh token, and the payload of the same session."""

    session_token: str = Field(alias="sessionToken")
    payload: dict[str, JsonValue]
