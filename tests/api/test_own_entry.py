"""secureFlows' own entry: names in place of a client id, and tokens for the clients of old."""

from dataclasses import replace

import pytest

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.ids import new_user_id
from chalicelib.domain.limits import SETTINGS_AGE
from tests.api.exchange import read, sid_of
from tests.api.platform import Answer, Platform, send
from tests.api.visitor import Visitor, account, code_of, query_of
from tests.builders import ORIGIN

SESSIONS = "/api/v1/sessions"


def _visitor(platform: Platform, return_flow: ReturnFlow, slug: str = "acme") -> Visitor:
    tenant = platform.tenant(slug, return_flow=return_flow)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Visitor(platform, tenant)


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return _visitor(platform, ReturnFlow.TOKEN)


def _entry(visitor: Visitor, **changes: str) -> dict[str, str]:
    return {
        "workspace_name": visitor.slug,
        "app_id": visitor.tenant.application.id,
        "redirect_uri": visitor.redirect_uri,
        "state": "s-1",
        **changes,
    }


def _sign_in(visitor: Visitor, email: str | None = None, **changes: str) -> Answer:
    return visitor.step(
        "sign-in",
        request=_entry(visitor, **changes),
        email=email or visitor.tenant.email,
        password="plain words are long",
    )


def _token(answer: Answer) -> str:
    return query_of(answer.json()["redirectTo"])["sessionToken"]


def test_a_client_of_old_gets_its_token_in_the_address(visitor: Visitor) -> None:
    count = len(visitor.platform.events)
    answer = _sign_in(visitor, payload='{"theme":"dark"}')
    assert answer.status == 200
    location = answer.json()["redirectTo"]
    assert location.startswith("https://notes.example/?sessionToken=")
    assert set(query_of(location)) == {"sessionToken", "state"}
    assert query_of(location)["state"] == "s-1"
    assert visitor.platform.actions_since(count) == ["signin.succeeded", "session.created"]
    assert read(_token(answer)) == {"theme": "dark"}


def test_the_state_may_be_missing(visitor: Visitor) -> None:
    request = _entry(visitor)
    del request["state"]
    answer = visitor.step(
        "sign-in", request=request, email=visitor.tenant.email, password="plain words are long"
    )
    assert set(query_of(answer.json()["redirectTo"])) == {"sessionToken"}


def test_a_second_sign_in_continues_the_newest_session(visitor: Visitor) -> None:
    first = _token(_sign_in(visitor, payload='{"n":1}'))
    again = _token(visitor.step("continue", request=_entry(visitor, payload='{"n":2}')))
    assert sid_of(again) == sid_of(first)
    assert read(again) == read(first) == {"n": 1}


def test_a_login_may_ask_for_a_shorter_life(visitor: Visitor) -> None:
    token = _token(_sign_in(visitor, ttl_seconds="60"))
    visitor.platform.adapters.clock.pause(60)
    assert send("GET", SESSIONS, token=token).code == "token_expired"
    fresh = _token(visitor.step("continue", request=_entry(visitor)))
    assert sid_of(fresh) != sid_of(token)


def test_an_old_token_brings_a_fresh_one_of_the_same_session(visitor: Visitor) -> None:
    old = _token(_sign_in(visitor, payload='{"n":1}'))
    other = _token(_sign_in(visitor))
    visitor.platform.adapters.clock.pause(3_600)
    count = len(visitor.platform.events)
    answer = visitor.step("continue", request=_entry(visitor, session_token=old))
    fresh = _token(answer)
    assert visitor.platform.actions_since(count) == ["session.renewed"]
    assert sid_of(fresh) == sid_of(old)
    assert read(fresh) == {"n": 1}
    assert send("GET", SESSIONS, token=other).status == 401


def test_only_the_owner_renews(platform: Platform, visitor: Visitor) -> None:
    old = _token(_sign_in(visitor))
    account(platform, visitor.tenant.workspace, "ben@acme.example")
    thief = Visitor(platform, visitor.tenant)
    count = len(platform.events)
    answer = _sign_in(thief, "ben@acme.example", session_token=old)
    assert (answer.status, answer.code) == (403, "not_owner")
    assert (answer.cookies, platform.actions_since(count)) == ([], [])
    # Signed in already, Ben is not offered to go on with what is not his.
    _sign_in(thief, "ben@acme.example")
    opened = thief.step("context", request=_entry(thief, session_token=old))
    assert opened.json()["person"] is None
    continued = thief.step("continue", request=_entry(thief, session_token=old))
    assert continued.code == "token_missing"
    assert read(old) == {}


