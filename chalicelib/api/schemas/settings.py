"""Wire shapes of an application's settings, as its operators send them."""

import json
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, JsonValue

from chalicelib.api.contract import Json
from chalicelib.api.schemas.console import DisplayName, Lifetime
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain import payloads
from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.clients import ClientKind, DpopUse
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
from chalicelib.domain.payload_schemas import schema_text
from chalicelib.domain.redirects import redirect_uri_of
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse

SETTINGS: dict[str, JsonValue] = {
    "displayName": "Notes",
    "redirectUris": ["https://notes.example/"],
    "tokenLifetime": 900,
}


class SettingsIn(Wire):
    """What an operator may say of an application; lifetimes in seconds, sizes in bytes."""

    model_config = shown(SETTINGS)

    display_name: DisplayName = Field(
        alias="displayName", description="What people are shown.", min_length=1, max_length=80
    )
    redirect_uris: list[str] = Field(
        alias="redirectUris",
        description="Where a sign-in may return to, compared to the letter.",
        min_length=1,
        max_length=MAX_REDIRECT_URIS,
    )
    post_logout_uris: list[str] = Field(
        alias="postLogoutRedirectUris",
        description="Where a sign-out may return to.",
        default_factory=list,
        max_length=MAX_REDIRECT_URIS,
    )
    color: str | None = Field(
        default=None, description="Of its tile at the login.", pattern=r"^#[0-9a-f]{6}$"
    )
    token_seconds: int = Field(
        alias="tokenLifetime",
        default=DEFAULT_TOKEN_SECONDS,
        description="Seconds that a token is good for.",
        ge=MIN_LIFETIME,
        le=MAX_TOKEN_SECONDS,
    )
    payload_seconds: Lifetime = Field(
        alias="payloadLifetime",
        default=0,
        description="Seconds that a session keeps its data, 0 until it is revoked.",
        ge=0,
        le=MAX_PAYLOAD_SECONDS,
    )
    payload_bytes: int = Field(
        alias="payloadLimit",
        default=DEFAULT_PAYLOAD_BYTES,
        description="Bytes that a payload may have.",
        ge=1_024,
        le=MAX_PAYLOAD_BYTES,
    )
    requires_if_match: bool = Field(
        alias="requiresIfMatch",
        default=False,
        description="Whether a write has to say which version it replaces.",
    )
    requests_per_minute: int | None = Field(
        alias="requestsPerMinute",
        default=None,
        description="Of one session; null is the deployment's own limit.",
        ge=MIN_REQUESTS_PER_MINUTE,
        le=MAX_REQUESTS_PER_MINUTE,
    )
    return_flow: Literal["code", "token"] = Field(
        alias="returnFlow",
        default="code",
        description="`token` lets clients of old come back with a token in the address.",
    )
    kind: Literal["browser", "native", "server"] = Field(
        default="browser", description="What runs it; a `server` may have secrets."
    )
    dpop: Literal["off", "allowed", "required"] = Field(
        default="allowed", description="Whether tokens are bound to a key (RFC 9449)."
    )
    id_token_alg: Literal["ES256", "RS256"] = Field(
        alias="idTokenAlg", default="ES256", description="How its ID tokens are signed."
    )
    visitors: Literal["off", "allowed"] = Field(
        default="off", description="Whether people may begin without an account."
    )
    payload_schema: dict[str, JsonValue] | None = Field(
        alias="payloadSchema",
        default=None,
        description="A JSON Schema (2020-12) that every write has to leave fulfilled.",
    )

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
            kind=application.kind.value,
            dpop=application.dpop.value,
            id_token_alg=application.id_token_alg.value,
            visitors=application.visitors.value,
            payload_schema=schema_of(application),
        )

    def settings(self) -> dict[str, Any]:
        """Answer the settings by their names in the domain; raises `InvalidInput`."""
        return {
            "name": self.display_name,
            "redirect_uris": self._distinct("/redirectUris", self.redirect_uris),
            "post_logout_uris": self._distinct("/postLogoutRedirectUris", self.post_logout_uris),
            "color": self.color,
            "token_seconds": self.token_seconds,
            "payload_seconds": self.payload_seconds,
            "payload_bytes": self.payload_bytes,
            "requires_if_match": self.requires_if_match,
            "requests_per_minute": self.requests_per_minute,
            "return_flow": ReturnFlow(self.return_flow),
            "kind": ClientKind(self.kind),
            "dpop": DpopUse(self.dpop),
            "id_token_alg": SigningAlg(self.id_token_alg),
            "visitors": VisitorUse(self.visitors),
            "payload_schema": _text(self.payload_schema),
        }

    def _distinct(self, pointer: str, uris: list[str]) -> tuple[str, ...]:
        is_native = ClientKind(self.kind) is ClientKind.NATIVE
        checked = (
            redirect_uri_of(uri, is_native=is_native, pointer=f"{pointer}/{place}")
            for place, uri in enumerate(uris)
        )
        return tuple(dict.fromkeys(checked))


class ApplicationIn(SettingsIn):
    """An application to be registered."""

    model_config = shown({"appId": "notes", **SETTINGS})

    app_id: str = Field(alias="appId")


SettingsPatchIn: TypeAlias = Annotated[
    payloads.JsonValue,
    Json(
        "SettingsPatchIn",
        "A JSON Merge Patch (RFC 7396) of the settings: what is not named stays, null is the "
        "default again. A payload schema is one value: it is replaced as a whole, like a list.",
        {
            "examples": [
                {"tokenLifetime": 3600, "color": None},
                {"redirectUris": ["https://notes.example/", "http://127.0.0.1:5173/"]},
            ]
        },
        ("application/merge-patch+json", "application/json"),
        patches=SettingsIn,
    ),
]
SETTINGS_NAMES = frozenset(field.alias or name for name, field in SettingsIn.model_fields.items())


class RedirectUriIn(Wire):
    """One more address to return to."""

    model_config = shown({"redirectUri": "https://notes.example/back"})

    redirect_uri: str = Field(alias="redirectUri")


def schema_of(application: Application) -> dict[str, JsonValue] | None:
    """Answer an application's payload schema as JSON."""
    text = application.payload_schema
    return None if text is None else json.loads(text)


def _text(schema: dict[str, JsonValue] | None) -> str | None:
    return None if schema is None else schema_text(schema)
