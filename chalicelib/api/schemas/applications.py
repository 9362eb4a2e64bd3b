"""Wire shapes of the operators' routes about applications."""

import json
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, JsonValue

from chalicelib.api.contract import Json
from chalicelib.api.paging import cursor_of
from chalicelib.api.schemas.client_secrets import SecretOut
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
from chalicelib.domain.payload_schemas import Checked, schema_text
from chalicelib.domain.redirects import redirect_uri_of
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse

_SETTINGS: dict[str, JsonValue] = {
    "displayName": "Notes",
    "redirectUris": ["https://notes.example/"],
    "tokenLifetime": 900,
}
_SHOWN: dict[str, JsonValue] = {
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
    "kind": "browser",
    "dpop": "allowed",
    "idTokenAlg": "ES256",
    "visitors": "off",
    "createdAt": 1_795_000_000,
    "secrets": [],
}
_SCHEMA: JsonValue = {"type": "object", "required": ["color"]}
_CHECKED: JsonValue = {"checked": 200, "failing": 3, "nextCursor": "MTc5NTAwMDAwMCMwMUpEN1EyTTg"}


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
    payload_seconds: Lifetime = Field(
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
    kind: Literal["browser", "native", "server"] = "browser"
    dpop: Literal["off", "allowed", "required"] = "allowed"
    id_token_alg: Literal["ES256", "RS256"] = Field(alias="idTokenAlg", default="ES256")
    visitors: Literal["off", "allowed"] = "off"
    payload_schema: dict[str, JsonValue] | None = Field(alias="payloadSchema", default=None)

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
            payload_schema=_schema(application),
        )

    def settings(self) -> dict[str, Any]:
        """Answer the settings by their names in the domain; raises `InvalidInput`."""
        return {
            "name": self.display_name,
            "redirect_uris": self._distinct(self.redirect_uris),
            "post_logout_uris": self._distinct(self.post_logout_uris),
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

    def _distinct(self, uris: list[str]) -> tuple[str, ...]:
        is_native = ClientKind(self.kind) is ClientKind.NATIVE
        return tuple(dict.fromkeys(redirect_uri_of(uri, is_native=is_native) for uri in uris))


class ApplicationIn(SettingsIn):
    """An application to be registered."""

    model_config = shown({"appId": "notes", **_SETTINGS})

    app_id: str = Field(alias="appId")


SettingsPatchIn: TypeAlias = Annotated[
    payloads.JsonValue,
    Json(
        "SettingsPatchIn",
        "A JSON Merge Patch (RFC 7396) of the settings; null is the default again. "
        "A payload schema is one value: it is replaced as a whole, like a list.",
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
    kind: ClientKind
    dpop: DpopUse
    id_token_alg: SigningAlg = Field(alias="idTokenAlg")
    visitors: VisitorUse
    created_at: int = Field(alias="createdAt")
    secrets: list[SecretOut]

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
            kind=application.kind,
            dpop=application.dpop,
            id_token_alg=application.id_token_alg,
            visitors=application.visitors,
            created_at=application.created_at,
            secrets=[SecretOut.of(each) for each in application.secrets],
        )


class ApplicationsOut(Wire):
    """A page of applications; `nextCursor` is null on the last."""

    model_config = shown({"items": [_SHOWN], "nextCursor": None})

    items: list[ApplicationOut]
    next_cursor: str | None = Field(alias="nextCursor", default=None)


class SettingsOut(ApplicationOut):
    """An application alone, with its schema; lists leave that out."""

    model_config = shown({**_SHOWN, "payloadSchema": _SCHEMA})

    payload_schema: dict[str, JsonValue] | None = Field(alias="payloadSchema")

    @classmethod
    def of(cls, application: Application) -> Self:
        """Answer an application as it goes over the wire."""
        listed = dict(ApplicationOut.of(application))
        return cls(**listed, payload_schema=_schema(application))


class SchemaCheckIn(Wire):
    """A schema to be held against the live sessions, from a cursor on."""

    model_config = shown({"payloadSchema": _SCHEMA})

    payload_schema: dict[str, JsonValue] = Field(alias="payloadSchema")
    cursor: str | None = None


class CheckedOut(Wire):
    """How many live sessions were looked at, and how many of them the schema refuses."""

    model_config = shown(_CHECKED)

    checked: int
    failing: int
    next_cursor: str | None = Field(alias="nextCursor")

    @classmethod
    def of(cls, checked: Checked) -> Self:
        """Answer a batch as it goes over the wire."""
        after = cursor_of(checked.after)
        return cls(checked=checked.checked, failing=checked.failing, next_cursor=after)


class ChangedOut(SettingsOut):
    """An application after a change; `schemaCheck` is there when the schema is a new one."""

    model_config = shown({**_SHOWN, "payloadSchema": _SCHEMA, "schemaCheck": _CHECKED})

    schema_check: CheckedOut | None = Field(alias="schemaCheck", default=None)


def _schema(application: Application) -> dict[str, JsonValue] | None:
    text = application.payload_schema
    return None if text is None else json.loads(text)


def _text(schema: dict[str, JsonValue] | None) -> str | None:
    return None if schema is None else schema_text(schema)
