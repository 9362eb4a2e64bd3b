"""The page on which a person lets a device in: they see who asks, and decide once."""

from typing import Any

import pytest

from chalicelib.domain.limits import DEVICE_AUTHORIZATION_SECONDS
from chalicelib.services.attempts import USER_CODES
from tests.api.own import Home
from tests.api.platform import OWN_ORIGIN, Platform, send
from tests.api.shell import on_page, shell_of, told, visitor_on
from tests.api.visitor import OWN_PAGE, PASSWORD, Visitor, query_of

WORKSPACES = "/api/v1/workspaces"
NEVER = {"userCode": "BBBB-BBBB"}


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    return visitor_on(platform)


@pytest.mark.parametrize(
    ("approve", "action"),
    [(True, "device_authorization.approved"), (False, "device_authorization.denied")],
)
def test_a_decision_is_recorded(visitor: Visitor, *, approve: bool, action: str) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    before = len(visitor.platform.events)
    assert shell.decide(approve=approve).json() == {"approved": approve}
    (event,) = visitor.platform.events[before:]
    person = visitor.tenant.user
    assert (event.action, event.subject, event.actor.uid) == (action, person, person)
    assert event.app == "notes"


def test_a_person_sees_who_asks_from_where_and_as_whom_it_would_be(visitor: Visitor) -> None:
    shell = shell_of(visitor, headers={"user-agent": "python-requests/2.32 (Linux)"})
    answer = shell.look_up(shell.user_code.lower().replace("-", " ")).json()
    assert answer["workspace"] == {"name": "Acme"}
    assert answer["application"] == {"appId": "notes", "name": "Notes", "color": None}
    assert answer["userCode"] == shell.user_code
    now = visitor.platform.adapters.clock.now()
    assert answer["asked"] == {"at": now, "program": "Python on Linux", "network": "192.0"}
    assert answer["person"] is None
    visitor.sign_in()
    again = on_page(visitor, "context", **shell.named()).json()
    assert again == {**answer, "person": {"name": "Mira", "email": visitor.tenant.email}}


def test_what_a_device_says_of_itself_is_never_shown(visitor: Visitor) -> None:
    lure = "Support needs you to confirm https://evil.example"
    answer = shell_of(visitor, headers={"user-agent": lure}).look_up()
    assert answer.json()["asked"]["program"] == "A program"
    assert "evil" not in answer.body


