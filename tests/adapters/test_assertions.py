"""SAML responses as providers send them, and as attackers would: one test for each check."""

import base64
import sys
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.errors import InvalidInput, NotReady
from chalicelib.domain.saml import Asserted, Expected
from chalicelib.domain.vouching import Doubt
from chalicelib.wiring.elsewhere import AwsElsewhere
from tests.builders import NOW
from tests.fakes.surroundings import FakeClock
from tests.saml import (
    ASSERTION,
    AUDIENCE,
    IDENTITY,
    ISSUER,
    OF_CURVE,
    PROTOCOL,
    RECIPIENT,
    REQUEST,
    STRANGER,
    Identity,
    assertion,
    at,
    response,
    sent,
    signed,
)

EXPECTED = Expected(ISSUER, (IDENTITY.body,), AUDIENCE, RECIPIENT, REQUEST)
SAML, SAMLP = f"{{{ASSERTION}}}", f"{{{PROTOCOL}}}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@pytest.fixture
def port() -> SignedAssertions:
    return SignedAssertions(clock=FakeClock())


def read(port: SignedAssertions, root: etree._Element, **words: Any) -> Asserted | Doubt | None:
    return port.read(sent(root), replace(EXPECTED, **words))


def test_a_signed_assertion_vouches_for_a_person(port: SignedAssertions) -> None:
    made = signed(assertion(id="_a-1"))
    found = read(port, response(made))
    assert isinstance(found, Asserted)
    assert (found.id, found.exp) == ("_a-1", NOW + 330)
    vouched = found.vouched
    # No OpenID provider of the same name can speak of the same person.
    assert (vouched.issuer, vouched.subject) == (f"saml:{ISSUER}", "u-1")
    assert (vouched.email, vouched.is_verified) == ("nora@acme.example", False)
    assert (vouched.name, vouched.amr, vouched.auth_time) == ("Nora", (), NOW - 5)
    assert vouched.claims == {
        "email": "nora@acme.example",
        "displayName": "Nora",
        "dept": "law",
    }


@pytest.mark.parametrize("both", [False, True])
def test_a_signed_response_vouches_for_what_is_in_it(port: SignedAssertions, *, both: bool) -> None:
    inner = signed(assertion()) if both else assertion()
    assert isinstance(read(port, signed(response(inner))), Asserted)


def test_a_key_of_an_elliptic_curve_signs_too(port: SignedAssertions) -> None:
    made = signed(assertion(), OF_CURVE, method=SignatureMethod.ECDSA_SHA256)
    found = read(port, response(made), certificates=(IDENTITY.body, OF_CURVE.body))
    assert isinstance(found, Asserted)


def test_what_others_call_an_address_or_two_factors_is_known(port: SignedAssertions) -> None:
    named = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
    made = assertion(
        attributes={
            f"{named}/emailaddress": ["n@acme.example"],
            "http://schemas.microsoft.com/claims/authnmethodsreferences": [
                *("urn:oasis:names:tc:SAML:2.0:ac:classes:Password",),
                "http://schemas.microsoft.com/claims/multipleauthn",
            ],
            "groups": ["a", "b"],
        }
    )
    found = read(port, response(signed(made)))
    assert isinstance(found, Asserted)
    assert (found.vouched.email, found.vouched.amr) == ("n@acme.example", ("mfa",))
    assert found.vouched.claims["groups"] == ["a", "b"]
    as_name = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    words = {"format": as_name, "name_id": "n@acme.example", "attributes": {}}
    found = read(
        port, response(signed(assertion(**words, context="https://refeds.org/profile/mfa")))
    )
    assert isinstance(found, Asserted)
    assert (found.vouched.email, found.vouched.amr) == ("n@acme.example", ("mfa",))


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ({"issuer": "https://elsewhere.example"}, Doubt.ISSUER),
        ({"audiences": []}, Doubt.AUDIENCE),
        ({"audiences": [["https://elsewhere.example"]]}, Doubt.AUDIENCE),
        ({"audiences": [[AUDIENCE], ["https://elsewhere.example"]]}, Doubt.AUDIENCE),
        ({"recipient": "https://elsewhere.example/acs"}, Doubt.RECIPIENT),
        ({"recipient": None}, Doubt.RECIPIENT),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"}, Doubt.RECIPIENT),
        ({"request": "_another"}, Doubt.NONCE),
        ({"request": None}, Doubt.NONCE),
        ({"until": at(NOW - 30)}, Doubt.TIME),
        ({"until": None}, Doubt.TIME),
        ({"until": "tomorrow"}, Doubt.TIME),
        ({"until": "2027-01-15T08:05:00"}, Doubt.TIME),
        ({"since": at(NOW + 31)}, Doubt.TIME),
        ({"not_before": at(NOW + 31)}, Doubt.TIME),
        ({"not_after": at(NOW - 30)}, Doubt.TIME),
        ({"not_after": "never"}, Doubt.TIME),
        ({"issued": at(NOW - 601)}, Doubt.TIME),
        ({"issued": at(NOW + 31)}, Doubt.TIME),
        ({"issued": None}, Doubt.MALFORMED),
        ({"session_until": at(NOW - 30)}, Doubt.TIME),
        ({"authenticated": None}, Doubt.MALFORMED),
        ({"name_id": None}, Doubt.MALFORMED),
        ({"name_id": ""}, Doubt.MALFORMED),
        ({"name_id": "x" * 256}, Doubt.MALFORMED),
        ({"format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}, Doubt.MALFORMED),
        ({"id": "x" * 256}, Doubt.MALFORMED),
    ],
)
def test_what_an_assertion_must_say_is_checked(
    port: SignedAssertions, words: dict[str, Any], doubt: Doubt
) -> None:
    assert read(port, response(signed(assertion(**words)))) is doubt


