"""Signatures of SAML responses as providers make them, and as attackers would have them."""

import base64
import hmac
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

import pytest
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.saml import Asserted
from chalicelib.domain.vouching import Doubt
from tests.builders import NOW
from tests.fakes.surroundings import FakeClock
from tests.saml import (
    ASSERTION,
    AUDIENCE,
    EXPECTED,
    IDENTITY,
    OF_CURVE,
    PROTOCOL,
    REQUEST,
    STRANGER,
    Identity,
    assertion,
    read,
    resigned,
    response,
    sent,
    signed,
)

SAML, SAMLP = f"{{{ASSERTION}}}", f"{{{PROTOCOL}}}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
SIGNATURE = f"{DS}Signature"
XSLT = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><xsl:copy-of select="document('file:///etc/passwd')"/></xsl:template>
</xsl:stylesheet>"""


@pytest.fixture
def port() -> SignedAssertions:
    return SignedAssertions(clock=FakeClock())


def test_a_key_of_an_elliptic_curve_signs_too(port: SignedAssertions) -> None:
    made = signed(assertion(), OF_CURVE, method=SignatureMethod.ECDSA_SHA256)
    found = read(port, response(made), certificates=(IDENTITY.body, OF_CURVE.body))
    assert isinstance(found, Asserted)


def test_an_assertion_without_a_signature_is_not_believed(port: SignedAssertions) -> None:
    assert read(port, response(assertion())) is Doubt.SIGNATURE
    assert read(port, response()) is Doubt.SIGNATURE


@pytest.mark.parametrize("inner", [IDENTITY, STRANGER])
@pytest.mark.parametrize("outer", [None, IDENTITY, STRANGER])
def test_every_signature_that_is_there_has_to_be_the_providers(
    port: SignedAssertions, inner: Identity, outer: Identity | None
) -> None:
    root = response(signed(assertion(), inner))
    if outer is not None:
        root = signed(root, outer)
    found = read(port, root)
    is_right = STRANGER not in (inner, outer)
    assert isinstance(found, Asserted) is is_right
    # The certificate in the response is the signer's own word for themselves.
    assert is_right or found is Doubt.SIGNATURE


@pytest.mark.parametrize(
    ("method", "digest"),
    [
        (SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA256),
        (SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA1),
    ],
)
def test_sha_1_proves_nothing(
    port: SignedAssertions, method: SignatureMethod, digest: DigestAlgorithm
) -> None:
    made = signed(assertion(), method=method, digest=digest)
    assert read(port, response(made)) is Doubt.SIGNATURE


def test_a_certificate_that_has_expired_proves_nothing() -> None:
    clock = FakeClock()
    short = Identity(until=NOW + 10)
    made = response(signed(assertion(), short))
    port = SignedAssertions(clock=clock)
    assert isinstance(read(port, made, certificates=(short.body,)), Asserted)
    clock.pause(11)
    assert read(port, made, certificates=(short.body,)) is Doubt.SIGNATURE


def test_the_next_certificate_counts_beside_the_last_and_after_it() -> None:
    clock = FakeClock()
    port = SignedAssertions(clock=clock)
    last, following = Identity(until=NOW + 10), Identity(since=NOW - 10)
    both = (last.body, following.body)
    by_last, by_next = (response(signed(assertion(), each)) for each in (last, following))
    for made in (by_last, by_next):
        assert isinstance(read(port, made, certificates=both), Asserted)
    clock.pause(11)
    assert read(port, by_last, certificates=both) is Doubt.SIGNATURE
    assert isinstance(read(port, by_next, certificates=both), Asserted)


@pytest.mark.parametrize("old", ["nora@acme.example", "u-1", AUDIENCE, REQUEST])
def test_an_altered_assertion_is_not_believed(port: SignedAssertions, old: str) -> None:
    posted = sent(response(signed(assertion())), lambda text: text.replace(old, "zoe@acme.example"))
    found = port.read(
        posted, replace(EXPECTED, request_id="zoe@acme.example") if old == REQUEST else EXPECTED
    )
    assert found is Doubt.SIGNATURE


def transformed(algorithm: str, inside: str = "") -> Callable[[etree._Element], None]:
    def change(info: etree._Element) -> None:
        transforms = info.find(f"{DS}Reference/{DS}Transforms")
        added = etree.SubElement(transforms, f"{DS}Transform", Algorithm=algorithm)
        if inside:
            added.append(etree.fromstring(inside))

    return change


def pointed(uri: str | None) -> Callable[[etree._Element], None]:
    def change(info: etree._Element) -> None:
        reference = info.find(f"{DS}Reference")
        if uri is None:
            del reference.attrib["URI"]
        else:
            reference.set("URI", uri)

    return change


def doubled(info: etree._Element) -> None:
    info.append(deepcopy(info.find(f"{DS}Reference")))


def untouched(_info: etree._Element) -> None:
    """Leave it as it is."""


def test_a_signature_that_is_made_over_is_right(port: SignedAssertions) -> None:
    made = resigned(signed(assertion()), untouched)
    assert isinstance(read(port, response(made)), Asserted)


# Each is signed by the right key, so that it is refused for what it is.
@pytest.mark.parametrize(
    "change",
    [
        transformed("http://www.w3.org/TR/1999/REC-xslt-19991116", XSLT),
        transformed("http://www.w3.org/TR/1999/REC-xslt-19991116"),
        transformed("http://www.w3.org/TR/1999/REC-xpath-19991116"),
        transformed("http://www.w3.org/2002/06/xmldsig-filter2"),
        transformed("http://www.w3.org/2000/09/xmldsig#base64"),
        transformed("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        pointed(""),
        pointed(None),
        pointed("#_nobody"),
        pointed("file:///etc/passwd"),
        pointed("http://127.0.0.1:9/"),
        doubled,
    ],
)
def test_a_signature_of_anything_else_or_more_is_none(
    port: SignedAssertions, change: Callable[[etree._Element], None]
) -> None:
    made = resigned(signed(assertion()), change)
    assert read(port, response(made)) is Doubt.SIGNATURE


def test_a_certificate_is_no_secret_that_two_know(port: SignedAssertions) -> None:
    made = signed(assertion())
    info = made.find(f"{SIGNATURE}/{DS}SignedInfo")
    method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    info.find(f"{DS}SignatureMethod").set("Algorithm", method)
    plain = etree.tostring(info, method="c14n", exclusive=True)
    for secret in (IDENTITY.pem.encode(), IDENTITY.body.encode(), b""):
        value = base64.b64encode(hmac.digest(secret, plain, "sha256")).decode()
        made.find(f"{SIGNATURE}/{DS}SignatureValue").text = value
        assert read(port, response(deepcopy(made))) is Doubt.SIGNATURE


@pytest.mark.parametrize("signer", [IDENTITY, STRANGER])
def test_a_key_that_stands_in_the_response_counts_for_nothing(
    port: SignedAssertions, signer: Identity
) -> None:
    made = signed(assertion(), signer)
    holder = made.find(f"{SIGNATURE}/{DS}KeyInfo")
    for each in list(holder):
        holder.remove(each)
    value = etree.SubElement(etree.SubElement(holder, f"{DS}KeyValue"), f"{DS}RSAKeyValue")
    numbers = STRANGER.key.public_key().public_numbers()
    for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
        packed = number.to_bytes((number.bit_length() + 7) // 8)
        etree.SubElement(value, f"{DS}{name}").text = base64.b64encode(packed).decode()
    # A stranger's key beside the provider's own signature is a contradiction, too.
    assert read(port, response(made)) is Doubt.SIGNATURE


def test_a_signature_of_all_but_its_assertion_is_none(port: SignedAssertions) -> None:
    root = signed(response(assertion(), ID="_r"))
    root.find(f"{SAML}Assertion").find(f"{SAML}Subject").find(f"{SAML}NameID").text = "admin"
    assert read(port, root) is Doubt.SIGNATURE