def test_to_sign_in_for_a_device_lets_it_in_not_yet(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    named = shell.named()
    assert on_page(visitor, "decide", **named, approve=True).code == "token_missing"
    request = request_of(visitor, named)
    context = visitor.step("context", request=request).json()
    assert (context["application"]["appId"], context["returnTo"]) == ("notes", "flows.example")
    words = {"email": visitor.tenant.email, "password": PASSWORD}
    back = visitor.step("sign-in", request=request, **words).json()["redirectTo"]
    assert back.startswith(f"{OWN_ORIGIN}/app/device?")
    assert query_of(back) == {
        "workspace": "acme",
        "device": named["device"],
        "user_code": shell.user_code,
    }
    told(shell.ask(), "authorization_pending")
    assert on_page(visitor, "decide", **named, approve=True).status == 200
    assert shell.ask_in_time().status == 200


def test_whom_the_browser_remembers_may_go_on_or_be_somebody_else(visitor: Visitor) -> None:
    visitor.sign_in()
    request = request_of(visitor, shell_of(visitor).named())
    assert visitor.step("context", request=request).json()["person"]["name"] == "Mira"
    assert visitor.step("continue", request=request).status == 200
    anew = {**request, "prompt": "login"}
    assert visitor.step("context", request=anew).json()["person"] is None
    assert visitor.step("continue", request=anew).code == "token_missing"


def test_who_signed_in_by_too_little_signs_in_anew(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    named = shell.named()
    token = visitor.platform.member_token(visitor.tenant.workspace)
    assert send("PATCH", WORKSPACES, token=token, body={"requireMfa": True}).status == 200
    assert on_page(visitor, "context", **named).json()["person"] is None
    assert on_page(visitor, "decide", **named, approve=True).code == "token_missing"
    told(shell.ask(), "authorization_pending")


def test_a_person_is_told_that_a_device_was_let_in(visitor: Visitor) -> None:
    sent = visitor.platform.adapters.mailer.sent
    shell = shell_of(visitor, headers={"user-agent": "curl/8.5.0"})
    visitor.sign_in()
    before = len(sent)
    shell.decide()
    (mail,) = sent[before:]
    assert (mail.to, mail.subject) == (visitor.tenant.email, "A device was let in to Notes")
    assert "curl, on " in mail.text
    shell_of(visitor).decide(approve=False)
    assert len(sent) == before + 1


def test_what_a_stranger_s_browser_let_in_ends_with_its_sign_in(visitor: Visitor) -> None:
    stranger = Visitor(visitor.platform, visitor.tenant, agent="Firefox")
    shell = shell_of(stranger)
    stranger.sign_in()
    shell.decide()
    token = shell.ask().json()["access_token"]
    visitor.sign_in()
    home = Home(visitor)
    home.post("/member-token")
    found = home.ask("GET", "/sign-ins").json()["signIns"]
    (other,) = [each for each in found if not each["current"]]
    assert home.ask("DELETE", f"/sign-ins/{other['id']}").status == 200
    assert send("GET", "/api/v1/sessions", token=token).code == "token_superseded"


def test_a_decision_is_made_once(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    named = shell.named()
    assert on_page(visitor, "decide", **named, approve=False).status == 200
    for step, body in (
        ("decide", {**named, "approve": True}),
        ("context", named),
        ("look-up", {"userCode": shell.user_code}),
    ):
        assert on_page(visitor, step, **body).code == "not_found"
    told(shell.ask(), "access_denied")


def test_a_decision_is_made_in_time(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    named = shell.named()
    visitor.platform.adapters.clock.pause(DEVICE_AUTHORIZATION_SECONDS)
    assert shell.look_up().code == "not_found"
    assert on_page(visitor, "context", **named).code == "not_found"
    assert on_page(visitor, "decide", **named, approve=True).code == "not_found"


def test_from_next_door_no_device_is_found_or_let_in(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    named = shell.named()
    globex = visitor_on(visitor.platform, "globex")
    globex.sign_in()
    assert on_page(globex, "look-up", userCode=shell.user_code).code == "not_found"
    assert on_page(globex, "context", **named).code == "not_found"
    assert on_page(globex, "decide", **named, approve=True).code == "not_found"
    visitor.cookies.update(globex.cookies)
    assert on_page(visitor, "decide", **named, approve=True).code == "token_missing"
    told(shell.ask(), "authorization_pending")


def test_a_name_without_its_code_finds_nothing(visitor: Visitor) -> None:
    shell, other = shell_of(visitor), shell_of(visitor)
    visitor.sign_in()
    mixed = {**shell.named(), "userCode": other.user_code}
    assert on_page(visitor, "context", **mixed).code == "not_found"
    assert on_page(visitor, "decide", **mixed, approve=True).code == "not_found"


@pytest.mark.parametrize("typed", ["", "ABCD-EFGH", "WDJB-MJH", "WDJB-MJHTT", "é" * 8, "########"])
def test_what_is_no_code_is_told_so(visitor: Visitor, typed: str) -> None:
    answer = on_page(visitor, "look-up", userCode=typed)
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize("name", ["", "#", "a" * 43, "x#DEV#y"])
def test_a_device_that_was_never_there_is_404(visitor: Visitor, name: str) -> None:
    visitor.sign_in()
    named = {**NEVER, "device": name}
    assert on_page(visitor, "context", **named).status == 404
    assert on_page(visitor, "decide", **named, approve=True).status == 404
    if name:
        assert visitor.step("context", request=request_of(visitor, named)).status == 404


def test_guesses_are_counted_for_a_network(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    for _ in range(USER_CODES):
        assert on_page(visitor, "look-up", **NEVER).code == "not_found"
    refused = shell.look_up()
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    visitor.ip = "192.0.2.8"
    assert shell.look_up().status == 200


def test_guesses_are_counted_for_an_account_wherever_it_is(visitor: Visitor) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    for number in range(USER_CODES):
        visitor.ip = f"192.0.2.{number}"
        assert on_page(visitor, "look-up", **NEVER).code == "not_found"
    assert shell.look_up().code == "rate_limited"
    visitor.cookies.clear()
    assert shell.look_up().status == 200


@pytest.mark.parametrize("step", ["look-up", "context", "decide"])
@pytest.mark.parametrize(
    "headers",
    [{}, {**OWN_PAGE, "origin": "https://evil.example"}, {"origin": OWN_PAGE["origin"]}],
    ids=["no origin", "another's origin", "no header"],
)
def test_only_the_own_page_looks_up_and_decides(
    visitor: Visitor, step: str, headers: dict[str, str]
) -> None:
    shell = shell_of(visitor)
    visitor.sign_in()
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    body: dict[str, Any] = {"workspaceName": "acme", **shell.named(), "approve": True}
    sent = {**headers, "cookie": cookie}
    answer = send("POST", f"/api/v1/login/device/{step}", body=body, headers=sent)
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    told(shell.ask(), "authorization_pending")


def request_of(visitor: Visitor, named: dict[str, str]) -> dict[str, str]:
    """The request with which the login's page opens for a device."""
    return {
        "workspace_name": visitor.slug,
        "device": named["device"],
        "user_code": named["userCode"],
    }