@pytest.mark.parametrize(
    "words",
    [
        {"until": at(NOW - 29)},
        {"not_before": at(NOW + 30), "not_after": at(NOW - 29)},
        {"not_before": None, "not_after": None},
        {"issued": "2027-01-15T08:00:00.123Z"},
        {"audiences": [["https://elsewhere.example", AUDIENCE]]},
    ],
)
def test_what_is_just_within_is_believed(port: SignedAssertions, words: dict[str, Any]) -> None:
    assert isinstance(read(port, response(signed(assertion(**words)))), Asserted)


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ({"issuer": "https://elsewhere.example"}, Doubt.ISSUER),
        ({"InResponseTo": "_another"}, Doubt.NONCE),
        ({"InResponseTo": None}, Doubt.NONCE),
        ({"Destination": "https://elsewhere.example/acs"}, Doubt.RECIPIENT),
        ({"Version": "1.1"}, Doubt.MALFORMED),
    ],
)
def test_what_its_envelope_says_is_checked(
    port: SignedAssertions, words: dict[str, Any], doubt: Doubt
) -> None:
    assert read(port, response(signed(assertion()), **words)) is doubt


def test_an_envelope_need_not_repeat_it(port: SignedAssertions) -> None:
    bare = response(signed(assertion()), issuer=None, Destination=None)
    assert isinstance(read(port, bare), Asserted)


@pytest.mark.parametrize("status", ["Responder", "Requester", "success", ""])
def test_a_provider_that_refuses_says_nothing_of_anybody(
    port: SignedAssertions, status: str
) -> None:
    code = f"urn:oasis:names:tc:SAML:2.0:status:{status}"
    assert read(port, response(status=code)) is None
    assert read(port, response(signed(assertion()), status=code)) is None


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


@pytest.mark.parametrize("old", ["nora@acme.example", "u-1", AUDIENCE, REQUEST])
def test_an_altered_assertion_is_not_believed(port: SignedAssertions, old: str) -> None:
    posted = sent(response(signed(assertion())), lambda text: text.replace(old, "zoe@acme.example"))
    found = port.read(
        posted, replace(EXPECTED, request_id="zoe@acme.example") if old == REQUEST else EXPECTED
    )
    assert found is Doubt.SIGNATURE


def wrapped(kind: str) -> etree._Element:
    """A right signature somewhere, and another assertion where it would be read (XSW)."""
    right = signed(assertion(id="_right"))
    evil = assertion(id="_evil", name_id="admin")
    if kind == "beside, first":
        return response(evil, right)
    if kind == "beside, last":
        return response(right, evil)
    if kind == "around":
        evil.append(right)
        return response(evil)
    if kind == "under the same id":
        return response(assertion(id="_right", name_id="admin"), right)
    if kind == "in the signature":
        signature = right.find(SIGNATURE)
        right.remove(signature)
        holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
        holder.append(right)
        evil.insert(1, signature)
        return response(evil)
    if kind == "in an extension":
        root = response(evil)
        etree.SubElement(root, f"{SAMLP}Extensions").append(right)
        signature = right.find(SIGNATURE)
        evil.insert(1, signature)
        return root
    if kind == "a response in a response":
        inner = signed(response(assertion(id="_right"), ID="_inner"))
        root = response(evil)
        signature = inner.find(SIGNATURE)
        inner.remove(signature)
        root.insert(1, signature)
        etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object").append(inner)
        return root
    # The signature of another element altogether.
    evil.insert(1, right.find(SIGNATURE))
    return response(evil)


