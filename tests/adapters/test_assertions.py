"""What a signed SAML assertion has to say before it counts: one test for each check."""

from typing import Any

import pytest

from chalicelib.adapters.assertions import SignedAssertions
from chalicelib.domain.saml import Asserted
from chalicelib.domain.vouching import Doubt
from tests.builders import NOW
from tests.fakes.surroundings import FakeClock
from tests.saml import AUDIENCE, ISSUER, assertion, at, read, response, signed


@pytest.fixture
def port() -> SignedAssertions:
    return SignedAssertions(clock=FakeClock())


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
