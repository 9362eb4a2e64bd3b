"""SAML providers as operators choose them: what is asked of them, and where there is no SAML."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.workspaces import Role
from tests.api.desk import Desk, desk_on
from tests.api.platform import Platform, send
from tests.api.test_identity_providers import ACME, ISSUER, PROVIDERS, chosen, unchanged
from tests.api.test_saml import CHOICE, OURS, follow, post, says
from tests.api.test_sso import begin, outcome
from tests.api.visitor import Visitor
from tests.builders import NOW
from tests.saml import IDENTITY, OF_CURVE, SSO, Identity, description


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
        "certificates": [IDENTITY.body],
        "certificatesExpireAt": [IDENTITY.until],
        "warnings": [],
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
        {"certificates": [IDENTITY.pem, "x"]},
        {"certificates": [IDENTITY.pem] * 5},
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
    for path in ("/oidc/acme/saml/openid", "/oidc/acme/saml/A", "/oidc/none/saml/acme"):
        assert send("GET", f"{path}/metadata").code == "not_found"
    # As it wants to know that before it is chosen.
    assert (
        OURS.replace("saml/acme", "saml/later")
        in send("GET", "/oidc/acme/saml/later/metadata").body
    )


@pytest.mark.parametrize("name", ["issuer", "ssoUrl", "certificates", "domains"])
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


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "x"), (1, Identity(until=NOW).pem), (1, IDENTITY.secret.decode())],
)
def test_a_certificate_that_cannot_be_used_is_pointed_at(
    desk: Desk, number: int, text: str
) -> None:
    certificates = [IDENTITY.pem]
    certificates.insert(number, text)
    body = {**CHOICE, "certificates": certificates}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/certificates/{number}"]


def test_the_next_certificate_stands_beside_the_last_and_the_end_is_told(desk: Desk) -> None:
    days = 86_400
    soon, later = (Identity(until=NOW + each * days) for each in (20, 400))

    def put(*certificates: Identity) -> Any:
        body = {**CHOICE, "certificates": [each.pem for each in certificates]}
        return send("PUT", ACME, token=desk.token(), body=body).json()

    shown = put(soon)
    assert shown["certificatesExpireAt"] == [soon.until]
    assert shown["warnings"] == [
        "Its last certificate expires on 2027-02-04: add the next one before."
    ]
    shown = put(soon, later)
    assert (shown["certificatesExpireAt"], shown["warnings"]) == ([soon.until, later.until], [])
    put(soon)
    visitor = Visitor(desk.platform, desk.tenant)
    begin(visitor)
    desk.platform.adapters.clock.pause(20 * days)
    (shown,) = send("GET", PROVIDERS, token=desk.token()).json()["items"]
    assert shown["warnings"] == ["Its certificates have expired: nobody signs in by it."]
    answer = desk.unchanged(lambda: visitor.step("sso", provider="acme"))
    assert (answer.status, answer.code) == (409, "not_ready")


DESCRIBED = {
    name: value
    for name, value in CHOICE.items()
    if name not in ("issuer", "ssoUrl", "certificates")
}
THERE = "https://idp.acme.example/metadata"


@pytest.mark.parametrize("way", ["metadata", "metadataUrl"])
def test_a_provider_may_describe_itself(desk: Desk, way: str) -> None:
    document = description(Identity(until=NOW), IDENTITY, OF_CURVE, issuer="urn:acme:new")
    desk.platform.adapters.documents.found[THERE] = document
    body = {**DESCRIBED, way: document if way == "metadata" else THERE}
    shown = send("PUT", ACME, token=desk.token(), body=body).json()
    assert (shown["issuer"], shown["ssoUrl"]) == ("urn:acme:new", SSO)
    # The one before has expired, and stands there for others.
    assert shown["certificates"] == [IDENTITY.body, OF_CURVE.body]
    assert send("GET", PROVIDERS, token=desk.token()).json()["items"] == [shown]


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"metadata": "x"}, "/metadata"),
        ({"metadata": "x" * (256 * 1024 + 1)}, "/metadata"),
        ({"metadata": description(IDENTITY, issuer=" ")}, "/metadata"),
        ({"metadata": description(IDENTITY, issuer="x" * 1_025)}, "/metadata"),
        ({"metadata": description(IDENTITY, sso="http://idp.acme.example/sso")}, "/metadata"),
        ({"metadata": description(IDENTITY, sso="javascript:alert(1)")}, "/metadata"),
        ({"metadata": description()}, "/metadata"),
        ({"metadata": description(Identity(until=NOW))}, "/metadata"),
        ({"metadata": description(*(Identity() for _ in range(5)))}, "/metadata"),
        ({"metadataUrl": "http://idp.acme.example/metadata"}, "/metadataUrl"),
        ({"metadataUrl": "https://nobody.example/metadata"}, "/metadataUrl"),
        ({"metadataUrl": f"{THERE}/x"}, "/metadataUrl"),
        ({"metadata": description(IDENTITY), "metadataUrl": THERE}, "/metadataUrl"),
        ({"metadata": description(IDENTITY), "ssoUrl": SSO}, "/ssoUrl"),
        ({"metadata": description(IDENTITY), "issuer": "urn:x"}, "/issuer"),
        ({"metadata": description(IDENTITY), "certificates": [IDENTITY.pem]}, "/certificates"),
        ({"metadata": description(IDENTITY), "domains": []}, "/domains"),
        ({"metadata": description(IDENTITY), "kind": "oidc", "issuer": ISSUER}, "/metadata"),
    ],
)
def test_a_description_that_means_nothing_changes_nothing(
    desk: Desk, words: dict[str, Any], pointer: str
) -> None:
    desk.platform.adapters.documents.found |= {THERE: description(IDENTITY), f"{THERE}/x": "x"}
    body = {**DESCRIBED, **words}
    answer = unchanged(desk, "PUT", ACME, token=desk.token(), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_nothing_is_fetched_for_who_may_not_choose(desk: Desk) -> None:
    body = {**DESCRIBED, "metadataUrl": THERE}
    for token in (None, desk.token(Role.SUPPORT), desk.id_token()):
        assert send("PUT", ACME, token=token, body=body).status in {401, 403}
    desk.platform.adapters.saml = None
    assert send("PUT", ACME, token=desk.token(), body=body).code == "not_ready"
    assert desk.platform.adapters.documents.asked == []