@pytest.mark.parametrize(
    "kind",
    [
        "beside, first",
        "beside, last",
        "around",
        "under the same id",
        "in the signature",
        "in an extension",
        "a response in a response",
        "moved",
    ],
)
def test_a_wrapped_signature_lets_nobody_in(port: SignedAssertions, kind: str) -> None:
    assert read(port, wrapped(kind)) in {Doubt.SIGNATURE, Doubt.MALFORMED}


def test_a_signature_of_all_but_its_assertion_is_none(port: SignedAssertions) -> None:
    root = signed(response(assertion(), ID="_r"))
    root.find(f"{SAML}Assertion").find(f"{SAML}Subject").find(f"{SAML}NameID").text = "admin"
    assert read(port, root) is Doubt.SIGNATURE


@pytest.mark.parametrize("name", ["EncryptedAssertion", "EncryptedID"])
def test_what_is_encrypted_is_refused_by_name(port: SignedAssertions, name: str) -> None:
    if name == "EncryptedAssertion":
        root = response()
        etree.SubElement(root, f"{SAML}{name}")
    else:
        made = assertion()
        etree.SubElement(made.find(f"{SAML}Subject"), f"{SAML}{name}")
        root = response(signed(made))
    assert read(port, root) is Doubt.ENCRYPTED


DOCTYPE = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "change",
    [
        lambda text: DOCTYPE + text,
        lambda text: DOCTYPE + text.replace("u-1", "&b;"),
        lambda text: OUTSIDE + text.replace("u-1", "&a;"),
        lambda text: text.replace("u-1", "u<!-- -->-1"),
        lambda text: text.replace("u-1", "<![CDATA[u-1]]>"),
        lambda text: text.replace("u-1", "u-1<?x y?>"),
        lambda text: f'<?xml version="1.0" encoding="utf-8"?><?x y?>{text}',
        lambda text: text[:-1],
        lambda text: text.replace("</samlp:Status>", "<a>" * 300 + "</a>" * 300),
        lambda text: text.replace("</samlp:Status>", "<samlp:x/>" * 5_000 + "</samlp:Status>"),
        lambda text: text + " " * 10 + "<a/>",
        lambda _text: "<a/>",
        lambda _text: "",
    ],
)
def test_what_no_response_needs_is_refused_before_it_is_read(
    port: SignedAssertions, change: Any
) -> None:
    posted = sent(response(signed(assertion())), change)
    assert port.read(posted, EXPECTED) is Doubt.MALFORMED


@pytest.mark.parametrize(
    "posted",
    [
        "",
        "not base64!",
        "é",
        base64.b64encode(b"\xff\xfe<").decode(),
        base64.b64encode('<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")).decode(),
        "A" * 400_000,
    ],
)
def test_what_is_no_text_of_a_size_is_refused(port: SignedAssertions, posted: str) -> None:
    assert port.read(posted, EXPECTED) is Doubt.MALFORMED


def test_base64_may_be_wrapped_and_the_document_declared(port: SignedAssertions) -> None:
    posted = sent(
        response(signed(assertion())),
        lambda text: f'<?xml version="1.0" encoding="UTF-8"?>\n{text}',
    )
    lines = "\r\n".join(posted[i : i + 76] for i in range(0, len(posted), 76))
    assert isinstance(port.read(lines, EXPECTED), Asserted)


@pytest.mark.parametrize("text", [IDENTITY.pem, IDENTITY.body, f"\n {IDENTITY.pem}\n\n"])
def test_a_certificate_has_one_form(port: SignedAssertions, text: str) -> None:
    assert port.certificate(text) == IDENTITY.body


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "MIIB",
        IDENTITY.secret.decode(),
        Identity(until=NOW).pem,
        Identity(rsa.generate_private_key(65537, 1024)).pem,  # noqa: S505 - that is the test
    ],
)
def test_what_is_no_certificate_of_now_is_refused(port: SignedAssertions, text: str) -> None:
    with pytest.raises(InvalidInput):
        port.certificate(text)


@pytest.mark.parametrize("missing", ["lxml", "signxml"])
def test_a_package_without_saml_says_so(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name in [name for name in sys.modules if name.startswith("chalicelib.adapters.assertions")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("chalicelib.adapters.statements", "signxml.verifier", "signxml.algorithms"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    elsewhere = AwsElsewhere(lambda: pytest.fail("no table"), FakeClock(), reaches_loopback=False)
    with pytest.raises(NotReady) as refused:
        _ = elsewhere.assertions
    assert "packaged without SAML" in refused.value.detail
