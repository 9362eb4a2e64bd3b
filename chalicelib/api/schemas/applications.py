"""Wire shapes of applications, as their operators see them."""

from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.client_secrets import SecretOut
from chalicelib.api.schemas.schema_checks import CHECKED, SCHEMA, CheckedOut
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.api.schemas.settings import SETTINGS, schema_of
from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.clients import ClientKind, DpopUse
from chalicelib.domain.limits import DEFAULT_PAYLOAD_BYTES
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse

_SHOWN: dict[str, JsonValue] = {
    **SETTINGS,
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

    model_config = shown({**_SHOWN, "payloadSchema": SCHEMA})

    payload_schema: dict[str, JsonValue] | None = Field(alias="payloadSchema")

    @classmethod
    def of(cls, application: Application) -> Self:
        """Answer an application as it goes over the wire."""
        listed = dict(ApplicationOut.of(application))
        return cls(**listed, payload_schema=schema_of(application))


class ChangedOut(SettingsOut):
    """An application after a change; `schemaCheck` is there when the schema is a new one."""

    model_config = shown({**_SHOWN, "payloadSchema": SCHEMA, "schemaCheck": CHECKED})

    schema_check: CheckedOut | None = Field(alias="schemaCheck", default=None)
