"""Signing in to one's own account, with no application behind it."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.sessions import Person
from tests.api.authenticator import enrolled
from tests.api.desk import desk_on
from tests.api.devices import holding, sent
from tests.api.own import Home
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.test_identity_providers import chosen
from tests.api.test_sso import ISSUER, come_back, vouched
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account, post_form, query_of
from tests.domain.tricks import MALFORMED

HOME = {"workspace_name": "acme", "client_id": "dashboard"}
ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
BACK = f"{OWN_ORIGIN}/app/self?workspace=acme"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def step(visitor: Visitor, name: str, /, *, words: Any = None, **body: Any) -> Answer:
    return visitor.step(name, request={**HOME, **(words or {})}, **body)


def sign_in(visitor: Visitor, **words: str) -> Answer:
    return step(visitor, "sign-in", words=words, email=visitor.tenant.email, password=PASSWORD)


def at_home(visitor: Visitor) -> bool:
    return Home(visitor).post("/member-token").status == 200


def test_the_page_says_where_one_is_and_where_one_returns_to(visitor: Visitor) -> None:
    opened = step(visitor, "context").json()
    assert opened["workspace"] == {"name": "Acme"}
    assert opened["application"] == {"appId": "_dashboard", "name": "Acme", "color": None}
    assert (opened["returnTo"], opened["person"]) == ("flows.example", None)


def test_whoever_signs_in_is_home_by_the_cookie_alone(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.events)
    answer = sign_in(visitor)
    assert answer.json() == {"redirectTo": BACK}
    assert platform.actions_since(before) == ["signin.succeeded"]
    assert platform.events[-1].app == "_dashboard"
    assert at_home(visitor)
    # No application had any part in it: there is no code and no session.
    assert platform.adapters.login._codes == {}  # noqa: SLF001 - what is not there
    person = Person(visitor.tenant.workspace.id, visitor.tenant.user)
    assert platform.adapters.sessions.of_person(person) == []


@pytest.mark.parametrize(
    "trick", [*MALFORMED, "https://evil.example/", "//evil.example", "/\\evil"]
)
def test_nothing_in_the_address_changes_where_it_leads(visitor: Visitor, trick: str) -> None:
    words = dict.fromkeys(("redirect_uri", "return_to", "returnTo", "next"), trick)
    answer = sign_in(visitor, response_type="code", state="s", **words)
    assert answer.json() == {"redirectTo": BACK}


def test_who_is_in_goes_on_and_who_is_to_prove_it_anew_does_not(visitor: Visitor) -> None:
    sign_in(visitor)
    assert step(visitor, "context").json()["person"]["email"] == visitor.tenant.email
    assert step(visitor, "continue").json() == {"redirectTo": BACK}
    anew = {"prompt": "login"}
    assert step(visitor, "context", words=anew).json()["person"] is None
    assert step(visitor, "continue", words=anew).code == "token_missing"
    two = {"acr_values": "sf:2"}
    assert step(visitor, "continue", words=two).code == "token_missing"


def test_signing_in_again_makes_a_change_possible(platform: Platform, visitor: Visitor) -> None:
    sign_in(visitor)
    platform.adapters.clock.pause(601)
    home = Home(visitor)
    home.post("/member-token")
    assert home.ask("POST", "/totp").code == "step_up_required"
    sign_in(visitor, prompt="login")
    home.post("/member-token")
    assert home.ask("POST", "/totp").status == 200


def test_a_second_factor_is_asked_for_as_anywhere(platform: Platform, visitor: Visitor) -> None:
    authenticator = enrolled(platform, visitor.tenant)
    answer = sign_in(visitor)
    challenge = answer.json()["step"]["challenge"]
    assert not at_home(visitor)
    # It was begun for this place and is no use at another.
    code = authenticator.code()
    elsewhere = visitor.step("steps/totp", challenge=challenge, code=code)
    assert elsewhere.code == "challenge_ended"
    answer = step(visitor, "steps/totp", challenge=challenge, code=code)
    assert answer.json() == {"redirectTo": BACK}
    assert at_home(visitor)


def test_a_passkey_leads_home(platform: Platform, visitor: Visitor) -> None:
    device = holding(platform, visitor.tenant)
    asked = step(visitor, "passkey/options").json()
    said = sent(device.show(asked["options"]))
    answer = step(visitor, "passkey", challenge=asked["challenge"], credential=said)
    assert answer.json() == {"redirectTo": BACK}
    assert at_home(visitor)


def test_a_provider_elsewhere_leads_home(platform: Platform) -> None:
    platform.adapters.identity_providers.add(ISSUER)
    desk = desk_on(platform)
    chosen(desk)
    visitor = Visitor(platform, desk.tenant)
    asked = query_of(step(visitor, "sso", provider="acme").json()["redirectTo"])
    platform.adapters.identity_providers.answers["c-1"] = vouched(desk)
    shown = query_of(come_back(visitor, asked).headers["location"])
    assert shown == {**HOME, "sso": "back"}
    assert visitor.step("sso/finish", request=shown).json() == {"redirectTo": BACK}
    assert at_home(visitor)


def test_who_was_remembered_elsewhere_has_proven_nothing_just_now(platform: Platform) -> None:
    platform.adapters.identity_providers.add(ISSUER)
    desk = desk_on(platform)
    chosen(desk)
    visitor = Visitor(platform, desk.tenant)
    home = Home(visitor)

    def back(ago: int, **words: str) -> Answer:
        asked = query_of(step(visitor, "sso", words=words, provider="acme").json()["redirectTo"])
        assert asked.get("prompt") == words.get("prompt")
        now = platform.adapters.clock.now()
        platform.adapters.identity_providers.answers["c-1"] = vouched(desk, auth_time=now - ago)
        shown = query_of(come_back(visitor, asked).headers["location"])
        return visitor.step("sso/finish", request=shown)

    assert back(3_600).json() == {"redirectTo": BACK}
    home.post("/member-token")
    assert home.ask("GET", "/sign-ins").json()["signIns"][0]["signedInAt"] == (
        platform.adapters.clock.now() - 3_600
    )
    assert home.ask("POST", "/totp").code == "step_up_required"
    # Asked to sign in there again, a provider that only remembers is not believed.
    assert back(3_600, prompt="login").code == "forbidden"
    assert back(1, prompt="login").json() == {"redirectTo": BACK}
    home.post("/member-token")
    assert home.ask("POST", "/totp").status == 200


def test_an_account_is_made_and_a_password_replaced_without_an_application(
    platform: Platform, visitor: Visitor
) -> None:
    visitor.tenant = replace(visitor.tenant, email="new@acme.example")
    begun = step(visitor, "sign-up", email="new@acme.example", password=PASSWORD, name="New")
    assert "Acme" in platform.adapters.mailer.sent[-1].subject
    challenge = begun.json()["challenge"]
    answer = step(visitor, "sign-up/verify", challenge=challenge, code=visitor.typed_code())
    assert answer.json() == {"redirectTo": BACK}
    forgotten = step(visitor, "password/forgot", email="new@acme.example").json()["challenge"]
    words = {"challenge": forgotten, "code": visitor.typed_code(), "password": "another one here"}
    assert step(visitor, "password/reset", **words).json() == {"changed": True}
    assert "Acme" in platform.adapters.mailer.sent[-1].subject
    assert not at_home(visitor)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ({"workspace_name": "nowhere"}, 404, "not_found"),
        ({"workspace_name": ""}, 404, "not_found"),
        ({"client_id": "Dashboard"}, 404, "not_found"),
        ({"client_id": "_dashboard"}, 404, "not_found"),
        ({"prompt": "now"}, 400, "invalid_input"),
        ({"max_age": "-1"}, 400, "invalid_input"),
        ({"max_age": "9" * 11}, 400, "invalid_input"),
        ({"login_hint": "a\u0000b"}, 400, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused(
    visitor: Visitor, words: dict[str, str], status: int, code: str
) -> None:
    answer = step(visitor, "context", words=words)
    assert (answer.status, answer.code) == (status, code)


def test_it_is_a_client_at_no_other_door(platform: Platform, visitor: Visitor) -> None:
    tenant = visitor.tenant
    named = {"workspace_name": "acme", "app_id": "_dashboard"}
    assert visitor.step("context", request=named).code == "not_found"
    query = {**visitor.params(), "client_id": "dashboard", "redirect_uri": BACK}
    answer = visitor.get(f"/oidc/acme/authorize?{urlencode(query)}")
    assert "flows.example/app/self" not in answer.headers.get("location", "")
    assert "code=" not in answer.headers.get("location", "")
    for path, form in (
        ("par", query),
        ("token", {"grant_type": "authorization_code", "code": "sfc_x", **query}),
        ("token", {"grant_type": "client_credentials", "client_id": "dashboard"}),
        ("introspect", {"token": "x", "client_id": "dashboard"}),
    ):
        assert post_form(f"/oidc/acme/{path}", form).status in {400, 401}, path
    leaving = urlencode({"client_id": "dashboard", "post_logout_redirect_uri": BACK})
    answer = visitor.get(f"/oidc/acme/logout?{leaving}")
    assert answer.headers.get("location") != BACK
    token = platform.member_token(tenant.workspace)
    assert send("GET", "/api/v1/applications/_dashboard", token=token).code == "not_found"
    body = {"appId": "_dashboard", "name": "x", "redirectUris": ["https://a.example/"]}
    assert send("POST", "/api/v1/applications", token=token, body=body).status == 400


def test_no_other_page_signs_anybody_in(visitor: Visitor) -> None:
    body = {"request": HOME, "email": visitor.tenant.email, "password": PASSWORD}
    for headers in ({}, {"origin": "https://evil.example", "x-secureflows": "1"}):
        answer = send("POST", "/api/v1/login/sign-in", body=body, headers=headers)
        assert (answer.status, answer.cookies) == (403, [])
    headers = {**OWN_PAGE, "origin": "null"}
    assert send("POST", "/api/v1/login/sign-in", body=body, headers=headers).status == 403
