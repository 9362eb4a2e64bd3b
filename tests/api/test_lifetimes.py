"""Lifetimes: asked for at a login or a creation, changed by operators, exact to the second."""

from functools import partial
from typing import Any

import pytest

from chalicelib.domain.limits import MAX_PAYLOAD_SECONDS
from chalicelib.domain.sessions import Head
from chalicelib.domain.workspaces import Role
from tests.api.desk import Desk, desk_on
from tests.api.exchange import BEGINNINGS, CONTINUE, CREATE, RENEW, read, sid_of
from tests.api.platform import PAGE, Answer, Platform, Tenant, send

SESSIONS = "/api/v1/sessions"
DAY = 86_400
EVERY: list[tuple[str, str, Any]] = [
    ("GET", SESSIONS, None),
    ("PUT", SESSIONS, {"a": 2}),
    ("PATCH", SESSIONS, {"a": 2}),
    ("GET", f"{SESSIONS}/get/a", None),
    ("POST", f"{SESSIONS}/set/a", {"value": 2}),
    ("DELETE", f"{SESSIONS}/delete/a", None),
    ("GET", f"{SESSIONS}/keys", None),
    ("GET", f"{SESSIONS}/identity", None),
    ("POST", f"{SESSIONS}/revoke", None),
    ("POST", "/api/v1/auth/logout", None),
]


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def begun(platform: Platform, tenant: Tenant, path: str = CREATE, **words: Any) -> str:
    body = {"workspaceName": tenant.workspace.slug, **words}
    answer = send("POST", path, token=platform.id_token(tenant), body=body)
    assert answer.status == 200, answer
    return str(answer.json()["sessionToken"])


def head_of(platform: Platform, token: str) -> Head:
    (found,) = (h for h in platform.adapters.sessions.heads.values() if h.ref.sid == sid_of(token))
    return found


def change(desk: Desk, token: str, seconds: object, role: Role = Role.OWNER) -> Answer:
    path = f"{SESSIONS}/admin/{sid_of(token)}/ttl"
    return send("POST", path, token=desk.token(role), body={"ttlSeconds": seconds})


@pytest.mark.parametrize(("method", "path", "body"), EVERY)
def test_a_session_ends_for_every_route_in_the_second_of_its_end(
    platform: Platform, method: str, path: str, body: object
) -> None:
    # The token would live for a week; it is the session that ends.
    tenant = platform.tenant(token_seconds=7 * DAY)
    token = begun(platform, tenant, ttl_seconds=60, payload={"a": 1})
    kept = platform.services.tokens.read_session_token(token)
    platform.adapters.clock.pause(59)
    assert send(method, path, token=token, body=body).status == 200
    again = begun(platform, tenant, ttl_seconds=60, payload={"a": 1})
    platform.adapters.clock.pause(60)
    before = dict(platform.adapters.sessions.heads)
    answer = send(method, path, token=again, body=body)
    assert answer.status in {401, 410}
    assert answer.code in {"token_expired", "session_ended"}
    assert platform.adapters.sessions.heads == before
    assert kept.exp == head_of(platform, token).exp


@pytest.mark.parametrize(("method", "path", "body"), EVERY)
def test_a_token_that_outlives_its_session_is_told_that_it_ended(
    desk: Desk, method: str, path: str, body: object
) -> None:
    tenant = desk.tenant
    token = begun(desk.platform, tenant, payload={"a": 1})
    assert change(desk, token, 60).status == 200
    desk.platform.adapters.clock.pause(59)
    assert send("GET", SESSIONS, token=token).status == 200
    desk.platform.adapters.clock.pause(1)
    answer = send(method, path, token=token, body=body)
    assert (answer.status, answer.code) == (410, "session_ended")
    renewal = send(
        "POST", RENEW, token=desk.platform.id_token(tenant), body={"sessionToken": token}
    )
    assert (renewal.status, renewal.code) == (410, "session_ended")


@pytest.mark.parametrize("path", BEGINNINGS)
def test_a_new_session_has_the_lifetime_that_was_asked_for(platform: Platform, path: str) -> None:
    tenant = platform.tenant(payload_seconds=DAY)
    now = platform.adapters.clock.now()
    assert (
        head_of(platform, begun(platform, tenant, path, ttl_seconds=DAY - 1)).exp == now + DAY - 1
    )
    assert head_of(platform, begun(platform, tenant)).exp == now + DAY


