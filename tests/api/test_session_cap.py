"""How many live sessions one person has in one application, at most."""

import pytest

from chalicelib.domain.limits import MAX_LIVE_SESSIONS
from tests.api.exchange import CONTINUE, CREATE, post
from tests.api.platform import Answer, Platform, Tenant, send

BODY = {"workspaceName": "acme"}


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def fill(platform: Platform, tenant: Tenant, body: object = BODY) -> list[str]:
    answers = [post(platform, tenant, CREATE, body) for _ in range(MAX_LIVE_SESSIONS)]
    return [answer.json()["sessionToken"] for answer in answers]


def refused(answer: Answer) -> bool:
    assert (answer.status, answer.code) == (429, "session_quota")
    assert "get-or-create" in answer.json()["hint"]
    return True


def test_one_more_than_there_may_be_is_refused_until_one_is_ended(
    platform: Platform, tenant: Tenant
) -> None:
    tokens = fill(platform, tenant)
    heads = dict(platform.adapters.sessions.heads)
    assert refused(post(platform, tenant, CREATE, BODY))
    assert platform.adapters.sessions.heads == heads
    assert post(platform, tenant, CONTINUE, BODY).status == 200
    assert platform.token(tenant)
    send("POST", "/api/v1/sessions/revoke", token=tokens[7])
    assert post(platform, tenant, CREATE, BODY).status == 200
    assert refused(post(platform, tenant, CREATE, BODY))


def test_who_has_too_many_is_recorded_once_in_an_hour(platform: Platform, tenant: Tenant) -> None:
    fill(platform, tenant)
    clock = platform.adapters.clock
    clock.pause(3_600 - clock.now() % 3_600)
    count = len(platform.events)
    for _ in range(3):
        clock.pause(60)
        assert refused(post(platform, tenant, CREATE, BODY))
    (event,) = platform.events[count:]
    assert (event.action, event.outcome) == ("quota.exceeded", "denied")
    assert (event.workspace, event.app) == (tenant.workspace.id, "notes")
    assert event.actor.uid == tenant.user
    assert event.meta == {"kind": "session_cap", "limit": 50, "used": 50}


def test_others_and_other_applications_have_their_own_number(
    platform: Platform, tenant: Tenant
) -> None:
    fill(platform, tenant)
    forms = platform.application(tenant.workspace, tenant.user, "forms")
    nils = platform.user(tenant.workspace, "nils@acme.example")
    for other in (
        Tenant(tenant.workspace, forms, tenant.user, tenant.email),
        Tenant(tenant.workspace, tenant.application, nils, "nils@acme.example"),
    ):
        assert post(platform, other, CREATE, BODY).status == 200


def test_sessions_that_are_due_make_room(platform: Platform) -> None:
    tenant = platform.tenant("brief", payload_seconds=60)
    body = {"workspaceName": "brief"}
    fill(platform, tenant, body)
    platform.adapters.clock.pause(59)
    assert refused(post(platform, tenant, CREATE, body))
    platform.adapters.clock.pause(1)
    count = len(platform.events)
    assert post(platform, tenant, CREATE, body).status == 200
    assert platform.actions_since(count) == ["session.expired"] * 50 + ["session.created"]


@pytest.mark.parametrize("there", [1, MAX_LIVE_SESSIONS])
def test_a_partition_that_nobody_counted_is_counted_by_what_is_there(
    platform: Platform, tenant: Tenant, there: int
) -> None:
    for _ in range(there):
        assert post(platform, tenant, CREATE, BODY).status == 200
    sessions = platform.adapters.sessions
    sessions.uncount(platform.arrival(tenant).partition)
    answer = post(platform, tenant, CREATE, BODY)
    assert refused(answer) if there == MAX_LIVE_SESSIONS else answer.status == 200
    assert sessions.latest(platform.arrival(tenant).partition).live == min(there + 1, 50)


def test_a_number_that_is_too_high_is_put_right_when_it_would_refuse(
    platform: Platform, tenant: Tenant
) -> None:
    post(platform, tenant, CREATE, BODY)
    sessions, partition = platform.adapters.sessions, platform.arrival(tenant).partition
    sessions.recount(partition, sessions.latest(partition), live=MAX_LIVE_SESSIONS)
    assert post(platform, tenant, CREATE, BODY).status == 200
    assert sessions.latest(partition).live == 2
