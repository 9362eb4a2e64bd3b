"""Wire shape of an identity provider as an operator chooses it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from chalicelib.api.schemas.console import DisplayName
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.limits import (
    MAX_ATTRIBUTES,
    MAX_CERTIFICATES,
    MAX_METADATA,
    MAX_UPSTREAM_DOMAINS,
    MAX_UPSTREAM_TENANTS,
)
from chalicelib.domain.tenants import tenants_of
from chalicelib.domain.upstreams import (
    UpstreamKind,
    attribute_names_of,
    domains_of,
    entity_name_of,
    issuer_of,
    metadata_url_of,
    sso_url_of,
)
from chalicelib.services.upstreams import Choice

CHOSEN: dict[str, JsonValue] = {
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
SAML: dict[str, JsonValue] = {
    "kind": "saml",
    "displayName": "Acme",
    "domains": ["acme.example"],
    "makesUsers": True,
    "attributes": {"department": "dept"},
}
DESCRIBED: dict[str, JsonValue] = {
    "issuer": "https://idp.acme.example/saml",
    "ssoUrl": "https://idp.acme.example/saml/sso",
    "certificates": ["MIICrzCCAZegAwIBAgIBBzANBgkqhkiG9w0BAQsFADAbMRkwFwYDVQQD"],
}
_METADATA = "https://idp.acme.example/saml/metadata"


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
    with one of `certificates` (X.509, PEM). In their stead stands its own description, as the text
    of `metadata` or at `metadataUrl`; it is read now, and not again by itself. It confirms no
    address, so it needs `domains`. Assertions are signed, and not encrypted.
    """

    model_config = shown(
        {**CHOSEN, "clientSecret": "of-the-provider"},
        {**SAML, "metadataUrl": _METADATA},
        {**SAML, **DESCRIBED},
    )

    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    issuer: str | None = Field(default=None, max_length=2_000)
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
    metadata: str | None = Field(default=None, min_length=1, max_length=MAX_METADATA, repr=False)
    metadata_url: str | None = Field(
        alias="metadataUrl", default=None, min_length=1, max_length=2_000
    )

    def choice(self) -> Choice:
        """Answer the settings as the domain knows them; raises `InvalidInput`."""
        if UpstreamKind(self.kind) is UpstreamKind.SAML:
            return self._of_saml()
        foreign = {"/ssoUrl": self.sso_url, "/certificates": self.certificates, **self._described}
        _refuse(foreign, {"/issuer": self.issuer, "/clientId": self.client_id})
        return replace(self._common(), issuer=issuer_of(self.issuer or ""))

    def _of_saml(self) -> Choice:
        foreign = {"/clientId": self.client_id, "/clientSecret": self.client_secret}
        typed = {
            "/issuer": self.issuer,
            "/ssoUrl": self.sso_url,
            "/certificates": self.certificates,
        }
        if self.metadata or self.metadata_url:
            both = self.metadata and self.metadata_url
            _refuse({**foreign, **typed, "/metadataUrl": both}, {"/domains": self.domains})
            url = None if self.metadata_url is None else metadata_url_of(self.metadata_url)
            return replace(self._common(), metadata=self.metadata, metadata_url=url)
        _refuse(foreign, {**typed, "/domains": self.domains})
        return replace(
            self._common(),
            issuer=entity_name_of(self.issuer or ""),
            sso_url=sso_url_of(self.sso_url),
            certificates=tuple(self.certificates),
        )

    @property
    def _described(self) -> dict[str, object]:
        return {"/metadata": self.metadata, "/metadataUrl": self.metadata_url}

    def _common(self) -> Choice:
        return Choice(
            issuer=self.issuer or "",
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
            tenants=tenants_of(self.issuer or "", self.tenants),
        )


def _refuse(foreign: Mapping[str, object], demanded: Mapping[str, object]) -> None:
    faults = [Fault(pointer, "not of this kind") for pointer, given in foreign.items() if given]
    faults += [Fault(pointer, "missing") for pointer, given in demanded.items() if not given]
    if faults:
        raise InvalidInput("A provider of this kind is described in another way.", *faults)