def test_an_ended_session_is_not_brought_back(visitor: Visitor) -> None:
    old = _token(_sign_in(visitor))
    assert send("POST", f"{SESSIONS}/revoke", token=old).status == 200
    answer = visitor.step("continue", request=_entry(visitor, session_token=old))
    assert (answer.status, answer.code) == (410, "session_ended")


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"redirect_uri": "https://evil.example/"}, 400, "/redirect_uri"),
        ({"redirect_uri": "https://notes.example/?"}, 400, "/redirect_uri"),
        ({"app_id": "other-app"}, 404, None),
        ({"app_id": "a#b"}, 404, None),
        ({"app_id": ""}, 404, None),
        ({"workspace_name": "nobody"}, 404, None),
        ({"workspace_name": ""}, 404, None),
        ({"state": "a\nb"}, 400, "/state"),
        ({"ttl_seconds": "59"}, 400, "/request"),
        ({"ttl_seconds": "soon"}, 400, "/request"),
        ({"payload": "[]"}, 400, "/request"),
        ({"payload": '{"a":'}, 400, "/request"),
        ({"session_token": "nonsense"}, 400, "/session_token"),
        ({"session_token": "a.b.c"}, 400, "/session_token"),
    ],
)
def test_a_request_that_cannot_be_used_goes_nowhere(
    visitor: Visitor, changes: dict[str, str], status: int, pointer: str | None
) -> None:
    for answer in (
        visitor.step("context", request=_entry(visitor, **changes)),
        _sign_in(visitor, **changes),
    ):
        assert answer.status == status
        pointers = [fault["pointer"] for fault in answer.json().get("errors", [])]
        assert pointers == ([] if pointer is None else [pointer])
        assert answer.cookies == []


def test_a_token_of_another_application_or_workspace_renews_nothing(
    platform: Platform, visitor: Visitor
) -> None:
    at_home = visitor.tenant
    other = platform.application(
        at_home.workspace, new_user_id(), "other-app", return_flow=ReturnFlow.TOKEN
    )
    neighbours = (
        Visitor(platform, replace(at_home, application=other)),
        _visitor(platform, ReturnFlow.TOKEN, "globex"),
    )
    for neighbour in neighbours:
        theirs = _token(_sign_in(neighbour))
        answer = visitor.step("context", request=_entry(visitor, session_token=theirs))
        assert (answer.status, answer.code) == (400, "invalid_input")
        assert read(theirs) == {}


def test_any_other_application_gets_a_code(platform: Platform) -> None:
    visitor = _visitor(platform, ReturnFlow.CODE)
    params = visitor.params()
    pkce = {name: params[name] for name in ("code_challenge", "code_challenge_method")}
    answer = _sign_in(visitor, **pkce)
    location = answer.json()["redirectTo"]
    assert set(query_of(location)) == {"code", "state", "iss"}
    assert visitor.exchange(code_of(location)).status == 200


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({}, "/request"), ({"session_token": "a.b.c"}, "/session_token")],
)
def test_no_code_without_a_challenge_and_no_token_in_its_address(
    platform: Platform, changes: dict[str, str], pointer: str
) -> None:
    visitor = _visitor(platform, ReturnFlow.CODE)
    answer = visitor.step("context", request=_entry(visitor, **changes))
    assert answer.status == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_what_a_standard_request_gets_is_a_code_here_too(visitor: Visitor) -> None:
    location = visitor.sign_in().json()["redirectTo"]
    assert set(query_of(location)) == {"code", "state", "iss"}


def test_a_full_workspace_says_so_and_signs_in_without_data(visitor: Visitor) -> None:
    platform = visitor.platform
    platform.services.workspaces.change_quotas(
        visitor.slug, sessions=None, payload_bytes=4, origin=ORIGIN
    )
    platform.adapters.clock.pause(SETTINGS_AGE)
    answer = _sign_in(visitor, payload='{"theme":"dark"}')
    assert (answer.status, answer.code) == (429, "payload_quota")
    assert read(_token(_sign_in(visitor))) == {}
