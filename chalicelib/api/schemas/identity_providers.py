"""Wire shapes of identity providers, as the operators of a workspace see them."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.provider_choices import CHOSEN, DESCRIBED, SAML
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.presets import PRESETS, Preset
from chalicelib.domain.upstreams import Upstream, UpstreamKind

_SHOWN: dict[str, JsonValue] = {
    **CHOSEN,
    "name": "acme",
    "hasSecret": True,
    "ssoUrl": None,
    "certificates": [],
    "certificatesExpireAt": [],
    "warnings": [],
    "redirectUri": "https://flows.example/oidc/demo/callback/acme",
    "createdAt": 1_795_000_000,
}
_SHOWN_SAML: dict[str, JsonValue] = {
    **_SHOWN,
    **SAML,
    **DESCRIBED,
    "clientId": "https://flows.example/oidc/demo/saml/acme/metadata",
    "hasSecret": False,
    "certificatesExpireAt": [1_826_000_000],
    "redirectUri": "https://flows.example/oidc/demo/saml/acme/acs",
}


class IdentityProviderOut(Wire):
    """An identity provider, all but its secret; `redirectUri` is to be registered there.

    One of SAML knows us by `clientId` (our entityID), where our description lies. `warnings` say
    what is to be done about its certificates.
    """

    model_config = shown(_SHOWN, _SHOWN_SAML)

    name: str
    display_name: str = Field(alias="displayName")
    issuer: str
    client_id: str = Field(alias="clientId")
    has_secret: bool = Field(alias="hasSecret")
    domains: list[str]
    enabled: bool
    offered: bool
    makes_users: bool = Field(alias="makesUsers")
    trusts_mfa: bool = Field(alias="trustsMfa")
    attributes: dict[str, str]
    tenants: list[str]
    kind: UpstreamKind
    sso_url: str | None = Field(alias="ssoUrl")
    certificates: list[str]
    certificates_expire_at: list[int] = Field(alias="certificatesExpireAt")
    warnings: list[str]
    redirect_uri: str = Field(alias="redirectUri")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(
        cls,
        upstream: Upstream,
        *,
        client_id: str,
        redirect_uri: str,
        ends: Sequence[int] = (),
        warnings: Sequence[str] = (),
    ) -> Self:
        """Answer an upstream as it goes over the wire, and what we are called there."""
        return cls(
            name=upstream.name,
            display_name=upstream.display_name,
            issuer=upstream.issuer,
            client_id=client_id,
            has_secret=upstream.secret is not None,
            domains=list(upstream.domains),
            enabled=upstream.is_enabled,
            offered=upstream.is_offered,
            makes_users=upstream.makes_users,
            trusts_mfa=upstream.is_trusted_with_mfa,
            attributes=dict(upstream.attributes),
            tenants=list(upstream.tenants),
            kind=upstream.kind,
            sso_url=upstream.sso_url or None,
            certificates=list(upstream.certificates),
            certificates_expire_at=list(ends),
            warnings=list(warnings),
            redirect_uri=redirect_uri,
            created_at=upstream.created_at,
        )


class PresetOut(Wire):
    """A provider that many have; what stands in braces in its issuer is to be filled in."""

    preset: str
    display_name: str = Field(alias="displayName")
    issuer: str
    hint: str
    tenants: str | None

    @classmethod
    def of(cls, preset: Preset) -> Self:
        """Answer a preset as it goes over the wire."""
        return cls(
            preset=preset.name,
            display_name=preset.display_name,
            issuer=preset.issuer,
            hint=preset.said,
            tenants=preset.tenants,
        )


class IdentityProvidersOut(Wire):
    """The identity providers of a workspace, and presets for those that many have."""

    model_config = shown(
        {
            "items": [_SHOWN],
            "presets": [
                {
                    "preset": "okta",
                    "displayName": "Okta",
                    "issuer": "https://{organisation}.okta.com",
                    "hint": "The organisation's own address.",
                    "tenants": None,
                }
            ],
        }
    )

    items: list[IdentityProviderOut]
    presets: list[PresetOut] = Field(default_factory=lambda: [*map(PresetOut.of, PRESETS)])


class IdentityProviderRemovedOut(Wire):
    """Which identity provider is none any more."""

    model_config = shown({"removed": True, "name": "acme"})

    removed: bool
    name: str
