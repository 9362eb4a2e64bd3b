"""SAML 2.0 responses: what of them was signed, and by whom; by lxml and signxml."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from chalicelib.adapters.descriptions import described
from chalicelib.adapters.statements import ASSERTION, PROTOCOL, asserted
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.saml import Asserted, Description, Expected
from chalicelib.domain.vouching import Doubt

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_TRANSFORM = "{http://www.w3.org/2000/09/xmldsig#}Transform"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# SAML Core 2.0, section 5.4.4: any other could make of a document what was never signed.
_TRANSFORMS = frozenset(
    {
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        *(_EXCLUSIVE, f"{_EXCLUSIVE}WithComments"),
    }
)
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_NAMES = ("ID", "Id", "id")
_MAX_BYTES = 256 * 1024
_MAX_ELEMENTS = 5_000
# No SHA-1, which can be made to collide, and no secret that two know.
_METHODS = frozenset(
    {
        *(SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512),
        *(SignatureMethod.SHA256_RSA_MGF1, SignatureMethod.SHA512_RSA_MGF1),
        *(SignatureMethod.ECDSA_SHA256, SignatureMethod.ECDSA_SHA384),
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_OF_RESPONSE = "./"
_OF_ASSERTION = f"./{ASSERTION}Assertion/"


class SignedAssertions:
    """Answers `Assertions`."""

    def __init__(self, *, clock: Clock) -> None:
        """Take the clock."""
        self._clock = clock

    def describe(self, document: str) -> Description:
        return described(document)

    def read(self, response: str, expected: Expected) -> Asserted | Doubt | None:
        root = _parsed(response)
        if root is None:
            return Doubt.MALFORMED
        if next(root.iter(f"{ASSERTION}EncryptedAssertion"), None) is not None:
            return Doubt.ENCRYPTED
        status = root.find(f"{PROTOCOL}Status/{PROTOCOL}StatusCode")
        if status is None or status.get("Value") != _SUCCESS:
            return None
        doubt = _misdirected(root, expected)
        if doubt is not None:
            return doubt
        signed = self._signed(root, expected.certificates)
        if signed is None:
            return Doubt.SIGNATURE
        return asserted(signed, expected, now=self._clock.now())

    def _signed(self, root: etree._Element, certificates: Sequence[str]) -> etree._Element | None:
        # What is read afterwards comes out of the signature and not out of the document, and both
        # have one assertion: so there is none beside it that somebody could have put there.
        assertions = list(root.iter(f"{ASSERTION}Assertion"))
        if len(assertions) != 1 or assertions[0].getparent() is not root:
            return None
        if not {each.get("Algorithm") for each in root.iter(_TRANSFORM)} <= _TRANSFORMS:
            return None
        (assertion,) = assertions
        places = {_OF_RESPONSE: root, _OF_ASSERTION: assertion}
        signed = {at: each for at, each in places.items() if each.find(_SIGNATURE) is not None}
        if not signed or len(signed) != len(list(root.iter(_SIGNATURE))):
            return None
        found: etree._Element | None = None
        # The assertion's own comes last and is what counts where there are both.
        for at, element in signed.items():
            verified = self._verified(root, at, certificates)
            if verified is None or verified.tag != element.tag:
                return None
            if verified.get("ID") != element.get("ID"):
                return None
            found = verified if at is _OF_ASSERTION else verified.find(f"{ASSERTION}Assertion")
        return found

    def _verified(
        self, root: etree._Element, at: str, certificates: Sequence[str]
    ) -> etree._Element | None:
        config = SignatureConfiguration(
            location=at,
            signature_methods=_METHODS,
            digest_algorithms=_DIGESTS,
            verification_time=datetime.fromtimestamp(self._clock.now(), UTC),
        )
        for certificate in certificates:
            known = x509.load_der_x509_certificate(base64.b64decode(certificate))
            try:
                # The certificate that was configured; whatever stands in the response is not asked.
                found = XMLVerifier().verify(
                    root,
                    x509_cert=known,
                    parser=_parser(),
                    id_attribute="ID",
                    expect_config=config,
                )
            except (SignXMLException, etree.LxmlError, ValueError, TypeError, AttributeError):
                continue
            return found.signed_xml if isinstance(found, VerifyResult) else None
        return None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )


def _parsed(response: str) -> etree._Element | None:
    packed = "".join(response.split())
    if len(packed) > _MAX_BYTES * 4 // 3:
        return None
    try:
        text = base64.b64decode(packed, validate=True).decode().strip()
        # Declarations, entities, comments and CDATA: no response needs one, many tricks do.
        if "<!" in text or "<?" in text.removeprefix("<?xml"):
            return None
        root = etree.fromstring(text.encode(), _parser())
    except (ValueError, etree.XMLSyntaxError):
        return None
    elements = list(root.iter())
    names = [each.get(name) for each in elements for name in _NAMES if each.get(name) is not None]
    is_plain = len(elements) <= _MAX_ELEMENTS and len(names) == len(set(names))
    is_response = root.tag == f"{PROTOCOL}Response" and root.get("Version") == "2.0"
    return root if is_plain and is_response else None


def _misdirected(root: etree._Element, expected: Expected) -> Doubt | None:
    # The envelope need not be signed, so this lets nobody in: the assertion says all of it again.
    if root.get("InResponseTo") != expected.request_id:
        return Doubt.NONCE
    if root.get("Destination", expected.recipient) != expected.recipient:
        return Doubt.RECIPIENT
    issuer = root.findtext(f"{ASSERTION}Issuer")
    return Doubt.ISSUER if issuer is not None and issuer.strip() != expected.issuer else None