def test_a_session_that_is_continued_keeps_its_lifetime(platform: Platform) -> None:
    tenant = platform.tenant()
    first = begun(platform, tenant)
    again = begun(platform, tenant, CONTINUE, ttl_seconds=60)
    assert sid_of(again) == sid_of(first)
    assert head_of(platform, first).exp == 0


@pytest.mark.parametrize("path", BEGINNINGS)
@pytest.mark.parametrize("seconds", [59, 0, -1, DAY + 1, 10**12, "60", 60.5, True])
def test_a_lifetime_that_is_no_shorter_one_is_refused(
    platform: Platform, path: str, seconds: object
) -> None:
    tenant = platform.tenant(payload_seconds=DAY)
    body = {"workspaceName": "acme", "ttl_seconds": seconds}
    answer = send("POST", path, token=platform.id_token(tenant), body=body)
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/ttl_seconds"
    assert platform.adapters.sessions.heads == {}


def test_where_data_is_kept_any_lifetime_up_to_ten_years_can_be_asked_for(
    platform: Platform,
) -> None:
    tenant = platform.tenant()
    now = platform.adapters.clock.now()
    token = begun(platform, tenant, ttl_seconds=MAX_PAYLOAD_SECONDS)
    assert head_of(platform, token).exp == now + MAX_PAYLOAD_SECONDS


def test_another_lifetime_of_an_application_is_for_new_sessions(desk: Desk) -> None:
    first = begun(desk.platform, desk.tenant)
    body = {"payloadLifetime": 60}
    send("PATCH", "/api/v1/applications/notes", token=desk.token(), body=body)
    assert head_of(desk.platform, first).exp == 0
    second = begun(desk.platform, desk.tenant)
    assert head_of(desk.platform, second).exp == desk.platform.adapters.clock.now() + 60


def test_a_renewal_supersedes_the_older_token_and_extends_no_data(platform: Platform) -> None:
    tenant = platform.tenant()
    token = begun(platform, tenant, ttl_seconds=100, payload={"a": 1})
    exp = head_of(platform, token).exp
    platform.adapters.clock.pause(90)
    body = {"sessionToken": token}
    fresh = send("POST", RENEW, token=platform.id_token(tenant), body=body).json()["sessionToken"]
    assert head_of(platform, fresh).exp == exp
    assert platform.services.tokens.read_session_token(fresh).exp == exp
    answer = send("GET", SESSIONS, token=token)
    assert (answer.status, answer.code) == (401, "token_superseded")
    platform.adapters.clock.pause(9)
    assert read(fresh) == {"a": 1}
    platform.adapters.clock.pause(1)
    assert send("GET", SESSIONS, token=fresh).status in {401, 410}


def test_the_newest_live_session_is_continued_when_newer_ones_are_over(
    platform: Platform,
) -> None:
    tenant = platform.tenant()
    tokens = []
    for n, seconds in enumerate((None, 300, 200, 100)):
        platform.adapters.clock.pause(1)
        tokens.append(begun(platform, tenant, payload={"n": n}, ttl_seconds=seconds))
    for newest in (3, 2, 1, 0):
        assert read(begun(platform, tenant, CONTINUE)) == {"n": newest}
        platform.adapters.clock.pause(100)


def test_sessions_of_an_application_are_invisible_to_every_other(platform: Platform) -> None:
    tenant = platform.tenant()
    other = platform.application(tenant.workspace, tenant.user, "forms", page="https://f.example")
    neighbour = Tenant(tenant.workspace, other, tenant.user, tenant.email)
    mine = begun(platform, tenant, payload={"secret": 1})
    theirs = begun(platform, neighbour, CONTINUE)
    assert sid_of(theirs) != sid_of(mine)
    assert read(theirs) == {}
    body = {"sessionToken": mine}
    renewal = send("POST", RENEW, token=platform.id_token(neighbour), body=body)
    assert (renewal.status, renewal.code) == (403, "not_owner")
    page = {"origin": "https://f.example"}
    assert send("GET", SESSIONS, token=mine, headers=page).code == "origin_not_allowed"


