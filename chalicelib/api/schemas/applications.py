"""Wire shapes of the operators' routes about applications."""

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, JsonValue

from chalicelib.api.contract import Json
from chalicelib.api.schemas.console import DisplayName
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain import payloads
from chalicelib.domain.applications import Application, ReturnFlow, redirect_uri_of
from chalicelib.domain.limits import (
    DEFAULT_PAYLOAD_BYTES,
    DEFAULT_TOKEN_SECONDS,
    MAX_PAYLOAD_BYTES,
    MAX_PAYLOAD_SECONDS,
    MAX_REDIRECT_URIS,
    MAX_REQUESTS_PER_MINUTE,
    MAX_TOKEN_SECONDS,
    MIN_LIFETIME,
    MIN_REQUESTS_PER_MINUTE,
)


def _lifetime(seconds: int) -> int:
    if 0 < seconds < MIN_LIFETIME:
        raise ValueError("0 (kept until revoked), or 60 seconds and more")
    return seconds


_SETTINGS: dict[str, JsonValue] = {
    "displayName": "Notes",
    "redirectUris": ["https://notes.example/"],
    "tokenLifetime": 900,
}
_SHOWN: JsonValue = {
    **_SETTINGS,
    "appId": "notes",
    "clientId": "c7f3b2a1",
    "postLogoutRedirectUris": [],
    "color": None,
    "payloadLifetime": 0,
    "payloadLimit": DEFAULT_PAYLOAD_BYTES,
    "requiresIfMatch": False,
    "requestsPerMinute": None,
    "returnFlow": "code",
    "createdAt": 1_795_000_000,
}
PayloadLifetime = Annotated[int, AfterValidator(_lifetime)]


class SettingsIn(Wire):
    """What an operator may say of an application; lifetimes in seconds, sizes in bytes."""

    model_config = shown(_SETTINGS)

    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    redirect_uris: list[str] = Field(
        alias="redirectUris", min_length=1, max_length=MAX_REDIRECT_URIS
    )
    post_logout_uris: list[str] = Field(
        alias="postLogoutRedirectUris", default_factory=list, max_length=MAX_REDIRECT_URIS
    )
    color: str | None = Field(default=None, pattern=r"^#[0-9a-f]{6}$")
    token_seconds: int = Field(
        alias="tokenLifetime", default=DEFAULT_TOKEN_SECONDS, ge=MIN_LIFETIME, le=MAX_TOKEN_SECONDS
    )
    payload_seconds: PayloadLifetime = Field(
        alias="payloadLifetime", default=0, ge=0, le=MAX_PAYLOAD_SECONDS
    )
    payload_bytes: int = Field(
        alias="payloadLimit", default=DEFAULT_PAYLOAD_BYTES, ge=1_024, le=MAX_PAYLOAD_BYTES
    )
    requires_if_match: bool = Field(alias="requiresIfMatch", default=False)
    requests_per_minute: int | None = Field(
        alias="requestsPerMinute",
        default=None,
        ge=MIN_REQUESTS_PER_MINUTE,
        le=MAX_REQUESTS_PER_MINUTE,
    )
    return_flow: Literal["code", "token"] = Field(alias="returnFlow", default="code")

    @classmethod
    def of(cls, application: Application) -> Self:
        """Answer the settings of an application, as its operator would send them."""
        return cls(
            display_name=application.name,
            redirect_uris=list(application.redirect_uris),
            post_logout_uris=list(application.post_logout_uris),
            color=application.color,
            token_seconds=application.token_seconds,
            payload_seconds=application.payload_seconds,
            payload_bytes=application.payload_bytes,
            requires_if_match=application.requires_if_match,
            requests_per_minute=application.requests_per_minute,
            return_flow=application.return_flow.value,
        )

    def settings(self) -> dict[str, Any]:
        """Answer the settings by their names in the domain; raises `InvalidInput`."""
        return {
            "name": self.display_name,
            "redirect_uris": _distinct(self.redirect_uris),
            "post_logout_uris": _distinct(self.post_logout_uris),
            "color": self.color,
            "token_seconds": self.token_seconds,
            "payload_seconds": self.payload_seconds,
            "payload_bytes": self.payload_bytes,
            "requires_if_match": self.requires_if_match,
            "requests_per_minute": self.requests_per_minute,
            "return_flow": ReturnFlow(self.return_flow),
        }


class ApplicationIn(SettingsIn):
    """An application to be registered."""

    model_config = shown({"appId": "notes", **_SETTINGS})

    app_id: str = Field(alias="appId")


SettingsPatchIn: TypeAlias = Annotated[
    payloads.JsonValue,
    Json(
        "SettingsPatchIn",
        "A JSON Merge Patch (RFC 7396) of the settings; null is the default again.",
        {"type": "object", "examples": [{"tokenLifetime": 3600, "color": None}]},
        ("application/merge-patch+json", "application/json"),
    ),
]


class RedirectUriIn(Wire):
    """One more address to return to."""

    model_config = shown({"redirectUri": "https://notes.example/back"})

    redirect_uri: str = Field(alias="redirectUri")


class ApplicationOut(Wire):
    """An application as its operators see it."""

    model_config = shown(_SHOWN)

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

    model_config = shown({"items": [_SHOWN], "nextCursor": None})

    items: list[ApplicationOut]
    next_cursor: str | None = Field(alias="nextCursor", default=None)


def _distinct(uris: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(redirect_uri_of, uris)))
