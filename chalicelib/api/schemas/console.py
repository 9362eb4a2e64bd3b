"""Wire shapes of the operators' routes."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from chalicelib.api.schemas.session import Wire
from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.limits import (
    DEFAULT_PAYLOAD_BYTES,
    DEFAULT_TOKEN_SECONDS,
    MAX_INLINE_BYTES,
    MAX_PAYLOAD_SECONDS,
    MAX_REQUESTS_PER_MINUTE,
    MAX_TOKEN_SECONDS,
    MIN_LIFETIME,
    MIN_REQUESTS_PER_MINUTE,
)
from chalicelib.domain.workspaces import Workspace


def _displayable(text: str) -> str:
    # People are shown it at the login and in mails: it must not turn the words around it.
    if not text.isprintable() or text != text.strip():
        raise ValueError("printable characters, with no space at the ends")
    return text


DisplayName = Annotated[str, AfterValidator(_displayable)]


class MemberTokenIn(Wire):
    """The workspace an operator wants to work in."""

    workspace_name: str = Field(alias="workspaceName")


class MemberTokenOut(Wire):
    """A member token; `expiresIn` seconds."""

    member_token: str = Field(alias="memberToken")
    workspace_name: str = Field(alias="workspaceName")
    role: str
    expires_in: int = Field(alias="expiresIn")


class WorkspaceIn(Wire):
    """A workspace to be created; the name in addresses never changes."""

    workspace_name: str = Field(alias="workspaceName")
    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    open_signup: bool = Field(alias="openSignup", default=True)


class WorkspaceOut(Wire):
    """A workspace."""

    workspace_id: str = Field(alias="workspaceId")
    workspace_name: str = Field(alias="workspaceName")
    display_name: str = Field(alias="displayName")
    open_signup: bool = Field(alias="openSignup")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Answer a workspace as it goes over the wire."""
        return cls(
            workspace_id=workspace.id,
            workspace_name=workspace.slug,
            display_name=workspace.name,
            open_signup=workspace.open_signup,
            created_at=workspace.created_at,
        )


class ApplicationIn(Wire):
    """An application to be registered; lifetimes in seconds, sizes in bytes."""

    app_id: str = Field(alias="appId")
    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    redirect_uris: list[str] = Field(alias="redirectUris", min_length=1, max_length=50)
    post_logout_uris: list[str] = Field(
        alias="postLogoutRedirectUris", default_factory=list, max_length=50
    )
    color: str | None = Field(default=None, pattern=r"^#[0-9a-f]{6}$")
    token_seconds: int = Field(
        alias="tokenLifetime", default=DEFAULT_TOKEN_SECONDS, ge=MIN_LIFETIME, le=MAX_TOKEN_SECONDS
    )
    payload_seconds: int = Field(alias="payloadLifetime", default=0, ge=0, le=MAX_PAYLOAD_SECONDS)
    payload_bytes: int = Field(
        alias="payloadLimit", default=DEFAULT_PAYLOAD_BYTES, ge=1_024, le=MAX_INLINE_BYTES
    )
    requires_if_match: bool = Field(alias="requiresIfMatch", default=False)
    requests_per_minute: int | None = Field(
        alias="requestsPerMinute",
        default=None,
        ge=MIN_REQUESTS_PER_MINUTE,
        le=MAX_REQUESTS_PER_MINUTE,
    )
    return_flow: Literal["code", "token"] = Field(alias="returnFlow", default="code")


class ApplicationOut(Wire):
    """An application as its operators see it."""

    app_id: str = Field(alias="appId")
    client_id: str = Field(alias="clientId")
    display_name: str = Field(alias="displayName")
    redirect_uris: list[str] = Field(alias="redirectUris")
    post_logout_uris: list[str] = Field(alias="postLogoutRedirectUris")
    color: str | None
    token_seconds: int = Field(alias="tokenLifetime")
    payload_seconds: int = Field(alias="payloadLifetime")
    payload_bytes: int = Field(alias="payloadLimit")
    requires_if_match: bool = Field(alias="requiresIfMatch")
    requests_per_minute: int | None = Field(alias="requestsPerMinute")
    return_flow: ReturnFlow = Field(alias="returnFlow")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(cls, application: Application) -> Self:
        """Answer an application as it goes over the wire."""
        return cls(
            app_id=application.id,
            client_id=application.client_id,
            display_name=application.name,
            redirect_uris=list(application.redirect_uris),
            post_logout_uris=list(application.post_logout_uris),
            color=application.color,
            token_seconds=application.token_seconds,
            payload_seconds=application.payload_seconds,
            payload_bytes=application.payload_bytes,
            requires_if_match=application.requires_if_match,
            requests_per_minute=application.requests_per_minute,
            return_flow=application.return_flow,
            created_at=application.created_at,
        )


class ApplicationsOut(Wire):
    """A page of applications; `nextCursor` is null on the last."""

    items: list[ApplicationOut]
    next_cursor: str | None = Field(alias="nextCursor", default=None)
