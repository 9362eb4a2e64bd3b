"""Descriptions of SAML providers as these give them, and what is refused of one."""

from collections.abc import Callable

import pytest

from chalicelib.adapters.descriptions import described
from chalicelib.domain.errors import InvalidInput
from tests.saml import IDENTITY, ISSUER, OF_CURVE, SSO, STRANGER, description

BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-"


def test_a_description_says_who_it_is_where_and_by_which_certificates() -> None:
    found = described(description(IDENTITY, OF_CURVE))
    assert (found.issuer, found.sso_url) == (ISSUER, SSO)
    assert found.certificates == (IDENTITY.body, OF_CURVE.body)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: f'<?xml version="1.0" encoding="utf-16"?>\n<!-- of ours -->\n{text}\n',
        lambda text: text.replace(
            IDENTITY.body, f"\n  {IDENTITY.body[:64]}\n{IDENTITY.body[64:]}\n"
        ),
        lambda text: text.replace(' use="signing"', ""),
        lambda text: text.replace(IDENTITY.body, f"{IDENTITY.body[:9]}<!-- -->{IDENTITY.body[9:]}"),
    ],
)
def test_it_may_be_written_in_many_ways(change: Callable[[str], str]) -> None:
    assert described(change(description(IDENTITY))).certificates == (IDENTITY.body,)


def test_what_it_encrypts_for_signs_nothing() -> None:
    text = description(IDENTITY, STRANGER)
    first, second = text.split(STRANGER.body)
    head, tail = first.rsplit('use="signing"', 1)
    assert described(f'{head}use="encryption"{tail}{STRANGER.body}{second}').certificates == (
        IDENTITY.body,
    )


ENTITIES = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE r [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda _text: "", "XML"),
        (lambda _text: "https://idp.acme.example/metadata", "XML"),
        (lambda text: text[:-1], "XML"),
        (lambda text: text.replace("<md:IDP", "<a>" * 300 + "</a>" * 300 + "<md:IDP", 1), "XML"),
        (lambda text: text.replace(ISSUER, "\ud800"), "XML"),
        (lambda text: ENTITIES + text.replace(ISSUER, "&b;"), "DOCTYPE"),
        (lambda text: OUTSIDE + text.replace(IDENTITY.body, "&b;"), "DOCTYPE"),
        (lambda text: text.replace("EntityDescriptor", "EntitiesDescriptor"), "of one provider"),
        (lambda text: text.replace("IDPSSO", "SPSSO"), "IDPSSODescriptor"),
        (lambda text: text.replace("SAML:2.0:protocol", "SAML:1.1:protocol"), "IDPSSODescriptor"),
        (lambda text: text.replace(f"{BINDING}Redirect", f"{BINDING}POST"), "HTTP-Redirect"),
    ],
)
def test_what_describes_no_provider_is_refused(change: Callable[[str], str], fault: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        described(change(description(IDENTITY)))
    (found,) = refused.value.faults
    assert found.pointer == "/metadata"
    assert fault in found.detail
