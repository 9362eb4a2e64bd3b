"""An ID token is no way around a sign-out, nor around the end of what a stolen code gave."""

from functools import partial
from typing import Any

import pytest

from chalicelib.domain.applications import ReturnFlow
from tests.api.exchange import ALL, CONTINUE, CREATE, RENEW, read, unchanged
from tests.api.platform import Platform, send
from tests.api.visitor import PASSWORD, Visitor, account, code_of, query_of

LOGOUT = "/api/v1/auth/logout"
SESSIONS = "/api/v1/sessions"


@pytest.fixture
def visitor(platform: Platform) -> Visitor:
    tenant = platform.tenant()
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email, password=None).person.user
    return Visitor(platform, tenant)


def _signed_in(visitor: Visitor) -> dict[str, str]:
    tokens: dict[str, str] = visitor.exchange(visitor.code()).json()
    return tokens


def _exchanged(path: str, tokens: dict[str, str], access: str | None = None) -> Any:
    body: dict[str, Any] = {"workspaceName": "acme", "payload": {}}
    if path == RENEW:
        body = {"sessionToken": access or tokens["access_token"]}
    return send("POST", path, token=tokens["id_token"], body=body)


def _refused(platform: Platform, tokens: dict[str, str]) -> None:
    for path in ALL:
        answer = unchanged(platform, partial(_exchanged, path, tokens))
        assert (answer.status, answer.code) == (401, "token_superseded"), path


def test_the_id_token_of_a_code_that_came_twice_brings_nothing(
    platform: Platform, visitor: Visitor
) -> None:
    code = visitor.code()
    stolen = visitor.exchange(code).json()
    begun = [_exchanged(path, stolen).json()["sessionToken"] for path in (CREATE, CONTINUE)]
    assert visitor.exchange(code).status == 400
    for token in (*begun, stolen["access_token"]):
        assert send("GET", SESSIONS, token=token).code == "token_superseded"
    _refused(platform, stolen)


@pytest.mark.parametrize("path", [CONTINUE, RENEW])
def test_a_logout_ends_what_the_sign_ins_id_token_brought_and_brings(
    platform: Platform, visitor: Visitor, path: str
) -> None:
    other = _signed_in(visitor)
    tokens = _signed_in(visitor)
    platform.adapters.clock.pause(200)
    brought = _exchanged(path, tokens).json()["sessionToken"]
    assert send("POST", LOGOUT, token=brought).status == 200
    assert send("GET", SESSIONS, token=brought).code == "token_superseded"
    assert send("GET", SESSIONS, token=tokens["access_token"]).code == "token_superseded"
    _refused(platform, tokens)
    # The other device's sign-in is as good as before.
    assert read(_exchanged(CONTINUE, other).json()["sessionToken"]) == {}


