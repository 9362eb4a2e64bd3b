"""SAML responses as documents: what is refused before anything in them is believed."""

import base64
import sys
from typing import Any

import pytest
from lxml import etree

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.errors import NotReady
from chalicelib.domain.saml import Asserted
from chalicelib.domain.vouching import Doubt
from chalicelib.wiring.elsewhere import AwsElsewhere
from tests.fakes.surroundings import FakeClock
from tests.saml import (
    ASSERTION,
    EXPECTED,
    assertion,
    read,
    response,
    sent,
    signed,
)

SAML = f"{{{ASSERTION}}}"


@pytest.fixture
def port() -> SignedAssertions:
    return SignedAssertions(clock=FakeClock())


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
        lambda text: text.replace(
            "<samlp:StatusCode", "<a>" * 300 + "</a>" * 300 + "<samlp:StatusCode"
        ),
        lambda text: text.replace("</samlp:Status>", "<samlp:x/>" * 5_000 + "</samlp:Status>"),
        lambda text: text.replace("<samlp:Status>", f'<samlp:Status a="{"x" * 260_000}">'),
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
    ],
)
def test_what_is_no_text_of_a_size_is_refused(port: SignedAssertions, posted: str) -> None:
    assert port.read(posted, EXPECTED) is Doubt.MALFORMED


def test_one_of_a_sensible_size_is_read(port: SignedAssertions) -> None:
    posted = sent(
        response(signed(assertion())),
        lambda text: text.replace("<samlp:Status>", f'<samlp:Status a="{"x" * 200_000}">'),
    )
    assert isinstance(port.read(posted, EXPECTED), Asserted)


def test_base64_may_be_wrapped_and_the_document_declared(port: SignedAssertions) -> None:
    posted = sent(
        response(signed(assertion())),
        lambda text: f'<?xml version="1.0" encoding="UTF-8"?>\n{text}',
    )
    lines = "\r\n".join(posted[i : i + 76] for i in range(0, len(posted), 76))
    assert isinstance(port.read(lines, EXPECTED), Asserted)


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
