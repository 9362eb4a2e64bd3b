from typing import Any

import pytest

from chalicelib.domain.tenants import (
    GOOGLE,
    is_confirmed,
    is_single,
    issuers_of,
    shared_issuer,
    signs_for,
    speaker,
    wishes_of,
)

SHARED = "https://login.microsoftonline.com/organizations/v2.0"
ONE = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TWO = "9188040d-6c67-4c5b-b112-36a304b66dad"
OWN = f"https://login.microsoftonline.com/{ONE}/v2.0"
OKTA = "https://acme.okta.com"
EMAIL = "nora@acme.example"


@pytest.mark.parametrize(
    ("issuer", "shared"),
    [
        (SHARED, "https://login.microsoftonline.com/{tenantid}/v2.0"),
        (SHARED.replace("organizations", "common"), SHARED.replace("organizations", "{tenantid}")),
        (SHARED.replace("organizations", "consumers"), None),
        (SHARED + "/", None),
        (SHARED.removesuffix("/v2.0"), None),
        (SHARED.replace("/v2.0", "/x/v2.0"), None),
        (OWN, None),
        (GOOGLE, None),
        (OKTA, None),
    ],
)
def test_two_issuers_speak_for_every_tenant(issuer: str, shared: str | None) -> None:
    assert shared_issuer(issuer) == shared


@pytest.mark.parametrize(
    ("issuer", "claims", "tenants", "name"),
    [
        (SHARED, {"tid": ONE}, (ONE,), OWN),
        (SHARED, {"tid": ONE}, (TWO, ONE), OWN),
        (SHARED, {"tid": TWO}, (ONE,), None),
        (SHARED, {"tid": ONE}, (), None),
        (SHARED, {}, (ONE,), None),
        (SHARED, {"tid": [ONE]}, (ONE,), None),
        (SHARED, {"tid": ONE.upper()}, (ONE,), None),
        (GOOGLE, {"hd": "acme.example"}, ("acme.example",), GOOGLE),
        (GOOGLE, {"hd": "elsewhere.example"}, ("acme.example",), None),
        (GOOGLE, {}, ("acme.example",), None),
        (GOOGLE, {}, (), GOOGLE),
        (OKTA, {"tid": TWO, "hd": "x"}, (), OKTA),
    ],
)
def test_only_named_tenants_speak(
    issuer: str, claims: dict[str, Any], tenants: tuple[str, ...], name: str | None
) -> None:
    assert speaker(issuer, claims, tenants) == name


@pytest.mark.parametrize(
    ("issuer", "claims", "confirmed"),
    [
        (OKTA, {"email_verified": True}, True),
        (OKTA, {"email_verified": "true"}, False),
        (OKTA, {}, False),
        (OWN, {}, False),
        (SHARED, {}, False),
        (SHARED, {"email_verified": True}, False),
        (SHARED, {"xms_edov": True}, True),
        (SHARED, {"xms_edov": 1}, True),
        (SHARED, {"xms_edov": "1"}, True),
        (SHARED, {"xms_edov": "true"}, True),
        (SHARED, {"xms_edov": False}, False),
        (SHARED, {"xms_edov": "false"}, False),
        (SHARED, {"xms_edov": ["1"]}, False),
        (SHARED, {"xms_edov": 1.0}, False),
        (SHARED, {"verified_primary_email": [EMAIL]}, True),
        (SHARED, {"verified_secondary_email": ["x@y.example", EMAIL]}, True),
        (SHARED, {"verified_primary_email": ["x@y.example"]}, False),
        (SHARED, {"verified_primary_email": EMAIL}, False),
        (GOOGLE, {"email_verified": True}, False),
        (GOOGLE, {"email_verified": True, "hd": "acme.example"}, True),
        (GOOGLE, {"email_verified": True, "email": "nora@gmail.com"}, True),
        (GOOGLE, {"email_verified": False, "hd": "acme.example"}, False),
    ],
)
def test_an_address_counts_where_its_domain_was_proven(
    issuer: str, claims: dict[str, Any], *, confirmed: bool
) -> None:
    assert is_confirmed(issuer, {"email": EMAIL, **claims}) is confirmed


@pytest.mark.parametrize(
    ("issuer", "tenants", "single"),
    [
        (OKTA, (), True),
        (OWN, (), True),
        (SHARED, (ONE,), True),
        (SHARED, (ONE, TWO), False),
        (GOOGLE, (), False),
        (GOOGLE, ("acme.example",), True),
    ],
)
def test_a_domain_says_nothing_of_which_tenant_has_it(
    issuer: str, tenants: tuple[str, ...], *, single: bool
) -> None:
    assert is_single(issuer, tenants) is single


@pytest.mark.parametrize(
    ("key_issuer", "fits"),
    [
        (None, True),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", True),
        (OWN, True),
        (f"https://login.microsoftonline.com/{TWO}/v2.0", False),
        (["x"], False),
    ],
)
def test_a_key_of_one_tenant_signs_for_no_other(key_issuer: object, *, fits: bool) -> None:
    assert signs_for(key_issuer, SHARED, {"tid": ONE, "iss": OWN}) is fits
    assert signs_for(key_issuer, OKTA, {"iss": OKTA})


def test_whoever_may_come_is_wished_for_beforehand() -> None:
    assert wishes_of(GOOGLE, ("acme.example",)) == {"hd": "acme.example"}
    assert wishes_of(GOOGLE, ("acme.example", "acme.test")) == {"hd": "*"}
    assert wishes_of(GOOGLE, ()) == wishes_of(SHARED, (ONE,)) == wishes_of(OKTA, ()) == {}


def test_one_may_answer_in_the_name_of_each_tenant() -> None:
    assert issuers_of(SHARED, (ONE,)) == (OWN,)
    assert issuers_of(OKTA, ()) == (OKTA,)