def test_a_token_that_the_id_token_brought_last_stays_ended_for_its_whole_life(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = _signed_in(visitor)
    platform.adapters.clock.pause(299)
    late = _exchanged(CONTINUE, tokens).json()["sessionToken"]
    assert send("POST", LOGOUT, token=tokens["access_token"]).status == 200
    # Another sign-out, of another sign-in, clears away what has expired.
    platform.adapters.clock.pause(602)
    assert send("POST", LOGOUT, token=_signed_in(visitor)["access_token"]).status == 200
    assert send("GET", SESSIONS, token=late).code == "token_superseded"


def test_a_logout_everywhere_ends_every_id_token_and_code_of_before(
    platform: Platform, visitor: Visitor
) -> None:
    devices = [_signed_in(visitor) for _ in range(2)]
    code = visitor.code()
    # In the same second: a tie counts as before.
    answer = send("POST", f"{LOGOUT}?everywhere=true", token=devices[0]["access_token"])
    assert answer.status == 200
    for tokens in devices:
        _refused(platform, tokens)
    assert visitor.exchange(code).json()["error"] == "invalid_grant"
    # Who signs in again is in, whatever is renewed; who was signed out stays out.
    platform.adapters.clock.pause(1)
    again = _signed_in(visitor)
    fresh = _exchanged(RENEW, again, devices[1]["access_token"]).json()["sessionToken"]
    assert read(fresh) == {}
    _refused(platform, devices[1])


def test_a_renewal_ends_no_id_token(visitor: Visitor) -> None:
    first, second = _signed_in(visitor), _signed_in(visitor)
    token = _exchanged(RENEW, first).json()["sessionToken"]
    again = _exchanged(RENEW, first, token).json()["sessionToken"]
    assert read(_exchanged(CONTINUE, second).json()["sessionToken"]) == read(again) == {}


def test_more_sign_outs_than_are_remembered_end_every_sign_in(
    platform: Platform, visitor: Visitor
) -> None:
    other = _signed_in(visitor)
    platform.adapters.clock.pause(1)
    for _ in range(21):
        assert send("POST", LOGOUT, token=_signed_in(visitor)["access_token"]).status == 200
    _refused(platform, other)
    assert visitor.sign_in(password=PASSWORD).status == 200


def test_a_logout_ends_the_sign_ins_tokens_in_every_session_it_began(
    platform: Platform, visitor: Visitor
) -> None:
    tokens = _signed_in(visitor)
    beside = _exchanged(CREATE, tokens).json()["sessionToken"]
    assert send("POST", LOGOUT, token=beside).status == 200
    for token in (beside, tokens["access_token"]):
        assert send("GET", SESSIONS, token=token).code == "token_superseded"
    _refused(platform, tokens)


@pytest.mark.parametrize("query", ["", "?everywhere=true"])
def test_a_sign_out_counts_although_the_sign_ins_own_session_was_revoked(
    platform: Platform, visitor: Visitor, query: str
) -> None:
    tokens = _signed_in(visitor)
    beside = _exchanged(CREATE, tokens).json()["sessionToken"]
    revoked = send("POST", f"{SESSIONS}/revoke", token=tokens["access_token"])
    assert revoked.status == 200
    # A session that was revoked is not a sign-out.
    assert read(_exchanged(CONTINUE, tokens).json()["sessionToken"]) == {}
    assert send("POST", f"{LOGOUT}{query}", token=beside).status == 200
    for path in ALL:
        answer = unchanged(platform, partial(_exchanged, path, tokens, beside))
        assert (answer.status, answer.code) == (401, "token_superseded"), path


@pytest.mark.parametrize("query", ["", "?everywhere=true"])
def test_a_sign_out_after_the_end_of_the_only_session_counts(
    platform: Platform, visitor: Visitor, query: str
) -> None:
    other = _signed_in(visitor)
    tokens = _signed_in(visitor)
    access = tokens["access_token"]
    assert send("POST", f"{SESSIONS}/revoke", token=access).status == 200
    platform.adapters.clock.pause(200)
    count = len(platform.events)
    answer = send("POST", f"{LOGOUT}{query}", token=access)
    assert (answer.status, answer.code) == (410, "session_ended")
    assert platform.actions_since(count) == ["session.logged_out"]
    assert unchanged(platform, partial(send, "POST", LOGOUT, token=access)).status == 410
    for path in (CREATE, CONTINUE):
        answer = unchanged(platform, partial(_exchanged, path, tokens))
        assert (answer.status, answer.code) == (401, "token_superseded"), path
    # What is over signs nobody out but itself.
    assert read(_exchanged(CONTINUE, other).json()["sessionToken"]) == {}
    # A session that began since does not hide it.
    answer = unchanged(platform, partial(_exchanged, CONTINUE, tokens))
    assert answer.code == "token_superseded"


@pytest.mark.parametrize("query", ["", "?everywhere=true"])
def test_the_end_of_the_only_session_after_a_sign_out_brings_nothing_back(
    platform: Platform, visitor: Visitor, query: str
) -> None:
    tokens = _signed_in(visitor)
    assert send("POST", f"{LOGOUT}{query}", token=tokens["access_token"]).status == 200
    platform.adapters.clock.pause(1)
    other = _signed_in(visitor)["access_token"]
    assert send("POST", f"{SESSIONS}/revoke", token=other).status == 200
    for path in (CREATE, CONTINUE):
        answer = unchanged(platform, partial(_exchanged, path, tokens))
        assert (answer.status, answer.code) == (401, "token_superseded"), path


def test_a_sign_out_after_a_session_expired_counts(platform: Platform) -> None:
    tenant = platform.tenant(return_flow=ReturnFlow.TOKEN)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email, password=None).person.user
    visitor = Visitor(platform, tenant)
    page = visitor.authorize(ttl_seconds="60")
    request = query_of(page.headers["location"])
    entered = visitor.step("sign-in", request=request, email=tenant.email, password=PASSWORD)
    tokens = visitor.exchange(code_of(entered.json()["redirectTo"])).json()
    platform.adapters.clock.pause(61)
    assert send("GET", f"{LOGOUT}?session_token={tokens['access_token']}").status == 302
    for path in (CREATE, CONTINUE):
        answer = unchanged(platform, partial(_exchanged, path, tokens))
        assert (answer.status, answer.code) == (401, "token_superseded"), path


def test_what_was_over_long_ago_is_not_signed_out_again(
    platform: Platform, visitor: Visitor
) -> None:
    access = _signed_in(visitor)["access_token"]
    assert send("POST", f"{SESSIONS}/revoke", token=access).status == 200
    platform.adapters.clock.pause(361)
    assert unchanged(platform, partial(send, "POST", LOGOUT, token=access)).status == 410


def test_the_id_token_of_a_code_that_came_twice_brings_nothing_after_its_sessions_end(
    platform: Platform, visitor: Visitor
) -> None:
    code = visitor.code()
    stolen = visitor.exchange(code).json()
    assert send("POST", f"{SESSIONS}/revoke", token=stolen["access_token"]).status == 200
    assert visitor.exchange(code).status == 400
    answer = unchanged(platform, partial(_exchanged, CREATE, stolen))
    assert (answer.status, answer.code) == (401, "token_superseded")