def test_an_operator_shortens_lengthens_and_keeps(desk: Desk) -> None:
    token = begun(desk.platform, desk.tenant, ttl_seconds=DAY, payload={"a": 1})
    now, first = desk.platform.adapters.clock.now(), head_of(desk.platform, token)
    for seconds, exp in ((60, now + 60), (10 * DAY, now + 10 * DAY), (0, 0)):
        before = head_of(desk.platform, token).exp
        count = len(desk.platform.events)
        answer = change(desk, token, seconds)
        assert answer.json() == {"sessionId": sid_of(token), "expiresAt": exp or None}
        (event,) = desk.platform.events[count:]
        assert (event.action, event.sid) == ("session.lifetime_changed", sid_of(token))
        assert event.actor.kind == "operator"
        assert event.meta == {"before": before, "after": exp}
        after = head_of(desk.platform, token)
        assert after.exp == exp
        assert (after.rev, after.dead, after.seed) == (first.rev, first.dead, first.seed)
        assert read(token) == {"a": 1}
    same = desk.unchanged(lambda: change(desk, token, 0))
    assert (same.status, same.json()["expiresAt"]) == (200, None)


@pytest.mark.parametrize("role", Role)
def test_owners_admins_and_support_change_lifetimes(desk: Desk, role: Role) -> None:
    token = begun(desk.platform, desk.tenant)
    if role in {Role.OWNER, Role.ADMIN, Role.SUPPORT}:
        assert change(desk, token, 60, role).status == 200
        return
    answer = desk.unchanged(lambda: change(desk, token, 60, role))
    assert (answer.status, answer.code) == (403, "forbidden")


def test_a_session_of_another_workspace_is_not_there(desk: Desk) -> None:
    other = desk.platform.tenant("globex")
    token = begun(desk.platform, other)
    answer = desk.unchanged(lambda: change(desk, token, 60))
    assert (answer.status, answer.code) == (404, "not_found")
    assert head_of(desk.platform, token).exp == 0
    for sid in ("never", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "%00", "a%23b", "x" * 300):
        path = f"{SESSIONS}/admin/{sid}/ttl"
        answer = send("POST", path, token=desk.token(), body={"ttlSeconds": 60})
        assert (answer.status, answer.code) == (404, "not_found")


def test_a_session_that_is_over_stays_over(desk: Desk) -> None:
    revoked = begun(desk.platform, desk.tenant)
    send("POST", f"{SESSIONS}/revoke", token=revoked)
    expired = begun(desk.platform, desk.tenant, ttl_seconds=60)
    desk.platform.adapters.clock.pause(60)
    for token in (revoked, expired):
        answer = desk.unchanged(partial(change, desk, token, 0))
        assert (answer.status, answer.code) == (410, "session_ended")


@pytest.mark.parametrize("seconds", [-1, 1, 59, MAX_PAYLOAD_SECONDS + 1, "60", 60.5, None, True])
def test_a_lifetime_that_nobody_can_have_is_refused(desk: Desk, seconds: object) -> None:
    token = begun(desk.platform, desk.tenant)
    answer = desk.unchanged(lambda: change(desk, token, seconds))
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert answer.json()["errors"][0]["pointer"] == "/ttlSeconds"


def test_only_a_member_token_of_now_changes_a_lifetime(desk: Desk) -> None:
    session = begun(desk.platform, desk.tenant)
    path = f"{SESSIONS}/admin/{sid_of(session)}/ttl"
    call = partial(send, "POST", path, body={"ttlSeconds": 60})
    assert desk.unchanged(call).code == "token_missing"
    for token in (session, desk.id_token(), "x.y.z"):
        assert desk.unchanged(partial(call, token=token)).code == "token_invalid"
    member = desk.token()
    elsewhere = desk.unchanged(lambda: call(token=member, headers={"origin": PAGE}))
    assert elsewhere.code == "origin_not_allowed"
    desk.platform.adapters.clock.pause(600)
    assert desk.unchanged(lambda: call(token=member)).code == "token_expired"
