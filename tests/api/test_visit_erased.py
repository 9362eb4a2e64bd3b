"""People without an account who delete what they have: by their browser, and by nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.audit import Actor, ActorKind
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import UserKind
from chalicelib.domain.visitors import VisitorUse
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, account, code_of
from tests.builders import some_event

ERASE = "visit/erase"


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant(visitors=VisitorUse.ALLOWED)


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def visited(visitor: Visitor) -> Any:
    """Begin without an account, and write something; answers the tokens."""
    tokens = visitor.exchange(code_of(visitor.step("visit").json()["redirectTo"])).json()
    token = tokens["access_token"]
    assert send("PUT", "/api/v1/sessions", token=token, body={"note": "mine"}).status == 200
    return tokens


def person(visitor: Visitor) -> Person:
    (made,) = [e for e in visitor.platform.events if e.meta.get("kind") == "anonymous"][-1:]
    assert made.subject is not None
    return Person(visitor.tenant.workspace.id, made.subject)


def refused(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.code


def test_all_of_a_visitor_goes_with_a_certificate(platform: Platform, visitor: Visitor) -> None:
    tokens = visited(visitor)
    gone, count = person(visitor), len(platform.events)
    answer = visitor.step(ERASE)
    assert answer.status == 200, answer.body
    body = answer.json()
    assert (body["erased"], body["erasedAt"]) == (True, platform.adapters.clock.now())
    assert (body["destroyed"]["sessions"], body["destroyed"]["signIns"]) == (1, 1)
    (cookie,) = answer.cookies
    assert cookie.startswith(f"__Host-sfv-{visitor.tenant.workspace.id}=;")
    assert "Max-Age=0" in cookie
    assert platform.actions_since(count) == ["key.destroyed", "user.erased", "session.revoked"]
    for event in platform.events[count:]:
        assert (event.actor, event.subject) == (Actor(ActorKind.ANONYMOUS, gone.user), gone.user)
    answer = send("GET", "/api/v1/sessions", token=tokens["access_token"])
    assert refused(answer) == (410, "session_ended")
    assert visitor.step("context").json()["visit"] == "offered"
    platform.adapters.clock.pause(120)
    assert platform.services.erasing.remnants.finish(limit=9)["finished"] == 1
    assert platform.adapters.users.get(gone) is None
    assert platform.adapters.visitors.get(gone) is None
    assert platform.adapters.mailer.sent == []


def test_from_their_own_account_page_too(visitor: Visitor) -> None:
    visited(visitor)
    request = {
        "workspace_name": visitor.slug,
        "client_id": "dashboard",
        "redirect_uri": f"{OWN_ORIGIN}/app/self?workspace={visitor.slug}",
    }
    assert visitor.step("context", request=request).json()["visit"] == "kept"
    assert visitor.step(ERASE, request=request).status == 200
    assert visitor.step("context", request=request).json()["visit"] == "none"


def test_asked_again_there_is_nobody(visitor: Visitor) -> None:
    visited(visitor)
    mine = dict(visitor.cookies)
    assert visitor.step(ERASE).status == 200
    assert refused(visitor.step(ERASE)) == (401, "token_missing")
    visitor.cookies = mine
    assert refused(visitor.step(ERASE)) == (401, "token_missing")


@pytest.mark.parametrize("shown", ["nothing", "another's name", "a sign-in", "the other cookie"])
def test_nothing_but_the_cookie_of_the_visit_erases(
    platform: Platform, visitor: Visitor, shown: str
) -> None:
    visited(visitor)
    gone, wid = person(visitor), visitor.tenant.workspace.id
    secret = visitor.cookies[f"__Host-sfv-{wid}"]
    stranger = Visitor(platform, visitor.tenant)
    match shown:
        case "another's name":
            stranger.cookies = {
                f"__Host-sfv-{wid}": secret[:-1] + ("A" if secret[-1] != "A" else "B")
            }
        case "a sign-in":
            account(platform, visitor.tenant.workspace, "anna@acme.example")
            stranger.sign_in("anna@acme.example")
            stranger.cookies[f"__Host-sfv-{wid}"] = stranger.cookies[f"__Host-sf-{wid}"]
        case "the other cookie":
            stranger.cookies = {f"__Host-sf-{wid}": secret}
    assert refused(stranger.step(ERASE)) == (401, "token_missing")
    assert platform.adapters.keys.of_user(gone) is not None


def test_no_other_page_erases_anybody(visitor: Visitor) -> None:
    visited(visitor)
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    body = {"request": {**named, **visitor.params()}}
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    for headers in (
        {**OWN_PAGE, "origin": "https://evil.example"},
        {"x-secureflows": "1"},
        {"origin": OWN_ORIGIN},
    ):
        sent = {**headers, "cookie": cookies}
        answer = send("POST", f"/api/v1/login/{ERASE}", body=body, headers=sent)
        assert refused(answer) == (403, "origin_not_allowed")
    assert visitor.step("context").json()["visit"] == "continued"


def test_a_visit_elsewhere_is_another_persons(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    mine = person(visitor)
    tenant = platform.tenant("globex", visitors=VisitorUse.ALLOWED)
    elsewhere = Visitor(platform, tenant, cookies=dict(visitor.cookies))
    assert refused(elsewhere.step(ERASE)) == (401, "token_missing")
    visited(elsewhere)
    assert elsewhere.step(ERASE).status == 200
    assert platform.adapters.keys.of_user(mine) is not None
    assert visitor.step("context").json()["visit"] == "continued"


def test_an_account_is_deleted_at_its_own_page_alone(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    mine, old = person(visitor), dict(visitor.cookies)
    asked = visitor.step("visit/upgrade", email="nora@acme.example", password=PASSWORD)
    code = visitor.typed_code()
    answer = visitor.step("visit/confirm", challenge=asked.json()["challenge"], code=code)
    assert answer.status == 200, answer.body
    visitor.cookies.update(old)
    assert refused(visitor.step(ERASE)) == (401, "token_missing")
    assert platform.adapters.keys.of_user(mine) is not None


def test_an_account_that_is_added_at_that_moment_stays(
    platform: Platform, visitor: Visitor
) -> None:
    visited(visitor)
    mine, erasures = person(visitor), platform.adapters.erasures
    is_held = erasures.is_held

    def meanwhile(person: Person) -> bool:
        # The other tab is done after this one has looked who is there.
        before = platform.adapters.users.get(person)
        if before is not None and before.is_visitor:
            after = platform.adapters.users.get(platform_account.person)
            assert after is not None
            event = some_event(person.workspace)
            changed = replace(before, kind=UserKind.ACCOUNT, profile=after.profile)
            platform.adapters.users.upgrade(before, changed, address="a" * 43, event=event)
        return is_held(person)

    platform_account = account(platform, visitor.tenant.workspace, "anna@acme.example")
    vars(erasures)["is_held"] = meanwhile
    assert refused(visitor.step(ERASE)) == (401, "token_missing")
    found = platform.adapters.users.get(mine)
    assert found is not None
    assert not found.is_visitor
    assert platform.adapters.keys.of_user(mine) is not None


def test_whoever_is_held_stays_and_keeps_the_cookie(platform: Platform, visitor: Visitor) -> None:
    visited(visitor)
    platform.adapters.erasures.hold(person(visitor))
    answer = visitor.step(ERASE)
    assert refused(answer) == (409, "erasure_refused")
    assert answer.cookies == []
    assert visitor.step("context").json()["visit"] == "continued"
