"""SAML 2.0 as a service provider speaks it: what is asked, what is expected, what was asserted."""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from time import gmtime, strftime
from urllib.parse import urlencode, urlsplit

from chalicelib.domain.vouching import Vouched

_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
_METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
_NOTICE = 30 * 86_400  # seconds before the last certificate of a provider expires
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a response has to say, and by whose certificates it has to be signed."""

    issuer: str
    certificates: tuple[str, ...]
    audience: str
    recipient: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Asserted:
    """An assertion that is believed; `exp` is when it could not be shown any more."""

    vouched: Vouched
    id: str
    exp: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """By which a provider's signatures are known, from one moment until another."""

    body: str
    since: int
    until: int

    def is_valid(self, now: int) -> bool:
        """Tell whether what is signed with its key counts."""
        return self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Description:
    """A provider by its name, where it takes requests, and the certificates of who signs there."""

    issuer: str
    sso_url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """An authentication request (SAML Core 2.0, section 3.4.1)."""

    id: str
    issuer: str
    destination: str
    recipient: str
    issued_at: int
    is_forced: bool = False

    @property
    def xml(self) -> str:
        """Answer the request as it is sent."""
        forced = ' ForceAuthn="true"' if self.is_forced else ""
        at = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(self.issued_at))
        return (
            f'<samlp:AuthnRequest xmlns:samlp="{_PROTOCOL}" xmlns:saml="{_ASSERTION}"'
            f' ID="{escape(self.id)}" Version="2.0" IssueInstant="{at}"'
            f' Destination="{escape(self.destination)}" ProtocolBinding="{_POST}"'
            f' AssertionConsumerServiceURL="{escape(self.recipient)}"{forced}>'
            f"<saml:Issuer>{escape(self.issuer)}</saml:Issuer>"
            '<samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>'
        )

    def sent(self, relay_state: str) -> str:
        """Answer where a browser goes with it (SAML Bindings 2.0, section 3.4)."""
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed = packer.compress(self.xml.encode()) + packer.flush()
        words = {"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": relay_state}
        joint = "&" if urlsplit(self.destination).query else "?"
        return f"{self.destination}{joint}{urlencode(words)}"


def warnings_of(ends: Sequence[int], *, now: int) -> list[str]:
    """Answer what an operator should know of certificates that expire at these moments."""
    if not ends or max(ends) >= now + _NOTICE:
        return []
    if max(ends) <= now:
        return ["Its certificates have expired: nobody signs in by it."]
    day = strftime("%Y-%m-%d", gmtime(max(ends)))
    return [f"Its last certificate expires on {day}: add the next one before."]


def entity_of(origin: str, slug: str, name: str) -> str:
    """Answer what we are called at a provider: where it finds our description."""
    return f"{origin}/oidc/{slug}/saml/{name}/metadata"


def recipient_of(origin: str, slug: str, name: str) -> str:
    """Answer where a provider's responses are taken; each has a place of its own."""
    return f"{origin}/oidc/{slug}/saml/{name}/acs"


def request_id_of(nonce: str) -> str:
    """Answer the id of a request; an XML name does not begin with a digit."""
    return f"_{nonce}"


def description_of(*, entity: str, recipient: str) -> str:
    """Answer our own description (SAML Metadata 2.0, section 2.4.4)."""
    return (
        f'<md:EntityDescriptor xmlns:md="{_METADATA}" entityID="{escape(entity)}">'
        '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{_PROTOCOL}">'
        f'<md:AssertionConsumerService Binding="{_POST}" Location="{escape(recipient)}"'
        ' index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>'
    )
