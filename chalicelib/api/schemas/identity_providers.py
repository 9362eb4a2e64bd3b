"""Wire shapes of the operators' routes about identity providers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.console import DisplayName
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.limits import (
    MAX_ATTRIBUTES,
    MAX_CERTIFICATES,
    MAX_UPSTREAM_DOMAINS,
    MAX_UPSTREAM_TENANTS,
)
from chalicelib.domain.presets import PRESETS, Preset
from chalicelib.domain.tenants import tenants_of
from chalicelib.domain.upstreams import (
    Upstream,
    UpstreamKind,
    attribute_names_of,
    domains_of,
    entity_name_of,
    issuer_of,
    sso_url_of,
)
from chalicelib.services.upstreams import Choice

_CHOSEN: dict[str, JsonValue] = {
    "displayName": "Acme",
    "issuer": "https://login.acme.example",
    "clientId": "secureflows",
    "domains": ["acme.example"],
    "enabled": True,
    "offered": True,
    "makesUsers": True,
    "trustsMfa": False,
    "attributes": {"department": "dept"},
    "tenants": [],
    "kind": "oidc",
}
_SHOWN: dict[str, JsonValue] = {
    **_CHOSEN,
    "name": "acme",
    "hasSecret": True,
    "ssoUrl": None,
    "certificates": [],
    "redirectUri": "https://flows.example/oidc/demo/callback/acme",
    "createdAt": 1_795_000_000,
}


class IdentityProviderIn(Wire):
    """A provider by which people sign in, of OpenID Connect unless it says otherwise.

    Without a `clientSecret` the one that is there stays; nothing ever answers it. `domains` are
    those of the addresses whose people it speaks for, and it speaks for anybody where there is
    none. `makesUsers` lets in whom it vouches for without an account. `trustsMfa` takes its `mfa`
    for a second factor. `attributes` are names here, and the claims that say them. `tenants` are
    those whose people may come: Google's domains (`hd`), or tenant ids of Microsoft (`tid`), whose
    `common` and `organizations` need them. Of several tenants, and of Google outside its own
    domains, an address counts only where it is confirmed: by `xms_edov`, or by `hd`.

    One of `kind` `saml` calls itself `issuer` (its entityID), takes requests at `ssoUrl` and signs
    with one of `certificates` (X.509, PEM). It confirms no address, so it needs `domains`.
    """

    model_config = shown({**_CHOSEN, "clientSecret": "of-the-provider"})

    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    issuer: str = Field(max_length=2_000)
    client_id: str | None = Field(alias="clientId", default=None, min_length=1, max_length=400)
    client_secret: str | None = Field(
        alias="clientSecret", default=None, min_length=1, max_length=1_000, repr=False
    )
    domains: list[str] = Field(default_factory=list, max_length=MAX_UPSTREAM_DOMAINS)
    enabled: bool = True
    offered: bool = True
    makes_users: bool = Field(alias="makesUsers", default=False)
    trusts_mfa: bool = Field(alias="trustsMfa", default=False)
    attributes: dict[str, str] = Field(default_factory=dict, max_length=MAX_ATTRIBUTES)
    tenants: list[str] = Field(default_factory=list, max_length=MAX_UPSTREAM_TENANTS)
    kind: Literal["oidc", "saml"] = "oidc"
    sso_url: str | None = Field(alias="ssoUrl", default=None, max_length=2_000)
    certificates: list[Annotated[str, Field(max_length=8_000)]] = Field(
        default_factory=list, max_length=MAX_CERTIFICATES
    )

    def choice(self) -> Choice:
        """Answer the settings as the domain knows them; raises `InvalidInput`."""
        common = self._common()
        if UpstreamKind(self.kind) is UpstreamKind.SAML:
            demanded = {
                "/ssoUrl": self.sso_url,
                "/certificates": self.certificates,
                "/domains": self.domains,
            }
            _refuse({"/clientId": self.client_id, "/clientSecret": self.client_secret}, demanded)
            return replace(
                common,
                issuer=entity_name_of(self.issuer),
                sso_url=sso_url_of(self.sso_url),
                certificates=tuple(self.certificates),
            )
        foreign = {"/ssoUrl": self.sso_url, "/certificates": self.certificates}
        _refuse(foreign, {"/clientId": self.client_id})
        return replace(common, issuer=issuer_of(self.issuer))

    def _common(self) -> Choice:
        return Choice(
            issuer=self.issuer,
            kind=UpstreamKind(self.kind),
            client_id=self.client_id or "",
            display_name=self.display_name,
            secret=self.client_secret,
            domains=domains_of(self.domains),
            is_enabled=self.enabled,
            is_offered=self.offered,
            makes_users=self.makes_users,
            is_trusted_with_mfa=self.trusts_mfa,
            attributes=attribute_names_of(self.attributes),
            tenants=tenants_of(self.issuer, self.tenants),
        )


class IdentityProviderOut(Wire):
    """An identity provider, all but its secret; `redirectUri` is to be registered there.

    One of SAML knows us by `clientId` (our entityID), where our description lies.
    """

    model_config = shown(_SHOWN)

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
    redirect_uri: str = Field(alias="redirectUri")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(cls, upstream: Upstream, *, client_id: str, redirect_uri: str) -> Self:
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


def _refuse(foreign: Mapping[str, object], demanded: Mapping[str, object]) -> None:
    faults = [Fault(pointer, "not of this kind") for pointer, given in foreign.items() if given]
    faults += [Fault(pointer, "missing") for pointer, given in demanded.items() if not given]
    if faults:
        raise InvalidInput("A provider of this kind is described in another way.", *faults)
