"""Wire shapes of the OpenID provider, in the words of its standards."""

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel

from chalicelib.api.schemas.session import Wire


class Document(RootModel[dict[str, object]]):
    """A document whose members a standard fixes: metadata, a key set, a problem."""


class TokenOut(BaseModel):
    """Tokens for a code (RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    scope: str
    id_token: str


class DeniedOut(BaseModel):
    """Why there are no tokens (RFC 6749, 5.2)."""

    error: str
    error_description: str


class RedirectIn(BaseModel):
    """An address to be judged; both spellings that clients use are read."""

    model_config = ConfigDict(extra="ignore")

    workspace_name: str = Field(
        default="", validation_alias=AliasChoices("workspaceName", "workspace_name")
    )
    app_id: str = Field(default="", validation_alias=AliasChoices("appId", "app_id"))
    redirect_uri: str = Field(
        default="", validation_alias=AliasChoices("redirectUri", "redirect_uri")
    )


class RedirectOut(Wire):
    """Whether an application may be returned to at an address."""

    valid: bool
    app_id: str = Field(alias="appId")
    redirect_uri: str = Field(alias="redirectUri")
    reason: str | None
    display_name: str | None = Field(alias="displayName")
