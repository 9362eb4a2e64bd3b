"""Another site's page acts in a person's browser: with their cookies, and with an attacker's."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib.api.endpoint import declared
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.visitor import OWN_PAGE, Visitor, account, code_of, post_form, query_of

EVIL = "https://evil.example"
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes(*, of_own_page: bool) -> Iterator[Any]:
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            is_own = declared[entry.view_function].caller == "own_page"
            if is_own is of_own_page:
                steps = path.replace("{workspace}", "acme").split("/")
                filled = "/".join("x" if step.startswith("{") else step for step in steps)
                yield pytest.param(method, filled, id=f"{method} {path}")


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return tenant


@pytest.fixture
def victim(platform: Platform, tenant: Tenant) -> Visitor:
    visitor = Visitor(platform, tenant)
    assert visitor.sign_in().status == 200
    return visitor


@pytest.fixture
def attacker(platform: Platform, tenant: Tenant) -> Visitor:
    account(platform, tenant.workspace, "mallory@acme.example")
    visitor = Visitor(platform, tenant)
    assert visitor.sign_in("mallory@acme.example").status == 200
    return visitor


def cookie_of(visitor: Visitor) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}


def subject_of(visitor: Visitor, answer: Answer) -> int:
    """Whom a client takes the browser for after an answer of the provider."""
    tokens = visitor.exchange(code_of(answer.headers["location"])).json()
    answer = send("GET", "/api/v1/sessions/identity", token=tokens["access_token"])
    return int(answer.json()["userId"])


FORGED: list[Mapping[str, str]] = [
    {},
    {"origin": EVIL},
    {"origin": "null", "x-secureflows": "1"},
    {"origin": EVIL, "x-secureflows": "1"},
    {"origin": OWN_ORIGIN},
    {"x-secureflows": "1"},
    {"origin": f"{OWN_ORIGIN}.evil.example", "x-secureflows": "1"},
    {"origin": OWN_ORIGIN.upper(), "x-secureflows": "1"},
]


@pytest.mark.parametrize(("method", "path"), [*routes(of_own_page=True)])
def test_what_a_cookie_allows_wants_our_origin_and_our_header(
    platform: Platform, victim: Visitor, method: str, path: str
) -> None:
    before = len(platform.events)
    for headers in FORGED:
        answer = send(method, path, body={}, headers={**cookie_of(victim), **headers})
        assert (answer.status, answer.code, answer.cookies) == (403, "origin_not_allowed", [])
    assert platform.actions_since(before) == []
    assert victim.step("continue").status == 200


@pytest.mark.parametrize(("method", "path"), [*routes(of_own_page=False)])
def test_to_every_other_route_a_cookie_is_nothing(
    platform: Platform, victim: Visitor, method: str, path: str
) -> None:
    before = len(platform.events)
    headers = {**cookie_of(victim), "origin": EVIL}
    bodies: list[dict[str, Any]] = [{}]
    if method not in SAFE:
        form = {"content-type": "application/x-www-form-urlencoded"}
        bodies = [{"body": {}}, {"raw": b"a=b", "headers": {**headers, **form}}]
    for sent in bodies:
        answer = send(method, path, **{"headers": headers, **sent})
        assert answer.status != 500
        assert answer.cookies == []
    assert platform.actions_since(before) == []
    assert victim.step("continue").status == 200


def test_there_are_routes_of_both_kinds() -> None:
    own, others = list(routes(of_own_page=True)), list(routes(of_own_page=False))
    assert len(own) >= 10
    assert len(own) + len(others) == sum(map(len, app.routes.values()))


HINTS = [
    {},
    {"login_hint": "mallory@acme.example"},
    {"prompt": "none", "login_hint": "mallory@acme.example"},
    {"prompt": "none", "email": "mallory@acme.example", "password": "plain words are long"},
    {"prompt": "none", "session_token": "THEIRS"},
    {"prompt": "none", "id_token_hint": "THEIRS"},
    {"prompt": "none", "sub": "1", "userId": "1"},
    {"prompt": "login"},
    {"prompt": "create"},
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("hint", HINTS)
def test_an_authorization_request_signs_nobody_in(
    platform: Platform, victim: Visitor, attacker: Visitor, method: str, hint: dict[str, str]
) -> None:
    theirs = attacker.exchange(attacker.code(prompt=None)).json()["id_token"]
    before = len(platform.events)
    named = {name: theirs if value == "THEIRS" else value for name, value in hint.items()}
    params = {**victim.params(), **named}
    for headers, is_signed_in in ((cookie_of(victim), True), ({}, False)):
        forged = {**headers, "origin": EVIL}
        if method == "GET":
            answer = send("GET", f"/oidc/acme/authorize?{urlencode(params)}", headers=forged)
        else:
            answer = post_form("/oidc/acme/authorize", params, **forged)
        assert answer.cookies == []
        location = answer.headers.get("location", "")
        if "code" in query_of(location):
            assert is_signed_in
            assert hint["prompt"] == "none"
            assert subject_of(victim, answer) == victim.tenant.user
    assert "signin.succeeded" not in platform.actions_since(before)
    assert victim.step("context").json()["person"]["email"] == victim.tenant.email


def test_a_code_of_an_attacker_is_nothing_to_the_client_that_did_not_ask_for_it(
    victim: Visitor, attacker: Visitor
) -> None:
    planted = attacker.code()
    refused = victim.exchange(planted)
    assert (refused.status, refused.json()["error"]) == (400, "invalid_grant")
    # It is spent, for whomever it was.
    assert attacker.exchange(planted).status == 400


@pytest.mark.parametrize(
    "name", ["sf-{}", "__Host-sf", "__host-sf-{}", "__Secure-sf-{}", "__Host-sfk-{}", "sf_{}"]
)
def test_a_cookie_that_another_site_can_set_signs_nobody_in(
    platform: Platform, tenant: Tenant, attacker: Visitor, name: str
) -> None:
    wid = tenant.workspace.id
    planted = {name.format(wid): attacker.cookies[f"__Host-sf-{wid}"]}
    visitor = Visitor(platform, tenant, planted)
    assert visitor.step("context").json()["person"] is None
    assert visitor.step("continue").code == "token_missing"
    answer = visitor.authorize(prompt="none")
    assert query_of(answer.headers["location"])["error"] == "login_required"


def test_a_planted_sign_in_dies_when_the_person_signs_in(
    platform: Platform, tenant: Tenant, attacker: Visitor
) -> None:
    victim = Visitor(platform, tenant, dict(attacker.cookies))
    assert victim.sign_in().status == 200
    name = f"__Host-sf-{tenant.workspace.id}"
    assert victim.cookies[name] != attacker.cookies[name]
    assert attacker.step("continue").code == "token_missing"
    assert victim.step("context").json()["person"]["email"] == tenant.email


def test_a_planted_sign_in_is_fresh_for_nobody_but_its_owner(
    platform: Platform, tenant: Tenant, attacker: Visitor
) -> None:
    # Who proves who they are inside an attacker's sign-in must not make it theirs.
    victim = Visitor(platform, tenant, dict(attacker.cookies))
    before = len(platform.events)
    body = {"workspaceName": "acme", "password": "not mallory's"}
    headers = {**OWN_PAGE, **cookie_of(victim)}
    answer = send("POST", "/api/v1/self/step-up", body=body, headers=headers)
    assert answer.code == "signin_refused"
    assert answer.cookies == []
    assert platform.actions_since(before) == ["signin.failed"]


def test_a_step_up_brings_a_new_cookie_and_ends_the_old_one(victim: Visitor) -> None:
    before = dict(victim.cookies)
    body = {"workspaceName": "acme", "password": "plain words are long"}
    headers = {**OWN_PAGE, **cookie_of(victim)}
    answer = send("POST", "/api/v1/self/step-up", body=body, headers=headers)
    assert answer.status == 200
    (line,) = answer.cookies
    name, _, value = line.split(";")[0].partition("=")
    assert name == f"__Host-sf-{victim.tenant.workspace.id}"
    assert value != before[name]
    assert victim.step("continue").code == "token_missing"
    victim.cookies[name] = value
    assert victim.step("continue").status == 200
