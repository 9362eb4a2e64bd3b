"""Right signatures in wrong places: each way to wrap one lets nobody in.

The numbers are those of Somorovsky et al., "On Breaking SAML" (2012), as testers use them.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.saml import Asserted
from chalicelib.domain.vouching import Doubt
from tests.builders import NOW
from tests.fakes.surroundings import FakeClock
from tests.saml import IDENTITY, PROTOCOL, SIGNATURES, STRANGER, assertion, read, response, signed

SIGNATURE, OBJECT = f"{{{SIGNATURES}}}Signature", f"{{{SIGNATURES}}}Object"
EXTENSIONS = f"{{{PROTOCOL}}}Extensions"


def bare(element: etree._Element) -> tuple[etree._Element, etree._Element]:
    """A signed element, and its signature taken out of it."""
    signature = element.find(SIGNATURE)
    element.remove(signature)
    return element, signature


def right_response() -> tuple[etree._Element, etree._Element]:
    return bare(signed(response(assertion(id="_right"), ID="_inner")))


def xsw_1_the_response_in_its_signature(evil: etree._Element) -> etree._Element:
    (inner, signature), root = right_response(), response(evil)
    signature.append(inner)
    root.insert(1, signature)
    return root


def xsw_1_the_response_in_an_object_of_its_signature(evil: etree._Element) -> etree._Element:
    (inner, signature), root = right_response(), response(evil)
    etree.SubElement(signature, OBJECT).append(inner)
    root.insert(1, signature)
    return root


def xsw_2_the_response_beside_its_signature(evil: etree._Element) -> etree._Element:
    (inner, signature), root = right_response(), response(evil)
    root.insert(1, signature)
    root.insert(1, inner)
    return root


def xsw_3_before(evil: etree._Element) -> etree._Element:
    return response(evil, right())


def xsw_3_after(evil: etree._Element) -> etree._Element:
    return response(right(), evil)


def xsw_4_around(evil: etree._Element) -> etree._Element:
    evil.append(right())
    return response(evil)


def xsw_5_the_assertion_after_one_with_its_signature(evil: etree._Element) -> etree._Element:
    inner, signature = bare(right())
    evil.insert(1, signature)
    return response(evil, inner)


def xsw_6_the_assertion_in_its_signature(evil: etree._Element) -> etree._Element:
    inner, signature = bare(right())
    signature.append(inner)
    evil.insert(1, signature)
    return response(evil)


def xsw_7_in_an_extension(evil: etree._Element) -> etree._Element:
    root = response(right())
    extensions = etree.Element(EXTENSIONS)
    extensions.append(evil)
    root.insert(1, extensions)
    return root


def xsw_7_the_right_one_in_an_extension(evil: etree._Element) -> etree._Element:
    inner, signature = bare(right())
    evil.insert(1, signature)
    root = response(evil)
    etree.SubElement(root, EXTENSIONS).append(inner)
    return root


def xsw_8_the_assertion_in_an_object_of_its_signature(evil: etree._Element) -> etree._Element:
    inner, signature = bare(right())
    etree.SubElement(signature, OBJECT).append(inner)
    evil.insert(1, signature)
    return response(evil)


def with_the_signature_of_another(evil: etree._Element) -> etree._Element:
    evil.insert(1, right().find(SIGNATURE))
    return response(evil)


def with_the_signature_of_what_is_no_assertion(evil: etree._Element) -> etree._Element:
    # As a provider signs its logout requests, and its own description.
    other = etree.Element(f"{{{PROTOCOL}}}LogoutRequest", {"ID": "_other"}, {"samlp": PROTOCOL})
    etree.SubElement(other, f"{{{PROTOCOL}}}SessionIndex").text = "1"
    inner, signature = bare(signed(other))
    evil.insert(1, signature)
    root = response(evil)
    etree.SubElement(root, EXTENSIONS).append(inner)
    return root


def with_the_signature_of_a_response_without_one(evil: etree._Element) -> etree._Element:
    inner, signature = bare(signed(response(ID="_inner", status="refused")))
    root = response(evil)
    root.insert(1, signature)
    etree.SubElement(root, EXTENSIONS).append(inner)
    return root


def right() -> etree._Element:
    return signed(assertion(id="_right"))


WAYS = [
    *(xsw_1_the_response_in_its_signature, xsw_1_the_response_in_an_object_of_its_signature),
    *(xsw_2_the_response_beside_its_signature, xsw_3_before, xsw_3_after, xsw_4_around),
    *(xsw_5_the_assertion_after_one_with_its_signature, xsw_6_the_assertion_in_its_signature),
    *(xsw_7_in_an_extension, xsw_7_the_right_one_in_an_extension),
    *(xsw_8_the_assertion_in_an_object_of_its_signature, with_the_signature_of_another),
    with_the_signature_of_what_is_no_assertion,
    with_the_signature_of_a_response_without_one,
]


@pytest.fixture
def port() -> SignedAssertions:
    return SignedAssertions(clock=FakeClock())


def test_the_right_one_alone_is_believed(port: SignedAssertions) -> None:
    assert isinstance(read(port, response(right())), Asserted)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", ["_evil", "_right", ""])
def test_a_wrapped_signature_lets_nobody_in(
    port: SignedAssertions, way: Callable[[etree._Element], etree._Element], name: str
) -> None:
    evil = assertion(id=name, name_id="admin")
    if not name:
        del evil.attrib["ID"]
    root = way(evil)
    names = root.xpath("//@ID")
    # Two of one name mean nothing, whatever else is wrong with them.
    is_plain = len(names) == len(set(names))
    if is_plain and way is not with_the_signature_of_another:
        # Whoever only asks whether there is a right signature is content.
        at = SignatureConfiguration(verification_time=datetime.fromtimestamp(NOW, UTC))
        XMLVerifier().verify(
            root,
            x509_cert=IDENTITY.certificate,
            id_attribute="ID",
            validate_schema=False,
            expect_config=at,
        )
    assert read(port, root) is (Doubt.SIGNATURE if is_plain else Doubt.MALFORMED)


@pytest.mark.parametrize("attribute", ["ID", "Id", "id"])
def test_a_name_is_of_one_element(port: SignedAssertions, attribute: str) -> None:
    root = response(right())
    root.find(f"{{{PROTOCOL}}}Status").set(attribute, "_right")
    assert read(port, root) is Doubt.MALFORMED


def test_a_second_signature_is_not_passed_over(port: SignedAssertions) -> None:
    twice = signed(signed(assertion(), STRANGER), IDENTITY)
    assert len(list(twice.iter(SIGNATURE))) == 2
    assert read(port, response(twice)) is Doubt.SIGNATURE
