"""SAML providers as operators choose them: what is asked of them, and where there is no SAML."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.api.desk import Desk, desk_on
from tests.api.platform import Platform, send
from tests.api.test_identity_providers import ACME, ISSUER, PROVIDERS, chosen, unchanged
from tests.api.test_saml import CHOICE, OURS, follow, post, says
from tests.api.test_sso import begin, outcome
from tests.api.visitor import Visitor


@pytest.fixture
def desk(platform: Platform) -> Desk:
    desk = desk_on(platform)
    answer = send("PUT", ACME, token=desk.token(), body=CHOICE)
    assert answer.status == 200, answer.body
    return desk


def test_one_is_described_by_where_it_is_and_how_it_signs(desk: Desk) -> None:
    (shown,) = send("GET", PROVIDERS, token=desk.token()).json()["items"]
    assert shown == {
        **CHOICE,
        "name": "acme",
        "enabled": True,
        "offered": True,
        "trustsMfa": False,
        "hasSecret": False,
        "tenants": [],
        "createdAt": shown["createdAt"],
        "certificates": ["MIIB"],
        "clientId": f"{OURS}/metadata",
        "redirectUri": f"{OURS}/acs",
    }


@pytest.mark.parametrize(
    "words",
    [
        {"issuer": ""},
        {"issuer": " urn:acme"},
        {"issuer": "a\nb"},
        {"issuer": "x" * 1_025},
        {"ssoUrl": None},
        {"ssoUrl": "http://idp.acme.example/sso"},
        {"ssoUrl": "javascript:alert(1)"},
        {"ssoUrl": "https://idp.acme.example/#x"},
        {"certificates": []},
        {"certificates": ["x"]},
        {"certificates": ["MIIB", "x"]},
        {"certificates": ["MIIB"] * 5},
        {"domains": []},
        {"tenants": ["acme.example"]},
        {"clientId": "secureflows"},
        {"clientSecret": "secret"},
    ],
)
def test_one_that_means_nothing_changes_nothing(desk: Desk, words: dict[str, Any]) -> None:
    body = {**CHOICE, **words}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")


def test_it_finds_our_description(desk: Desk) -> None:
    answer = send("GET", "/oidc/acme/saml/acme/metadata")
    assert answer.headers["content-type"] == "application/samlmetadata+xml"
    space = "{urn:oasis:names:tc:SAML:2.0:metadata}"
    root = ET.fromstring(answer.body)  # noqa: S314 - of our own making
    assert root.get("entityID") == f"{OURS}/metadata"
    service = root.find(f"{space}SPSSODescriptor/{space}AssertionConsumerService")
    assert service is not None
    assert service.get("Location") == f"{OURS}/acs"
    desk.platform.adapters.identity_providers.add(ISSUER)
    chosen(desk, "openid", domains=[])
    for path in ("/oidc/acme/saml/openid", "/oidc/acme/saml/none", "/oidc/none/saml/acme"):
        assert send("GET", f"{path}/metadata").code == "not_found"


@pytest.mark.parametrize("name", ["ssoUrl", "certificates", "domains"])
def test_what_is_missing_is_named(desk: Desk, name: str) -> None:
    body = {key: value for key, value in CHOICE.items() if key != name}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert answer.json()["errors"] == [{"pointer": f"/{name}", "detail": "missing"}]


def test_without_saml_none_is_chosen_and_nobody_is_sent_to_one(desk: Desk) -> None:
    desk.platform.adapters.saml = None
    answer = unchanged(desk, "PUT", f"{PROVIDERS}/other", token=desk.token(), body=CHOICE)
    assert (answer.status, answer.code) == (409, "not_ready")
    assert "--saml" in answer.json()["hint"]
    visitor = Visitor(desk.platform, desk.tenant)
    answer = desk.unchanged(lambda: visitor.step("sso", provider="acme"))
    assert (answer.status, answer.code) == (409, "not_ready")
    assert answer.cookies == []


def test_who_left_before_saml_was_taken_away_is_told_on_the_page(desk: Desk) -> None:
    visitor = Visitor(desk.platform, desk.tenant)
    asked = begin(visitor)
    says(desk)
    desk.platform.adapters.saml = None
    assert outcome(follow(visitor, post(visitor, asked))) == "unavailable"
    assert visitor.step("sso/finish").code == "challenge_ended"
