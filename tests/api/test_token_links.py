"""The forms that carry a token in an address, for the applications that opted into them."""

from functools import partial
from urllib.parse import urlencode

import pytest

from chalicelib.domain.applications import ReturnFlow
from tests.api.exchange import RENEW, post, read, sid_of, unchanged
from tests.api.platform import Platform, Tenant, send
from tests.api.visitor import Visitor, account

LOGOUT = "/api/v1/auth/logout"
SESSIONS = "/api/v1/sessions"
BACK = "https://notes.example/"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    tenant = platform.tenant(return_flow=ReturnFlow.TOKEN)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Visitor(platform, tenant)


def _link(**words: str) -> str:
    return f"{LOGOUT}?{urlencode(words)}"


def test_a_link_signs_a_browser_out_and_sends_it_back(visitor: Visitor) -> None:
    tokens = visitor.exchange(visitor.code()).json()
    kept, count = dict(visitor.cookies), len(visitor.platform.events)
    answer = visitor.get(_link(session_token=tokens["access_token"], redirect_uri=BACK))
    assert (answer.status, answer.headers["location"]) == (302, BACK)
    (line,) = answer.cookies
    name = f"__Host-sf-{visitor.tenant.workspace.id}"
    assert line == f"{name}=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert visitor.platform.actions_since(count) == ["session.logged_out", "session.logged_out"]
    assert send("GET", SESSIONS, token=tokens["access_token"]).code == "token_superseded"
    visitor.cookies = kept
    assert visitor.step("continue").code == "token_missing"


def test_a_link_with_an_expired_token_signs_out_all_the_same(visitor: Visitor) -> None:
    tokens = visitor.exchange(visitor.code()).json()
    visitor.platform.adapters.clock.pause(3_600)
    answer = visitor.get(_link(session_token=tokens["access_token"]))
    assert (answer.status, answer.headers["location"]) == (302, "/#signed-out")
    assert visitor.step("continue").code == "token_missing"


def test_a_link_of_an_ended_session_still_ends_the_browsers_sign_in(visitor: Visitor) -> None:
    token = visitor.exchange(visitor.code()).json()["access_token"]
    assert send("POST", f"{SESSIONS}/revoke", token=token).status == 200
    assert visitor.get(_link(session_token=token)).status == 302
    assert visitor.step("continue").code == "token_missing"


def test_a_second_click_finds_nothing_to_end(visitor: Visitor) -> None:
    link = _link(session_token=visitor.exchange(visitor.code()).json()["access_token"])
    visitor.get(link)
    count = len(visitor.platform.events)
    assert visitor.get(link).status == 302
    assert visitor.platform.actions_since(count) == []


def test_somebody_elses_link_leaves_the_person_signed_in(
    platform: Platform, visitor: Visitor
) -> None:
    account(platform, visitor.tenant.workspace, "ben@acme.example")
    other = Visitor(platform, visitor.tenant, verifier=visitor.verifier)
    location = other.sign_in("ben@acme.example").json()["redirectTo"]
    token = visitor.exchange(location.split("code=")[1].split("&")[0]).json()["access_token"]
    visitor.sign_in()
    answer = visitor.get(_link(session_token=token))
    assert (answer.status, answer.cookies) == (302, [])
    assert visitor.step("continue").status == 200


@pytest.mark.parametrize(
    ("uri", "status", "code"),
    [
        ("https://notes.example", 400, "invalid_input"),
        ("https://notes.example/x", 400, "invalid_input"),
        ("https://notes.example@evil.example/", 400, "invalid_input"),
        ("//evil.example/", 400, "invalid_input"),
        ("", 400, "invalid_input"),
    ],
)
def test_a_link_leads_to_registered_addresses_only_or_ends_nothing(
    visitor: Visitor, uri: str, status: int, code: str
) -> None:
    token = visitor.exchange(visitor.code()).json()["access_token"]
    link = _link(session_token=token, redirect_uri=uri)
    answer = unchanged(visitor.platform, lambda: visitor.get(link))
    assert (answer.status, answer.code, answer.cookies) == (status, code, [])
    assert "location" not in answer.headers
    assert read(token) == {}


def test_a_link_says_in_a_browser_what_is_wrong(visitor: Visitor) -> None:
    answer = visitor.get(LOGOUT, accept="text/html")
    assert answer.status == 302
    assert answer.headers["location"].startswith("/app/sessions/login?error=not_signed_out&")


@pytest.mark.parametrize("token", ["", "a.b.c", "é", "A" * 5_000])
def test_a_link_with_what_is_no_token_ends_nothing(visitor: Visitor, token: str) -> None:
    visitor.sign_in()
    answer = unchanged(visitor.platform, lambda: visitor.get(_link(session_token=token)))
    assert (answer.status, answer.cookies) == (401 if token else 400, [])
    assert visitor.step("continue").status == 200


def test_an_id_token_is_no_token_of_a_link(platform: Platform, visitor: Visitor) -> None:
    link = _link(session_token=platform.id_token(visitor.tenant))
    assert unchanged(platform, lambda: visitor.get(link)).code == "token_invalid"


def test_an_application_that_did_not_opt_in_takes_no_token_from_an_address(
    platform: Platform,
) -> None:
    tenant = platform.tenant("careful")
    token = platform.token(tenant, {"a": 1})
    for act in (
        partial(send, "GET", _link(session_token=token)),
        partial(send, "POST", f"{RENEW}/{token}", token=platform.id_token(tenant)),
    ):
        answer = unchanged(platform, act)
        assert (answer.status, answer.code) == (403, "forbidden")
        assert token not in answer.body
    assert read(token) == {"a": 1}


def test_a_session_is_renewed_by_its_token_in_the_path(platform: Platform) -> None:
    tenant = platform.tenant(return_flow=ReturnFlow.TOKEN)
    head, issued = platform.session(tenant, {"a": 1})
    answer = send("POST", f"{RENEW}/{issued.text}", token=platform.id_token(tenant))
    fresh = answer.json()["sessionToken"]
    assert answer.json() == {"sessionToken": fresh, "payload": {"a": 1}}
    assert sid_of(fresh) == head.ref.sid
    assert send("GET", SESSIONS, token=issued.text).code == "token_superseded"


def test_a_path_renews_for_the_owner_only(platform: Platform) -> None:
    tenant = platform.tenant(return_flow=ReturnFlow.TOKEN)
    token = platform.token(tenant, {"a": 1})
    email = "nils@acme.example"
    other = Tenant(
        tenant.workspace, tenant.application, platform.user(tenant.workspace, email), email
    )
    answer = unchanged(platform, partial(post, platform, other, f"{RENEW}/{token}", None))
    assert (answer.status, answer.code) == (403, "not_owner")
    assert unchanged(platform, lambda: send("POST", f"{RENEW}/{token}")).code == "token_missing"
