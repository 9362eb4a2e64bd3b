"""Copies: what a visitor has goes along into an account, when its person chooses so."""

from typing import Any

import pytest

from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import UserId
from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import VisitorUse
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, Tenant, send
from tests.api.test_visits import claims_of, elsewhere, tokens_of, visited
from tests.api.visitor import OWN_PAGE, Visitor, account

EMAIL = "anna@acme.example"
COPIES = "/api/v1/sessions/copies"
NOTE = {"note": "begun without an account", "list": [1, 2, {"a": None}]}


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    tenant = platform.tenant(visitors=VisitorUse.ALLOWED)
    tenant.email = EMAIL
    tenant.user = account(platform, tenant.workspace, EMAIL).person.user
    return tenant


@pytest.fixture
def visitor(platform: Platform, tenant: Tenant) -> Visitor:
    return Visitor(platform, tenant)


def wrote(visitor: Visitor, data: Any) -> Any:
    """Go on without an account and leave something; answers the tokens."""
    tokens = visited(visitor)
    answer = send("PUT", "/api/v1/sessions", token=tokens["access_token"], body=data)
    assert answer.status == 200
    return tokens


def asked(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    step = answer.json()["step"]
    assert step["kind"] == "visitor"
    return step


def copy(visitor: Visitor, challenge: str, **words: Any) -> Answer:
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    request = words.get("request") or {**named, **visitor.params()}
    joined = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {**OWN_PAGE, "cookie": joined, **words.get("headers", {})}
    body = {"request": request, "challenge": challenge}
    answer = send("POST", COPIES, body=body, headers=headers)
    for line in answer.cookies:
        visitor.cookies.pop(line.partition("=")[0], None)
    return answer


def settle(visitor: Visitor, challenge: str) -> Answer:
    return visitor.step("steps/visitor", challenge=challenge)


def held(platform: Platform, subject: str, tenant: Tenant) -> list[Any]:
    """The live heads of somebody."""
    person = Person(tenant.workspace.id, UserId(int(subject)))
    now = platform.adapters.clock.now()
    return [head for head in platform.adapters.sessions.of_person(person) if head.is_live(now)]


def test_a_known_address_is_never_merged_silently(platform: Platform, visitor: Visitor) -> None:
    tokens = wrote(visitor, NOTE)
    count = len(platform.events)
    step = asked(visitor.sign_in(EMAIL))
    assert (step["new"], step["kept"]) == (["Notes"], [])
    assert platform.actions_since(count) == []
    # Nobody is signed in yet, and the visitor goes on as before.
    assert visitor.step("context").json()["visit"] == "continued"
    assert send("GET", "/api/v1/sessions", token=tokens["access_token"]).json() == NOTE


def test_the_person_chooses_and_the_account_gets_what_was_begun(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = wrote(visitor, NOTE)
    ghost = claims_of(tokens["id_token"])["sub"]
    step = asked(visitor.sign_in(EMAIL))
    count = len(platform.events)
    answer = copy(visitor, step["challenge"])
    assert (answer.status, answer.json()) == (200, {"copied": ["Notes"]})
    wid = visitor.tenant.workspace.id
    assert [line.split("=")[0] for line in answer.cookies] == [f"__Host-sfv-{wid}"]
    actions = platform.actions_since(count)
    assert actions[0] == "user.upgraded"
    assert {"session.created", "user.erased", "key.destroyed"} <= set(actions)
    first = platform.events[count]
    assert (first.actor.uid, first.meta) == (
        visitor.tenant.user,
        {"kind": "copy", "account": visitor.tenant.user},
    )
    mine = tokens_of(visitor, settle(visitor, step["challenge"]))
    assert claims_of(mine["id_token"])["sub"] == str(visitor.tenant.user)
    assert claims_of(mine["access_token"])["acr"] == "sf:1"
    assert send("GET", "/api/v1/sessions", token=mine["access_token"]).json() == NOTE
    gone = send("GET", "/api/v1/sessions", token=tokens["access_token"])
    assert gone.status in {401, 410}
    person = Person(wid, UserId(int(ghost)))
    assert platform.adapters.keys.of_user(person) is None
    assert held(platform, ghost, visitor.tenant) == []


def test_who_leaves_it_is_in_and_finds_it_again(visitor: Visitor) -> None:
    wrote(visitor, NOTE)
    step = asked(visitor.sign_in(EMAIL))
    mine = tokens_of(visitor, settle(visitor, step["challenge"]))
    assert send("GET", "/api/v1/sessions", token=mine["access_token"]).json() == {}
    again = asked(visitor.sign_in(EMAIL))
    # By now the account has a session there, though an empty one: what it has stays.
    assert (again["new"], again["kept"]) == ([], ["Notes"])
    assert copy(visitor, again["challenge"]).json() == {"copied": []}


def test_where_the_account_has_something_that_stays(platform: Platform, visitor: Visitor) -> None:
    other = Visitor(platform, visitor.tenant)
    mine = tokens_of(other, other.sign_in(EMAIL))
    send("PUT", "/api/v1/sessions", token=mine["access_token"], body={"mine": True})
    tasks = elsewhere(visitor, "tasks", visitors=VisitorUse.ALLOWED)
    wrote(visitor, NOTE)
    wrote(tasks, {"todo": 1})
    step = asked(visitor.sign_in(EMAIL))
    assert (step["new"], step["kept"]) == (["Tasks"], ["Notes"])
    assert copy(visitor, step["challenge"]).json() == {"copied": ["Tasks"]}
    fresh = tokens_of(visitor, settle(visitor, step["challenge"]))
    read = send("GET", "/api/v1/sessions", token=fresh["access_token"])
    assert read.json() == {"mine": True}
    theirs = tokens_of(tasks, tasks.sign_in(EMAIL))
    assert send("GET", "/api/v1/sessions", token=theirs["access_token"]).json() == {"todo": 1}


def test_whoever_left_nothing_is_not_asked(visitor: Visitor) -> None:
    visited(visitor)
    assert "redirectTo" in visitor.sign_in(EMAIL).json()


def test_every_live_session_goes_along_and_the_newest_stays_the_newest(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = wrote(visitor, {"n": 1})
    platform.adapters.clock.pause(1)
    body = {"workspaceName": "acme", "payload": {"n": 2}}
    made = send("POST", "/api/v1/sessions", token=tokens["id_token"], body=body)
    assert made.status == 200
    step = asked(visitor.sign_in(EMAIL))
    platform.adapters.clock.pause(1)
    assert copy(visitor, step["challenge"]).json() == {"copied": ["Notes"]}
    mine = tokens_of(visitor, settle(visitor, step["challenge"]))
    assert send("GET", "/api/v1/sessions", token=mine["access_token"]).json() == {"n": 2}
    assert len(held(platform, str(visitor.tenant.user), visitor.tenant)) == 2


@pytest.mark.parametrize("calls", range(1, 9))
def test_whoever_is_interrupted_loses_nothing_and_goes_on(
    platform: Platform, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    tokens = wrote(visitor, {"n": 1})
    platform.adapters.clock.pause(1)
    body = {"workspaceName": "acme", "payload": {"n": 2}}
    send("POST", "/api/v1/sessions", token=tokens["id_token"], body=body)
    tasks = elsewhere(visitor, "tasks", visitors=VisitorUse.ALLOWED)
    wrote(tasks, {"todo": 1})
    step = asked(visitor.sign_in(EMAIL))
    left = [calls]
    services = platform.services
    for service, name in (
        (services.sessions, "create"),
        (services.payloads, "look"),
        (services.erasing.erasures, "erase"),
    ):
        _stops(monkeypatch, service, name, left)
    answer = copy(visitor, step["challenge"])
    monkeypatch.undo()
    if answer.status != 200:
        assert (answer.status, answer.code) == (503, "store_unavailable")
        assert held(platform, claims_of(tokens["id_token"])["sub"], visitor.tenant)
        answer = copy(visitor, step["challenge"])
    assert answer.status == 200, answer.body
    mine = tokens_of(visitor, settle(visitor, step["challenge"]))
    assert send("GET", "/api/v1/sessions", token=mine["access_token"]).json() == {"n": 2}
    theirs = tokens_of(tasks, tasks.sign_in(EMAIL))
    assert send("GET", "/api/v1/sessions", token=theirs["access_token"]).json() == {"todo": 1}
    assert len(held(platform, str(visitor.tenant.user), visitor.tenant)) == 3
    assert held(platform, claims_of(tokens["id_token"])["sub"], visitor.tenant) == []


def _stops(monkeypatch: pytest.MonkeyPatch, service: Any, name: str, left: list[int]) -> None:
    act = getattr(service, name)

    def stopping(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise StoreUnavailable("stopped here")
        return act(*given, **named)

    monkeypatch.setattr(service, name, stopping)


def test_once_chosen_no_application_writes_what_would_be_left_behind(
    platform: Platform, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = wrote(visitor, NOTE)["access_token"]
    step = asked(visitor.sign_in(EMAIL))
    payloads = platform.services.payloads
    look, answers = payloads.look, []

    def looking(*given: Any) -> Any:
        found = look(*given)
        answers.append(send("PUT", "/api/v1/sessions", token=token, body={"late": 1}))
        return found

    monkeypatch.setattr(payloads, "look", looking)
    assert copy(visitor, step["challenge"]).status == 200
    (late,) = answers
    assert (late.status, late.code) == (401, "token_superseded")


def test_a_copy_lives_no_longer_than_what_was_copied(platform: Platform, tenant: Tenant) -> None:
    short = elsewhere(
        Visitor(platform, tenant), "short", visitors=VisitorUse.ALLOWED, payload_seconds=3_600
    )
    wrote(short, NOTE)
    platform.adapters.clock.pause(3_000)
    step, end = asked(short.sign_in(EMAIL)), platform.adapters.clock.now() + 600
    assert copy(short, step["challenge"]).status == 200
    (head,) = held(platform, str(tenant.user), tenant)
    assert head.exp == end


def test_without_a_choice_under_way_nothing_is_copied(platform: Platform, visitor: Visitor) -> None:
    wrote(visitor, NOTE)
    step = asked(visitor.sign_in(EMAIL))
    count = len(platform.events)
    named = {"workspace_name": visitor.slug, "app_id": visitor.tenant.application.id}
    other = {**named, **visitor.params(state="another")}
    for answer in (
        copy(visitor, "A" * 43),
        copy(visitor, ""),
        copy(visitor, step["challenge"], request=other),
    ):
        assert (answer.status, answer.code) == (410, "challenge_ended")
    for headers in ({"origin": PAGE}, {"origin": ""}, {"origin": f"{OWN_ORIGIN}.evil.example"}):
        answer = copy(visitor, step["challenge"], headers=headers)
        assert (answer.status, answer.code) == (403, "origin_not_allowed")
    assert platform.actions_since(count) == []
    platform.adapters.clock.pause(600)
    answer = copy(visitor, step["challenge"])
    assert (answer.status, answer.code) == (410, "challenge_ended")
    assert visitor.step("context").json()["visit"] == "continued"


def test_a_choice_in_another_browser_touches_nobodys_visit(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = wrote(visitor, NOTE)
    step = asked(visitor.sign_in(EMAIL))
    thief = Visitor(platform, visitor.tenant, verifier=visitor.verifier)
    assert copy(thief, step["challenge"]).json() == {"copied": []}
    assert send("GET", "/api/v1/sessions", token=tokens["access_token"]).json() == NOTE


def test_a_choice_serves_once(visitor: Visitor) -> None:
    wrote(visitor, NOTE)
    step = asked(visitor.sign_in(EMAIL))
    assert settle(visitor, step["challenge"]).status == 200
    for answer in (settle(visitor, step["challenge"]), copy(visitor, step["challenge"])):
        assert (answer.status, answer.code) == (410, "challenge_ended")


def test_a_full_workspace_keeps_the_visitor(
    platform: Platform, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = wrote(visitor, NOTE)
    step = asked(visitor.sign_in(EMAIL))
    monkeypatch.setattr(platform.services.sessions, "create", _full)
    answer = copy(visitor, step["challenge"])
    assert answer.status == 503
    assert held(platform, claims_of(tokens["id_token"])["sub"], visitor.tenant)


def _full(*_: Any) -> Any:
    raise StoreUnavailable("no room")
