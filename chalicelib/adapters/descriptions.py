"""Descriptions that SAML providers give of themselves (SAML Metadata 2.0), read by lxml."""

from lxml import etree

from chalicelib.adapters.statements import PROTOCOL
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.saml import Description

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_CERTIFICATE = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def described(document: str) -> Description:
    """Answer what a provider's description says; raises `InvalidInput`.

    Its signature is not asked for: an operator vouches for it, as for what they type.
    """
    root = _parsed(document)
    if root.tag != f"{_METADATA}EntityDescriptor":
        raise _unusable("the description of one provider, an EntityDescriptor")
    spoken = PROTOCOL.strip("{}")
    roles = [
        role
        for role in root.iterfind(f"{_METADATA}IDPSSODescriptor")
        if spoken in role.get("protocolSupportEnumeration", "").split()
    ]
    if not roles:
        raise _unusable("a description of who signs people in, an IDPSSODescriptor of SAML 2.0")
    (role, *_) = roles
    places = [
        place.get("Location", "")
        for place in role.iterfind(f"{_METADATA}SingleSignOnService")
        if place.get("Binding") == _REDIRECT
    ]
    if not places:
        raise _unusable("a SingleSignOnService of the HTTP-Redirect binding")
    certificates = [
        "".join((each.text or "").split())
        for key in role.iterfind(f"{_METADATA}KeyDescriptor")
        if key.get("use", "signing") == "signing"
        for each in key.iter(_CERTIFICATE)
    ]
    return Description(root.get("entityID", ""), places[0], tuple(dict.fromkeys(certificates)))


def _parsed(document: str) -> etree._Element:
    text = document.removeprefix("\ufeff").strip()
    # No description needs a declaration, and entities are made of nothing else.
    if "<!DOCTYPE" in text:
        raise _unusable("no DOCTYPE")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (ValueError, etree.XMLSyntaxError):
        raise _unusable("XML") from None


def _unusable(fault: str) -> InvalidInput:
    return InvalidInput("That description cannot be used.", Fault("/metadata", fault))
