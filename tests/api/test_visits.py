"""Visits: people without an account, from the first step until they add one."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from chalicelib.domain.limits import VISITOR_SECONDS
from chalicelib.domain.visitors import VisitorUse
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account, code_of, query_of
from tests.contracts.directory import at_once

NEW = "nora@acme.example"
TAKEN = "anna@acme.example"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(visitors=VisitorUse.ALLOWED)


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def visited(visitor: Visitor, **words: Any) -> Any:
    """Go on without an account; answers the tokens that the application gets."""
    answer = visitor.step("visit", **words)
    assert answer.status == 200, answer.body
    return tokens_of(visitor, answer)


def tokens_of(visitor: Visitor, answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    got = visitor.exchange(code_of(answer.json()["redirectTo"]))
    assert got.status == 200, got.body
    return got.json()


def upgraded(visitor: Visitor, email: str = NEW, **words: Any) -> Answer:
    asked = visitor.step("visit/upgrade", email=email, password=PASSWORD, **words)
    assert asked.status == 200, asked.body
    code, challenge = visitor.typed_code(), asked.json()["challenge"]
    return visitor.step("visit/confirm", challenge=challenge, code=code)


def elsewhere(visitor: Visitor, app_id: str, **settings: Any) -> Visitor:
    """The same browser at another application of the same workspace."""
    mine = visitor.tenant
    page = f"https://{app_id}.example"
    made = visitor.platform.application(mine.workspace, mine.user, app_id, page=page, **settings)
    tenant = Tenant(mine.workspace, made, mine.user, mine.email)
    return Visitor(visitor.platform, tenant, cookies=visitor.cookies)


def test_somebody_begins_without_an_account(platform: Platform, visitor: Visitor) -> None:
    assert visitor.step("context").json()["visit"] == "offered"
    count = len(platform.events)
    answer = visitor.step("visit")
    (line,) = answer.cookies
    wid = visitor.tenant.workspace.id
    assert line.startswith(f"__Host-sfv-{wid}=")
    assert line.endswith(f"; Max-Age={VISITOR_SECONDS}; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert platform.actions_since(count) == ["user.created", "signin.succeeded"]
    made, signed = platform.events[count:]
    assert (made.meta, made.actor.kind) == ({"kind": "anonymous"}, "anonymous")
    assert (signed.meta["method"], signed.subject) == ("visitor", made.subject)
    tokens = tokens_of(visitor, answer)
    told = claims_of(tokens["id_token"])
    assert (told["acr"], told["amr"], told["sub"]) == ("sf:0", [], str(made.subject))
    assert {"email", "email_verified", "name"}.isdisjoint(told)
    access = claims_of(tokens["access_token"])
    assert (access["acr"], access["amr"]) == ("sf:0", [])
    token = tokens["access_token"]
    assert send("PUT", "/api/v1/sessions", token=token, body={"a": 1}).status == 200
    identity = send("GET", "/api/v1/sessions/identity", token=token).json()
    assert identity == {"userId": made.subject, "email": None}
    info = send("GET", f"/oidc/{visitor.slug}/userinfo", token=token).json()
    assert info == {"sub": str(made.subject)}
    assert platform.adapters.mailer.sent == []


def test_a_visitor_goes_on_as_the_same_one(platform: Platform, visitor: Visitor) -> None:
    first = claims_of(visited(visitor)["id_token"])["sub"]
    context = visitor.step("context").json()
    assert (context["visit"], context["person"]) == ("continued", None)
    count = len(platform.events)
    again = visitor.step("visit")
    assert again.cookies == []
    assert claims_of(tokens_of(visitor, again)["id_token"])["sub"] == first
    assert "user.created" not in platform.actions_since(count)
    silent = visitor.authorize(prompt="none")
    got = visitor.exchange(code_of(silent.headers["location"])).json()
    assert claims_of(got["id_token"])["sub"] == first


def test_an_application_may_begin_a_visit_without_a_screen(
    platform: Platform, visitor: Visitor
) -> None:
    count = len(platform.events)
    answer = visitor.authorize(prompt="none", acr_values="sf:0")
    assert [line.split("=")[0] for line in answer.cookies] == [
        f"__Host-sfv-{visitor.tenant.workspace.id}"
    ]
    assert platform.actions_since(count) == ["user.created", "signin.succeeded"]
    first = visitor.exchange(code_of(answer.headers["location"])).json()
    again = visitor.authorize(prompt="none", acr_values="sf:0")
    assert again.cookies == []
    second = visitor.exchange(code_of(again.headers["location"])).json()
    assert claims_of(second["id_token"])["sub"] == claims_of(first["id_token"])["sub"]
    # Whoever has an account here goes on with that.
    user = account(platform, visitor.tenant.workspace, TAKEN)
    visitor.sign_in(TAKEN)
    signed_in = visitor.authorize(prompt="none", acr_values="sf:0")
    third = visitor.exchange(code_of(signed_in.headers["location"])).json()
    assert claims_of(third["id_token"])["sub"] == str(user.person.user)


def test_without_a_screen_nobody_visits_where_none_are_allowed(
    platform: Platform, visitor: Visitor
) -> None:
    closed = elsewhere(visitor, "forms")
    count = len(platform.events)
    for each, words in (
        (closed, {"acr_values": "sf:0"}),
        (visitor, {}),
        (visitor, {"acr_values": "sf:1"}),
        (visitor, {"acr_values": "sf:2 sf:0"}),
    ):
        answer = each.authorize(prompt="none", **words)
        assert query_of(answer.headers["location"])["error"] == "login_required"
        assert answer.cookies == []
    assert platform.actions_since(count) == []
    for _ in range(30):
        visited(Visitor(platform, visitor.tenant))
    answer = send("GET", visitor_path(visitor))
    assert query_of(answer.headers["location"])["error"] == "login_required"


def visitor_path(visitor: Visitor) -> str:
    words = visitor.params(prompt="none", acr_values="sf:0")
    return f"/oidc/{visitor.slug}/authorize?{urlencode(words)}"


def test_whoever_comes_within_its_time_stays_known(platform: Platform, visitor: Visitor) -> None:
    first = claims_of(visited(visitor)["id_token"])["sub"]
    platform.adapters.clock.pause(VISITOR_SECONDS // 2 + 60)
    before = dict(visitor.cookies)
    assert claims_of(visited(visitor)["id_token"])["sub"] == first
    assert visitor.cookies != before
    # Two tabs at one moment are no two people: the value of before goes on until its time is over.
    other = Visitor(platform, visitor.tenant, cookies=before)
    assert claims_of(visited(other)["id_token"])["sub"] == first
    platform.adapters.clock.pause(VISITOR_SECONDS - 3_600)
    assert claims_of(visited(visitor)["id_token"])["sub"] == first
    platform.adapters.clock.pause(VISITOR_SECONDS)
    assert visitor.step("context").json()["visit"] == "offered"


def test_an_application_has_to_allow_visitors(platform: Platform) -> None:
    visitor = Visitor(platform, platform.tenant())
    assert visitor.step("context").json()["visit"] == "none"
    count = len(platform.events)
    answer = visitor.step("visit")
    assert (answer.status, answer.code, answer.cookies) == (403, "forbidden", [])
    assert platform.actions_since(count) == []


@pytest.mark.parametrize("setting", [{"requireMfa": True}, {"openSignup": False}])
def test_a_workspace_that_wants_more_of_its_people_has_no_visitors(
    platform: Platform, visitor: Visitor, setting: dict[str, bool]
) -> None:
    visited(visitor)
    token = platform.member_token(visitor.tenant.workspace)
    assert send("PATCH", "/api/v1/workspaces", token=token, body=setting).status == 200
    stranger = Visitor(platform, visitor.tenant)
    assert stranger.step("visit").code == "forbidden"
    assert visitor.step("context").json()["visit"] == "kept"
    assert visitor.step("visit").code == "token_missing"
    assert "error=login_required" in visitor.authorize(prompt="none").headers["location"]


@pytest.mark.parametrize("words", [{"prompt": "login"}, {"acr_values": "sf:1"}])
def test_a_request_that_wants_a_proof_gets_no_visitor(visitor: Visitor, words: Any) -> None:
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    request = {**named, **visitor.params(**words)}
    assert visitor.step("context", request=request).json()["visit"] == "none"
    assert visitor.step("visit", request=request).code == "forbidden"
    visited(visitor)
    assert visitor.step("context", request=request).json()["visit"] == "kept"
    before = dict(visitor.cookies)
    assert visitor.step("visit", request=request).code == "token_missing"
    assert visitor.cookies == before


def test_a_request_that_means_somebody_gets_no_new_visitor(visitor: Visitor) -> None:
    mine = visited(visitor)["id_token"]
    other = Visitor(visitor.platform, visitor.tenant)
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    request = {**named, **visitor.params(), "subject": str(claims_of(mine)["sub"])}
    assert visitor.step("visit", request=request).status == 200
    assert other.step("context", request=request).json()["visit"] == "none"
    assert other.step("visit", request=request).code == "forbidden"
    answer = other.authorize(prompt="none", acr_values="sf:0", id_token_hint=mine)
    assert query_of(answer.headers["location"])["error"] == "login_required"


def test_a_visitor_of_one_application_is_nobody_where_none_are_allowed(visitor: Visitor) -> None:
    mine = visited(visitor)
    send("PUT", "/api/v1/sessions", token=mine["access_token"], body={"secret": "of notes"})
    closed = elsewhere(visitor, "forms")
    assert closed.step("context").json()["visit"] == "kept"
    assert closed.step("visit").code == "token_missing"
    assert "error=login_required" in closed.authorize(prompt="none").headers["location"]
    assert closed.step("continue").code == "token_missing"
    open_one = elsewhere(visitor, "tasks", visitors=VisitorUse.ALLOWED)
    theirs = visited(open_one)
    assert claims_of(theirs["id_token"])["sub"] == claims_of(mine["id_token"])["sub"]
    assert send("GET", "/api/v1/sessions", token=theirs["access_token"]).json() == {}
    # A token of one application opens nothing of the other's.
    body = {"workspaceName": "acme", "app_id": "tasks"}
    answer = send("POST", "/api/v1/sessions", token=mine["id_token"], body=body)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_visit_in_the_cookie_of_sign_ins_is_one_all_the_same(visitor: Visitor) -> None:
    visited(visitor)
    wid = visitor.tenant.workspace.id
    visitor.cookies = {f"__Host-sf-{wid}": visitor.cookies[f"__Host-sfv-{wid}"]}
    closed = elsewhere(visitor, "forms")
    assert closed.step("continue").code == "token_missing"
    assert closed.step("context").json()["person"] is None
    assert "error=login_required" in closed.authorize(prompt="none").headers["location"]


def test_an_account_in_the_cookie_of_visits_is_none(platform: Platform, visitor: Visitor) -> None:
    account(platform, visitor.tenant.workspace, TAKEN)
    visitor.sign_in(TAKEN)
    wid = visitor.tenant.workspace.id
    visitor.cookies = {f"__Host-sfv-{wid}": visitor.cookies[f"__Host-sf-{wid}"]}
    assert visitor.step("context").json()["visit"] == "offered"
    answer = visitor.step("visit/upgrade", email=NEW, password=PASSWORD)
    assert (answer.status, answer.code) == (401, "token_missing")


def test_next_door_a_visit_is_worth_nothing(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    other = platform.tenant("globex", visitors=VisitorUse.ALLOWED)
    secret = visitor.cookies[f"__Host-sfv-{visitor.tenant.workspace.id}"]
    there = Visitor(platform, other, cookies={f"__Host-sfv-{other.workspace.id}": secret})
    assert there.step("context").json()["visit"] == "offered"


def test_visitors_are_not_made_without_end(platform: Platform, visitor: Visitor) -> None:
    for _ in range(30):
        visited(Visitor(platform, visitor.tenant))
    count = len(platform.events)
    answer = Visitor(platform, visitor.tenant).step("visit")
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert platform.actions_since(count) == []
    other = Visitor(platform, visitor.tenant, ip="198.51.100.9")
    assert visited(other)


@pytest.mark.parametrize("step", ["visit", "visit/upgrade", "visit/confirm"])
def test_no_other_page_takes_a_step(visitor: Visitor, step: str) -> None:
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    body: dict[str, Any] = {"request": {**named, **visitor.params()}}
    body |= {"email": NEW, "password": PASSWORD} if step == "visit/upgrade" else {}
    body |= {"challenge": "a", "code": "1"} if step == "visit/confirm" else {}
    for headers in ({}, {"origin": PAGE, "x-secureflows": "1"}, {"origin": OWN_ORIGIN}):
        answer = send("POST", f"/api/v1/login/{step}", body=body, headers=headers)
        assert (answer.status, answer.code) == (403, "origin_not_allowed")


def test_a_visitor_adds_an_account_and_keeps_everything(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = visited(visitor)
    uid = claims_of(tokens["id_token"])["sub"]
    send("PUT", "/api/v1/sessions", token=tokens["access_token"], body={"note": "mine"})
    count = len(platform.events)
    answer = upgraded(visitor, name="Nora")
    wid = visitor.tenant.workspace.id
    assert [line.split("=")[0] for line in answer.cookies] == [
        f"__Host-sf-{wid}",
        f"__Host-sfk-{wid}",
        f"__Host-sfv-{wid}",
    ]
    assert f"__Host-sfv-{wid}" not in visitor.cookies
    actions = platform.actions_since(count)
    assert sorted(actions) == [
        "session.logged_out",
        "session.logged_out",
        "signin.succeeded",
        "user.upgraded",
    ]
    event = next(each for each in platform.events[count:] if each.action == "user.upgraded")
    assert (str(event.subject), event.meta) == (uid, {"kind": "account"})
    fresh = tokens_of(visitor, answer)
    told = claims_of(fresh["id_token"])
    assert (told["sub"], told["email"], told["acr"], told["amr"]) == (uid, NEW, "sf:1", ["pwd"])
    read = send("GET", "/api/v1/sessions", token=fresh["access_token"])
    assert read.json() == {"note": "mine"}
    # Whoever had a part in the visit has none in the account.
    old = send("GET", "/api/v1/sessions", token=tokens["access_token"])
    assert (old.status, old.code) == (401, "token_superseded")
    assert visitor.step("context").json()["person"] == {"name": "Nora", "email": NEW}
    other = Visitor(platform, visitor.tenant)
    assert claims_of(tokens_of(other, other.sign_in(NEW))["id_token"])["sub"] == uid


def test_the_old_cookie_of_a_visit_is_worth_nothing_after_it(
    platform: Platform, visitor: Visitor
) -> None:
    visited(visitor)
    stolen = dict(visitor.cookies)
    assert upgraded(visitor).status == 200
    thief = Visitor(platform, visitor.tenant, cookies=stolen)
    assert thief.step("context").json()["visit"] == "offered"
    assert thief.step("continue").code == "token_missing"
    assert "error=login_required" in thief.authorize(prompt="none").headers["location"]


def test_a_taken_address_gets_the_same_answer_and_another_mail(
    platform: Platform, visitor: Visitor
) -> None:
    account(platform, visitor.tenant.workspace, TAKEN)
    visited(visitor)
    shapes, work = [], []
    for email in (TAKEN, NEW):
        before = platform.adapters.passwords.work
        answer = visitor.step("visit/upgrade", email=email, password=PASSWORD)
        work.append(platform.adapters.passwords.work - before)
        body = {**answer.json(), "challenge": "", "email": ""}
        shapes.append((answer.status, dict(answer.headers), answer.cookies, body))
        if email == TAKEN:
            challenge = answer.json()["challenge"]
            assert "already have an account" in platform.adapters.mailer.sent[-1].subject
    assert shapes[0] == shapes[1]
    assert work[0] == work[1]
    count = len(platform.events)
    refused = visitor.step("visit/confirm", challenge=challenge, code="123456")
    assert (refused.status, refused.code) == (403, "signin_refused")
    assert refused.json()["triesLeft"] == 4
    assert platform.actions_since(count) == ["signin.failed"]
    assert platform.events[-1].meta == {"method": "upgrade", "reason": "code"}


def test_of_two_upgrades_with_one_address_one_is_made(platform: Platform, tenant: Tenant) -> None:
    waiting = []
    for _ in range(2):
        visitor = Visitor(platform, tenant)
        visited(visitor)
        asked = visitor.step("visit/upgrade", email=NEW, password=PASSWORD)
        waiting.append((visitor, asked.json()["challenge"], visitor.typed_code()))
    count = len(platform.events)
    answers = at_once(
        [
            partial(each.step, "visit/confirm", challenge=challenge, code=code)
            for each, challenge, code in waiting
        ]
    )
    assert sorted(answer.status for answer in answers) == [200, 403]
    assert platform.actions_since(count).count("user.upgraded") == 1
    loser = next(
        each for (each, *_), answer in zip(waiting, answers, strict=True) if answer.status == 403
    )
    # The one who was late is a visitor still, with everything.
    assert loser.step("context").json()["visit"] == "continued"


def test_one_visitor_becomes_one_account(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    waiting = []
    for email in (NEW, "other@acme.example"):
        asked = visitor.step("visit/upgrade", email=email, password=PASSWORD)
        waiting.append((asked.json()["challenge"], visitor.typed_code()))
    cookies = dict(visitor.cookies)
    count = len(platform.events)
    answers = at_once(
        [
            partial(
                Visitor(platform, visitor.tenant, cookies=dict(cookies)).step,
                "visit/confirm",
                challenge=challenge,
                code=code,
            )
            for challenge, code in waiting
        ]
    )
    assert [answer.status for answer in answers].count(200) == 1
    assert platform.actions_since(count).count("user.upgraded") == 1


def test_a_code_serves_the_browser_that_asked_and_once(
    platform: Platform, visitor: Visitor
) -> None:
    visited(visitor)
    other = Visitor(platform, visitor.tenant)
    visited(other)
    asked = visitor.step("visit/upgrade", email=NEW, password=PASSWORD)
    challenge, code = asked.json()["challenge"], visitor.typed_code()
    answer = other.step("visit/confirm", challenge=challenge, code=code)
    assert (answer.status, answer.code) == (410, "challenge_ended")
    nobody = Visitor(platform, visitor.tenant)
    answer = nobody.step("visit/confirm", challenge=challenge, code=code)
    assert (answer.status, answer.code) == (401, "token_missing")
    mine = dict(visitor.cookies)
    assert visitor.step("visit/confirm", challenge=challenge, code=code).status == 200
    again = Visitor(platform, visitor.tenant, cookies=mine)
    answer = again.step("visit/confirm", challenge=challenge, code=code)
    assert (answer.status, answer.code) == (401, "token_missing")


def test_five_wrong_codes_end_an_upgrade(visitor: Visitor) -> None:
    visited(visitor)
    asked = visitor.step("visit/upgrade", email=NEW, password=PASSWORD)
    challenge, code = asked.json()["challenge"], visitor.typed_code()
    for left in (4, 3, 2, 1, 0):
        answer = visitor.step("visit/confirm", challenge=challenge, code="x")
        assert (answer.code, answer.json()["triesLeft"]) == ("signin_refused", left)
    answer = visitor.step("visit/confirm", challenge=challenge, code=code)
    assert (answer.status, answer.code) == (410, "challenge_ended")


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"name": "a" * 101}, "/name"),
    ],
)
def test_what_cannot_become_an_account_is_named(
    platform: Platform, visitor: Visitor, words: dict[str, str], pointer: str
) -> None:
    visited(visitor)
    sent: dict[str, Any] = {"email": NEW, "password": PASSWORD, **words}
    answer = visitor.step("visit/upgrade", **sent)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert platform.adapters.mailer.sent == []


def test_what_waits_for_its_code_is_sealed(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    visitor.step("visit/upgrade", email=NEW, password=PASSWORD, name="Nora Quist")
    stored = repr(platform.adapters.challenges.__dict__)
    assert NEW not in stored
    assert "Nora Quist" not in stored
    assert PASSWORD not in stored


def test_only_an_application_that_names_the_visitor_ends_a_visit(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = visited(visitor)
    account(platform, visitor.tenant.workspace, TAKEN)
    path = f"/oidc/{visitor.slug}/logout"
    other = Visitor(platform, visitor.tenant)
    theirs = tokens_of(other, other.sign_in(TAKEN))["id_token"]
    for query in ("", f"?id_token_hint={theirs}"):
        visitor.get(f"{path}{query}")
        assert visitor.step("context").json()["visit"] == "continued"
    visitor.get(f"{path}?id_token_hint={tokens['id_token']}")
    assert visitor.step("context").json()["visit"] == "offered"
    assert visitor.cookies == {}


def test_an_account_comes_before_a_visit(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    user = account(platform, visitor.tenant.workspace, TAKEN)
    answer = visitor.sign_in(TAKEN)
    assert query_of(answer.json()["redirectTo"])["code"]
    silent = visitor.authorize(prompt="none")
    got = visitor.exchange(code_of(silent.headers["location"])).json()
    assert claims_of(got["id_token"])["sub"] == str(user.person.user)
    assert visitor.step("context").json()["person"]["email"] == TAKEN


def test_at_their_own_account_visitors_are_asked_to_have_one(visitor: Visitor) -> None:
    tokens = visited(visitor)
    send("PUT", "/api/v1/sessions", token=tokens["access_token"], body={"note": "mine"})
    request = {
        "workspace_name": visitor.slug,
        "client_id": "dashboard",
        "redirect_uri": f"{OWN_ORIGIN}/app/self?workspace={visitor.slug}",
    }
    context = visitor.step("context", request=request).json()
    assert (context["visit"], context["person"]) == ("kept", None)
    home = "/api/v1/self/member-token"
    body = {"workspaceName": visitor.slug}
    for cookies in (visitor.cookies, _in_the_other_cookie(visitor)):
        joined = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = send("POST", home, body=body, headers={**OWN_PAGE, "cookie": joined})
        assert (answer.status, answer.code) == (401, "token_missing")
    asked = visitor.step("visit/upgrade", request=request, email=NEW, password=PASSWORD)
    challenge, code = asked.json()["challenge"], visitor.typed_code()
    answer = visitor.step("visit/confirm", request=request, challenge=challenge, code=code)
    assert answer.json()["redirectTo"] == request["redirect_uri"]
    joined = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    token = send("POST", home, body=body, headers={**OWN_PAGE, "cookie": joined}).json()
    me = send("GET", "/api/v1/self", token=token["memberToken"]).json()
    assert me["email"] == NEW
    fresh = visitor.exchange(code_of(visitor.step("continue").json()["redirectTo"])).json()
    read = send("GET", "/api/v1/sessions", token=fresh["access_token"])
    assert read.json() == {"note": "mine"}


def _in_the_other_cookie(visitor: Visitor) -> dict[str, str]:
    wid = visitor.tenant.workspace.id
    return {f"__Host-sf-{wid}": visitor.cookies[f"__Host-sfv-{wid}"]}
