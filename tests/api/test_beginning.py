import pytest

from tests.api.exchange import (
    CONTINUE,
    CREATE,
    post,
    read,
    sid_of,
)
from tests.api.platform import Platform, Tenant, send


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def test_create_always_adds_a_session(platform: Platform, tenant: Tenant) -> None:
    count = len(platform.events)
    bodies = [{"workspaceName": "acme", "payload": {"n": n}} for n in range(3)]
    tokens = [post(platform, tenant, CREATE, body).json()["sessionToken"] for body in bodies]
    assert len({sid_of(token) for token in tokens}) == 3
    assert [read(token) for token in tokens] == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert platform.actions_since(count) == ["session.created"] * 3


def test_create_without_a_payload_begins_with_an_empty_one(
    platform: Platform, tenant: Tenant
) -> None:
    for body in (
        {"workspaceName": "acme"},
        {"workspaceName": "acme", "app_id": None, "payload": None},
        {"workspaceName": "acme", "payload": {}},
    ):
        answer = post(platform, tenant, CREATE, body)
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        assert read(answer.json()["sessionToken"]) == {}


def test_get_or_create_begins_a_session_where_there_is_none(
    platform: Platform, tenant: Tenant
) -> None:
    count = len(platform.events)
    answer = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"first": True}})
    assert answer.json().keys() == {"sessionToken"}
    assert read(answer.json()["sessionToken"]) == {"first": True}
    assert platform.actions_since(count) == ["session.created"]


def test_get_or_create_continues_the_newest_live_session_and_ignores_the_payload(
    platform: Platform, tenant: Tenant
) -> None:
    older = post(platform, tenant, CREATE, {"workspaceName": "acme", "payload": {"n": 1}})
    platform.adapters.clock.pause(1)
    newer = post(platform, tenant, CREATE, {"workspaceName": "acme", "payload": {"n": 2}})
    count = len(platform.events)
    body = {"workspaceName": "acme", "payload": {"n": 3}}
    again = [post(platform, tenant, CONTINUE, body).json()["sessionToken"] for _ in range(2)]
    assert {sid_of(token) for token in again} == {sid_of(newer.json()["sessionToken"])}
    assert again[0] != again[1]
    assert [read(token) for token in again] == [{"n": 2}, {"n": 2}]
    assert platform.actions_since(count) == []
    # Nobody was signed out by it.
    assert read(newer.json()["sessionToken"]) == {"n": 2}
    assert read(older.json()["sessionToken"]) == {"n": 1}


def test_get_or_create_begins_anew_after_the_newest_has_ended(
    platform: Platform, tenant: Tenant
) -> None:
    first = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    token = first.json()["sessionToken"]
    assert send("POST", "/api/v1/sessions/revoke", token=token).status == 200
    platform.adapters.clock.pause(1)
    second = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 2}})
    assert sid_of(second.json()["sessionToken"]) != sid_of(token)
    assert read(second.json()["sessionToken"]) == {"n": 2}


def test_a_sign_in_continues_the_newest_that_lives_when_a_newer_one_was_revoked(
    platform: Platform, tenant: Tenant
) -> None:
    tokens = []
    for n in range(4):
        answer = post(platform, tenant, CREATE, {"workspaceName": "acme", "payload": {"n": n}})
        tokens.append(answer.json()["sessionToken"])
        platform.adapters.clock.pause(1)
    for n in (3, 0, 2):
        assert send("POST", "/api/v1/sessions/revoke", token=tokens[n]).status == 200
    answer = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 9}})
    assert read(answer.json()["sessionToken"]) == {"n": 1}
    head, _ = platform.session(tenant)
    assert head.ref.sid == sid_of(tokens[1])


def test_get_or_create_begins_anew_after_the_newest_has_expired(platform: Platform) -> None:
    tenant = platform.tenant("brief", payload_seconds=60)
    body = {"workspaceName": "brief"}
    first = post(platform, tenant, CONTINUE, body).json()["sessionToken"]
    platform.adapters.clock.pause(59)
    assert sid_of(post(platform, tenant, CONTINUE, body).json()["sessionToken"]) == sid_of(first)
    platform.adapters.clock.pause(1)
    assert sid_of(post(platform, tenant, CONTINUE, body).json()["sessionToken"]) != sid_of(first)


def test_get_or_create_sees_the_sessions_of_its_own_application_only(
    platform: Platform, tenant: Tenant
) -> None:
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    there = Tenant(tenant.workspace, forms, tenant.user, tenant.email)
    notes = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    other = post(platform, there, CONTINUE, {"workspaceName": "acme", "payload": {"f": 1}})
    assert read(other.json()["sessionToken"]) == {"f": 1}
    assert read(notes.json()["sessionToken"]) == {"n": 1}


def test_a_sign_in_and_get_or_create_mean_the_same_session(
    platform: Platform, tenant: Tenant
) -> None:
    head, issued = platform.session(tenant, {"seed": 1})
    answer = post(platform, tenant, CONTINUE, {"workspaceName": "acme", "payload": {"n": 1}})
    token = answer.json()["sessionToken"]
    assert sid_of(token) == head.ref.sid
    assert read(token) == read(issued.text) == {"seed": 1}
