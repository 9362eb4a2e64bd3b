"""What a client may wish of a sign-in: two factors, or one person."""

from typing import Any

import jwt
import pytest

from tests.api.authenticator import Authenticator, enrolled
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import PASSWORD, Visitor, account, code_of, post_form, query_of

TWO = "sf:2"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def page(visitor: Visitor, **changes: str | None) -> dict[str, str]:
    """The query of the login's page that a request leads to."""
    location = visitor.authorize(**changes).headers["location"]
    assert location.startswith("/app/sessions/login?"), location
    return query_of(location)


def typed(visitor: Visitor, request: dict[str, str], email: str | None = None) -> Answer:
    words = {"email": email or visitor.tenant.email, "password": PASSWORD}
    return visitor.step("sign-in", request=request, **words)


def told(visitor: Visitor, answer: Answer) -> dict[str, Any]:
    return _claims(visitor.exchange(code_of(answer.json()["redirectTo"])).json()["id_token"])


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        (TWO, "enrolment"),
        ("sf:2 sf:1", "enrolment"),
        ("urn:elsewhere sf:2", "enrolment"),
        ("sf:1 sf:2", None),
        ("sf:1", None),
        ("sf:3 SF:2 2", None),
        ("", None),
    ],
)
def test_whoever_has_no_second_factor_sets_one_up_where_two_are_wished(
    visitor: Visitor, wish: str, kind: str | None
) -> None:
    answer = typed(visitor, page(visitor, acr_values=wish))
    if kind is None:
        assert told(visitor, answer)["acr"] == "sf:1"
    else:
        assert answer.json()["step"]["kind"] == kind
        assert answer.cookies == []


def test_a_set_up_that_was_wished_ends_in_two_factors(platform: Platform, visitor: Visitor) -> None:
    request = page(visitor, acr_values=TWO)
    step = typed(visitor, request).json()["step"]
    code = Authenticator(platform, step["setup"]["secret"]).code()
    kept = visitor.step(
        "steps/enrolment", request=request, challenge=step["challenge"], code=code
    ).json()["step"]
    answer = visitor.step("steps/recovery-codes", request=request, challenge=kept["challenge"])
    assert told(visitor, answer)["acr"] == TWO


def test_a_browser_that_signed_in_by_one_factor_is_asked_for_two(visitor: Visitor) -> None:
    assert visitor.sign_in().status == 200
    request = page(visitor, acr_values=TWO)
    assert visitor.step("context", request=request).json()["person"] is None
    assert visitor.step("continue", request=request).code == "token_missing"
    assert typed(visitor, request).json()["step"]["kind"] == "enrolment"
    # Without the wish it goes on as before.
    assert visitor.step("continue").status == 200


