"""Upstreams: providers elsewhere that vouch for people, as a workspace has chosen them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, SealedApart
from chalicelib.domain.limits import MAX_ATTRIBUTES
from chalicelib.domain.redirects import redirect_uri_of
from chalicelib.domain.tenants import DOMAIN, is_single

_MAX_ENTITY = 1_024  # characters (SAML Core 2.0, section 8.3.6)
_NAME = re.compile(r"[a-z][a-z0-9-]{2,39}")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_CLAIM = re.compile(r"[!-~]{1,80}")


class UpstreamKind(StrEnum):
    """In which protocol an upstream vouches for people."""

    OIDC = "oidc"
    SAML = "saml"


@dataclass(frozen=True, slots=True)
class Upstream:
    """A provider elsewhere, of a workspace; `attributes` are names here, and its claims for them.

    `domains` are those whose people it speaks for: none for a provider of anybody's. `tenants` are
    those of its organisations whose people may come. `is_proven` once somebody signed in by it as
    it is. One of SAML has a place for requests, and certificates of those who sign there.
    """

    workspace: WorkspaceId
    name: str
    issuer: str
    client_id: str
    display_name: str
    created_at: int
    secret: SealedApart | None = None
    domains: tuple[str, ...] = ()
    is_enabled: bool = True
    is_offered: bool = True
    makes_users: bool = False
    is_trusted_with_mfa: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    tenants: tuple[str, ...] = ()
    kind: UpstreamKind = UpstreamKind.OIDC
    sso_url: str = ""
    certificates: tuple[str, ...] = ()
    is_proven: bool = False
    is_removed: bool = False
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Tell whether people may be sent there."""
        return self.is_enabled and not self.is_removed

    @property
    def is_reachable(self) -> bool:
        """Tell whether people find the way there."""
        return self.is_open and (self.is_offered or bool(self.domains))

    def is_as(self, other: "Upstream") -> bool:
        """Tell whether a sign-in by the one says that the other works."""
        return _asked(self) == _asked(other)

    def speaks_for(self, email: str) -> bool:
        """Tell whether it may vouch for a normalised address."""
        return not self.domains or self.routes(email)

    def routes(self, email: str) -> bool:
        """Tell whether the people of this address's domain belong there."""
        return domain_of(email) in self.domains

    def knows(self, email: str) -> bool:
        """Tell whether its word alone is enough for an address that it did not confirm.

        Where the workspace gave a provider a domain, it knows who has an address there; of many
        tenants nobody knows which of them has the domain.
        """
        return self.routes(email) and is_single(self.issuer, self.tenants)


def secret_place(workspace: WorkspaceId, holder: UserId) -> Place:
    """Answer the only place in which a client secret opens; its holder is nobody."""
    return Place(workspace=workspace, user=holder, kind=KeyKind.IK, purpose="upstream")


def callback_of(origin: str, slug: str, name: str) -> str:
    """Answer where an upstream sends people back to.

    Each has a place of its own, so that none can answer in another's stead (RFC 9700, 4.4.2.2).
    """
    return f"{origin}/oidc/{slug}/callback/{name}"


def is_upstream_name(text: str) -> bool:
    """Tell whether a text can be the name of an upstream."""
    return _NAME.fullmatch(text) is not None


def upstream_name_of(text: str) -> str:
    """Answer the text as the name of an upstream; raises `InvalidInput`."""
    if not is_upstream_name(text):
        raise InvalidInput(
            "A provider's name is 3 to 40 characters: a-z, 0-9 and -, starting with a letter.",
            Fault("/name", "not a name"),
        )
    return text


def issuer_of(text: str) -> str:
    """Answer the text as an issuer (OpenID Connect Core 1.0, section 2); raises `InvalidInput`."""
    try:
        redirect_uri_of(text)
    except InvalidInput as error:
        fault = error.faults[0].detail if error.faults else "not an issuer"
        raise _no_issuer(fault) from None
    if "?" in text:
        raise _no_issuer("no query")
    return text


def entity_name_of(text: str) -> str:
    """Answer the text as what a SAML provider calls itself; raises `InvalidInput`."""
    if not text or text != text.strip() or not text.isprintable() or len(text) > _MAX_ENTITY:
        raise _no_issuer("1,024 printable characters at most")
    return text


def sso_url_of(text: str | None) -> str:
    """Answer the text as where a SAML provider takes requests; raises `InvalidInput`."""
    return _address_of(text or "", "/ssoUrl")


def metadata_url_of(text: str) -> str:
    """Answer the text as where a SAML provider describes itself; raises `InvalidInput`."""
    return _address_of(text, "/metadataUrl")


def domain_of(email: str) -> str:
    """Answer the domain of a normalised address."""
    return email.rpartition("@")[2]


def domains_of(texts: list[str]) -> tuple[str, ...]:
    """Answer the domains of addresses, as they stand in normalised ones; raises `InvalidInput`."""
    domains = tuple(dict.fromkeys(text.strip().lower() for text in texts))
    for number, domain in enumerate(domains):
        if DOMAIN.fullmatch(domain) is None:
            fault = Fault(f"/domains/{number}", "not a domain like acme.example")
            raise InvalidInput("That is not a domain.", fault)
    return domains


def attribute_names_of(attributes: Mapping[str, str]) -> Mapping[str, str]:
    """Answer attributes and their claims; raises `InvalidInput`."""
    if len(attributes) > MAX_ATTRIBUTES:
        most = f"{MAX_ATTRIBUTES} at most"
        raise InvalidInput("There are too many attributes.", Fault("/attributes", most))
    for name, claim in attributes.items():
        if _ATTRIBUTE.fullmatch(name) is None or _CLAIM.fullmatch(claim) is None:
            raise InvalidInput(
                "That is not an attribute.", Fault("/attributes", "a short name, and a claim")
            )
    return attributes


def _address_of(text: str, pointer: str) -> str:
    try:
        return redirect_uri_of(text)
    except InvalidInput as error:
        fault = error.faults[0].detail if error.faults else "no address"
        raise InvalidInput("That is no address.", Fault(pointer, fault)) from None


def _no_issuer(fault: str) -> InvalidInput:
    return InvalidInput("That is not an issuer.", Fault("/issuer", fault))


def _asked(upstream: Upstream) -> tuple[object, ...]:
    named = (upstream.kind, upstream.issuer, upstream.client_id, upstream.tenants)
    return (*named, upstream.secret, upstream.sso_url, upstream.certificates)
