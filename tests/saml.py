"""A SAML provider of our own making, which signs whatever a test wants."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from chalicelib.domain.ports.upstreams import Assertions
from chalicelib.domain.saml import Asserted, Expected
from chalicelib.domain.vouching import Doubt
from tests.builders import NOW

ISSUER = "https://idp.acme.example/saml"
AUDIENCE = "https://flows.example/oidc/acme/saml/acme/metadata"
RECIPIENT = "https://flows.example/oidc/acme/saml/acme/acs"
REQUEST = "_request-1"
SSO = "https://idp.acme.example/sso"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
SIGNATURES = "http://www.w3.org/2000/09/xmldsig#"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


class _WithSha1(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """Let it be weak."""


@dataclass
class Identity:
    """A key and its certificate."""

    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    since: int = NOW - 86_400
    until: int = NOW + 86_400 * 365

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.acme.example")])
        made = x509.CertificateBuilder(name, name, self.key.public_key(), 7)
        made = made.not_valid_before(datetime.fromtimestamp(self.since, UTC))
        made = made.not_valid_after(datetime.fromtimestamp(self.until, UTC))
        self.certificate = made.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def body(self) -> str:
        return base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()

    @property
    def secret(self) -> bytes:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return bytes(self.key.private_bytes(*form))


IDENTITY, STRANGER = Identity(), Identity()
OF_CURVE = Identity(ec.generate_private_key(ec.SECP256R1()))
EXPECTED = Expected(ISSUER, (IDENTITY.body,), AUDIENCE, RECIPIENT, REQUEST)


def at(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def assertion(**words: Any) -> etree._Element:
    """An assertion; words replace what it says, and `None` leaves it out."""
    said: dict[str, Any] = {
        "id": f"_{secrets.token_hex(8)}",
        "issuer": ISSUER,
        "issued": at(NOW),
        "name_id": "u-1",
        "format": PERSISTENT,
        "method": BEARER,
        "recipient": RECIPIENT,
        "request": REQUEST,
        "until": at(NOW + 300),
        "since": None,
        "not_before": at(NOW - 60),
        "not_after": at(NOW + 300),
        "audiences": [[AUDIENCE]],
        "attributes": {"email": ["nora@acme.example"], "displayName": ["Nora"], "dept": ["law"]},
        "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "authenticated": at(NOW - 5),
        "session_until": None,
        **words,
    }
    root = etree.Element(_(ASSERTION, "Assertion"), nsmap={"saml": ASSERTION})
    _set(root, ID=said["id"], Version="2.0", IssueInstant=said["issued"])
    _add(root, "Issuer", said["issuer"])
    subject = _add(root, "Subject", "")
    if said["name_id"] is not None:
        _set(_add(subject, "NameID", said["name_id"]), Format=said["format"])
    confirmation = _set(_add(subject, "SubjectConfirmation", ""), Method=said["method"])
    data = _add(confirmation, "SubjectConfirmationData", "")
    _set(data, Recipient=said["recipient"], InResponseTo=said["request"])
    _set(data, NotOnOrAfter=said["until"], NotBefore=said["since"])
    conditions = _add(root, "Conditions", "")
    _set(conditions, NotBefore=said["not_before"], NotOnOrAfter=said["not_after"])
    for audiences in said["audiences"]:
        restriction = _add(conditions, "AudienceRestriction", "")
        for audience in audiences:
            _add(restriction, "Audience", audience)
    if said["authenticated"] is not None:
        statement = _set(_add(root, "AuthnStatement", ""), AuthnInstant=said["authenticated"])
        _set(statement, SessionNotOnOrAfter=said["session_until"])
        _add(_add(statement, "AuthnContext", ""), "AuthnContextClassRef", said["context"])
    attributes = _add(root, "AttributeStatement", "")
    for name, values in said["attributes"].items():
        attribute = _set(_add(attributes, "Attribute", ""), Name=name)
        for value in values:
            _add(attribute, "AttributeValue", value)
    return root


def signed(
    element: etree._Element,
    by: Identity = IDENTITY,
    *,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
) -> etree._Element:
    """The same element with a signature after its issuer."""
    place = etree.SubElement(element, _(SIGNATURES, "Signature"), nsmap={"ds": SIGNATURES})
    place.set("Id", "placeholder")
    element.remove(place)
    element.insert(1, place)
    signer = _WithSha1(
        signature_algorithm=method,
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    made = signer.sign(
        element,
        key=by.secret,
        cert=[by.certificate],
        reference_uri=element.get("ID"),
        id_attribute="ID",
    )
    return etree.fromstring(etree.tostring(made))


def resigned(
    element: etree._Element, change: Callable[[etree._Element], None], by: Identity = IDENTITY
) -> etree._Element:
    """The same element, with a right signature over a `SignedInfo` that was changed."""
    (signature,) = element.iterfind(_(SIGNATURES, "Signature"))
    info = signature.find(_(SIGNATURES, "SignedInfo"))
    change(info)
    plain = etree.tostring(info, method="c14n", exclusive=True)
    made = by.key.sign(plain, padding.PKCS1v15(), hashes.SHA256())
    signature.find(_(SIGNATURES, "SignatureValue")).text = base64.b64encode(made).decode()
    return element


def response(*parts: etree._Element, **words: Any) -> etree._Element:
    """A response around parts."""
    said: dict[str, Any] = {
        "ID": f"_{secrets.token_hex(8)}",
        "Version": "2.0",
        "IssueInstant": at(NOW),
        "Destination": RECIPIENT,
        "InResponseTo": REQUEST,
        "issuer": ISSUER,
        "status": "urn:oasis:names:tc:SAML:2.0:status:Success",
        **words,
    }
    root = etree.Element(_(PROTOCOL, "Response"), nsmap={"samlp": PROTOCOL})
    issuer, status = said.pop("issuer"), said.pop("status")
    _set(root, **said)
    if issuer is not None:
        _add(root, "Issuer", issuer)
    code = etree.SubElement(
        etree.SubElement(root, _(PROTOCOL, "Status")), _(PROTOCOL, "StatusCode")
    )
    code.set("Value", status)
    for part in parts:
        root.append(part)
    return root


def description(*identities: Identity, issuer: str = ISSUER, sso: str = SSO) -> str:
    """What a provider says of itself, with what none of ours asks for."""
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{each.body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for each in identities
    )
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}"'
        f' xmlns:ds="{SIGNATURES}"><md:IDPSSODescriptor WantAuthnRequestsSigned="false"'
        f' protocolSupportEnumeration="{PROTOCOL}">{keys}'
        f'<md:SingleSignOnService Binding="{_BINDING}POST" Location="{sso}/post"/>'
        f'<md:SingleSignOnService Binding="{_BINDING}Redirect" Location="{sso}"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def sent(root: etree._Element, change: Callable[[str], str] = lambda text: text) -> str:
    """A response as a browser posts it."""
    return base64.b64encode(change(etree.tostring(root).decode()).encode()).decode()


def read(port: Assertions, root: etree._Element, **words: Any) -> Asserted | Doubt | None:
    """What a port makes of a response that is posted."""
    return port.read(sent(root), replace(EXPECTED, **words))


def _(space: str, name: str) -> str:
    return f"{{{space}}}{name}"


def _add(parent: etree._Element, name: str, text: str) -> etree._Element:
    made = etree.SubElement(parent, _(ASSERTION, name))
    made.text = text or None
    return made


def _set(element: etree._Element, **attributes: str | None) -> etree._Element:
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)
    return element