def test_a_second_factor_is_asked_for_and_serves_the_next_request(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    authenticator = enrolled(platform, tenant)
    request = page(visitor, acr_values=TWO)
    step = typed(visitor, request).json()["step"]
    assert step["kind"] == "totp"
    shown = {"challenge": step["challenge"], "code": authenticator.code()}
    assert told(visitor, visitor.step("steps/totp", request=request, **shown))["acr"] == TWO
    assert visitor.step("continue", request=request).status == 200


def test_where_nobody_can_be_asked_what_was_shown_before_is_told(visitor: Visitor) -> None:
    visitor.sign_in()
    sent = visitor.authorize(prompt="none", acr_values=TWO).headers["location"]
    assert _claims(visitor.exchange(code_of(sent)).json()["id_token"])["acr"] == "sf:1"


@pytest.mark.parametrize("way", ["sent", "pushed"])
def test_a_hint_names_the_one_person_who_may_go_on(
    platform: Platform, visitor: Visitor, tenant: Tenant, way: str
) -> None:
    hint = visitor.exchange(visitor.code()).json()["id_token"]
    account(platform, tenant.workspace, "ben@acme.example")
    platform.adapters.clock.pause(3_600)
    request = _pushed(visitor, hint) if way == "pushed" else page(visitor, id_token_hint=hint)
    assert request["subject"] == str(tenant.user)
    # The hint itself could begin a session: it stands in no address of ours.
    assert hint not in request.values()
    assert visitor.step("context", request=request).json()["person"]["email"] == tenant.email
    other = Visitor(platform, tenant)
    refused = typed(other, request, "ben@acme.example")
    assert (refused.status, refused.code) == (403, "not_owner")
    assert refused.cookies == []
    assert told(visitor, typed(visitor, request))["sub"] == str(tenant.user)


def test_a_conversation_that_began_for_anybody_does_not_end_for_one_person(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    other = account(platform, tenant.workspace, "ben@acme.example").person.user
    request = page(visitor)
    words = {"email": tenant.email, "password": PASSWORD, "passkeyOffer": True}
    step = visitor.step("sign-in", request=request, **words).json()["step"]
    assert step["kind"] == "passkey_offer"
    skipped = {"offer": step["challenge"]}
    named = {**request, "subject": str(other)}
    refused = visitor.step("steps/passkey/skip", request=named, **skipped)
    assert (refused.status, refused.code, refused.cookies) == (403, "not_owner", [])


def _pushed(visitor: Visitor, hint: str) -> dict[str, str]:
    answer = post_form("/oidc/acme/par", visitor.params(id_token_hint=hint))
    named = f"client_id={visitor.params()['client_id']}&request_uri={answer.json()['request_uri']}"
    return query_of(visitor.get(f"/oidc/acme/authorize?{named}").headers["location"])


def test_a_silent_request_for_somebody_else_is_not_answered_with_a_code(
    platform: Platform, visitor: Visitor, tenant: Tenant
) -> None:
    hint = visitor.exchange(visitor.code()).json()["id_token"]
    account(platform, tenant.workspace, "ben@acme.example")
    other = Visitor(platform, tenant)
    assert other.sign_in("ben@acme.example").status == 200
    for wish in ({"id_token_hint": hint}, {"subject": str(tenant.user)}):
        denied = query_of(other.authorize(prompt="none", **wish).headers["location"])
        assert denied["error"] == "login_required"
    assert other.step("context", request=page(other, id_token_hint=hint)).json()["person"] is None
    sent = visitor.authorize(prompt="none", id_token_hint=hint).headers["location"]
    assert "code" in query_of(sent)


@pytest.mark.parametrize("kind", ["access token", "next door", "garbage", "forged"])
def test_what_is_no_hint_is_refused(platform: Platform, visitor: Visitor, kind: str) -> None:
    given = visitor.exchange(visitor.code()).json()
    head, body, _ = given["id_token"].split(".")
    hint = {
        "access token": given["access_token"],
        "next door": platform.id_token(platform.tenant("globex")),
        "garbage": "a.b.c",
        "forged": f"{head}.{body}.{'A' * 86}",
    }[kind]
    denied = query_of(visitor.authorize(id_token_hint=hint).headers["location"])
    assert denied["error"] == "invalid_request"
    answer = post_form("/oidc/acme/par", visitor.params(id_token_hint=hint))
    assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("subject", ["x", "-1", "1.0", "٣", "1" * 17])
def test_what_is_no_subject_is_refused(visitor: Visitor, subject: str) -> None:
    denied = query_of(visitor.authorize(subject=subject).headers["location"])
    assert denied["error"] == "invalid_request"


def test_a_token_in_a_form_is_as_good_as_one_in_the_header(visitor: Visitor) -> None:
    path = "/oidc/acme/userinfo"
    token = visitor.exchange(visitor.code()).json()["access_token"]
    answer = post_form(path, {"access_token": token})
    assert answer.json() == send("GET", path, token=token).json()
    twice = post_form(path, {"access_token": token}, authorization=f"Bearer {token}")
    assert (twice.status, twice.code) == (400, "invalid_input")
    for form in ({}, {"access_token": ""}, {"token": token}):
        assert post_form(path, form).code == "token_missing"
    assert post_form(path, {"access_token": "a b"}).code == "token_missing"
    assert send("POST", path, body={"access_token": token}).code == "invalid_input"
    assert send("POST", path, token=token, body={}).code == "invalid_input"
    garbled = {"content-type": "application/x-www-form-urlencoded"}
    twins = f"access_token={token}&access_token={token}".encode()
    assert send("POST", path, raw=twins, headers=garbled).code == "invalid_input"
    assert send("POST", path, raw=b"\xff", headers=garbled).code == "invalid_input"
    foreign = post_form(path, {"access_token": token}, origin="https://evil.example")
    assert (foreign.status, foreign.code) == (403, "origin_not_allowed")
