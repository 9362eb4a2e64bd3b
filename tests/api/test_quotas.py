"""What a workspace may hold: the two refusals, and that they are recorded once an hour."""

from collections.abc import Callable

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import AuditUnavailable
from chalicelib.domain.limits import SETTINGS_AGE
from chalicelib.domain.workspaces import Role
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
from tests.api.desk import desk_on
from tests.api.exchange import CONTINUE, CREATE, post
from tests.api.platform import Answer, Platform, Tenant, send
from tests.api.visitor import PASSWORD, Visitor, account, code_of
from tests.builders import ORIGIN

PATH = "/api/v1/sessions"
NAMED = {"workspaceName": "acme"}


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def limit(
    platform: Platform, tenant: Tenant, *, sessions: int | None = None, size: int | None = None
) -> None:
    """Change quotas, and let everybody hear of it."""
    platform.services.workspaces.change_quotas(
        tenant.workspace.slug, sessions=sessions, payload_bytes=size, origin=ORIGIN
    )
    platform.adapters.clock.pause(SETTINGS_AGE)


def exceeded(platform: Platform) -> list[AuditEvent]:
    return [event for event in platform.events if event.action is AuditAction.QUOTA_EXCEEDED]


def live(platform: Platform, tenant: Tenant) -> int:
    return platform.adapters.usage.counts(tenant.workspace.id).live_sessions


def refused(answer: Answer, code: str, quota: int) -> None:
    assert (answer.status, answer.code) == (429, code)
    assert answer.headers["ratelimit-limit"] == str(quota)
    assert answer.headers["ratelimit-remaining"] == "0"
    assert not {"ratelimit-reset", "ratelimit-policy", "retry-after"} & set(answer.headers)


@pytest.mark.parametrize("quota", [0, 1, 3, 8, 13])
def test_exactly_as_many_sessions_begin_as_the_workspace_may_hold(
    platform: Platform, tenant: Tenant, quota: int
) -> None:
    limit(platform, tenant, sessions=quota)
    answers = [post(platform, tenant, CREATE, NAMED) for _ in range(quota + 2)]
    assert [answer.status for answer in answers] == [200] * quota + [429] * 2
    refused(answers[-1], "session_quota", quota)
    assert live(platform, tenant) == quota


def test_an_ended_session_makes_room_for_one_other(platform: Platform, tenant: Tenant) -> None:
    limit(platform, tenant, sessions=2)
    tokens = [post(platform, tenant, CREATE, NAMED).json()["sessionToken"] for _ in range(2)]
    assert post(platform, tenant, CREATE, NAMED).status == 429
    assert send("POST", f"{PATH}/revoke", token=tokens[0]).status == 200
    assert [post(platform, tenant, CREATE, NAMED).status for _ in range(2)] == [200, 429]


def test_a_quota_below_what_is_held_refuses_new_ones_and_harms_nothing_else(
    platform: Platform, tenant: Tenant
) -> None:
    tokens = [post(platform, tenant, CREATE, NAMED).json()["sessionToken"] for _ in range(12)]
    limit(platform, tenant, sessions=10)
    refused(post(platform, tenant, CREATE, NAMED), "session_quota", 10)
    for token in tokens:
        assert send("PUT", PATH, token=token, body={"a": 1}).status == 200
        assert send("GET", PATH, token=token).json() == {"a": 1}
    assert post(platform, tenant, CONTINUE, NAMED).status == 200
    for token in tokens[:2]:
        assert send("POST", f"{PATH}/revoke", token=token).status == 200
    assert post(platform, tenant, CREATE, NAMED).status == 429
    assert send("POST", f"{PATH}/revoke", token=tokens[2]).status == 200
    assert [post(platform, tenant, CREATE, NAMED).status for _ in range(2)] == [200, 429]
    assert live(platform, tenant) == 10


def test_a_raised_quota_acts_within_seconds(platform: Platform, tenant: Tenant) -> None:
    limit(platform, tenant, sessions=0)
    assert post(platform, tenant, CREATE, NAMED).status == 429
    limit(platform, tenant, sessions=1)
    assert [post(platform, tenant, CREATE, NAMED).status for _ in range(2)] == [200, 429]


def test_one_workspaces_quota_is_nothing_to_another(platform: Platform, tenant: Tenant) -> None:
    neighbour = platform.tenant("globex")
    limit(platform, tenant, sessions=0, size=0)
    theirs = post(
        platform, neighbour, CREATE, {"workspaceName": "globex", "payload": {"a": "x" * 99}}
    )
    assert theirs.status == 200


def test_a_sign_in_beyond_the_quota_is_refused_and_one_that_continues_is_not(
    platform: Platform, tenant: Tenant
) -> None:
    limit(platform, tenant, sessions=1)
    assert platform.token(tenant)
    assert platform.token(tenant)
    other = platform.user(tenant.workspace, "b@acme.example")
    newcomer = Visitor(platform, Tenant(tenant.workspace, tenant.application, other, ""))
    code = code_of(newcomer.sign_in("b@acme.example", "plain words are long").json()["redirectTo"])
    refused(newcomer.exchange(code), "session_quota", 1)
    known = Visitor(platform, tenant)
    code = code_of(known.sign_in(password="plain words are long").json()["redirectTo"])
    assert known.exchange(code).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", PATH, {"a": "x" * 100}),
        ("PATCH", PATH, {"b": "x" * 100}),
        ("POST", f"{PATH}/set/c", "x" * 100),
    ],
)
def test_a_payload_grows_up_to_the_workspaces_quota_and_not_beyond(
    platform: Platform, tenant: Tenant, method: str, path: str, body: object
) -> None:
    token = platform.token(tenant, {"a": "1"})
    limit(platform, tenant, size=100)
    answer = send(method, path, token=token, body=body)
    refused(answer, "payload_quota", 100)
    assert send("GET", PATH, token=token).json() == {"a": "1"}
    full = {"a": "x" * (100 - len('{"a":""}'))}
    assert send("PUT", PATH, token=token, body=full).json() == full
    refused(send("PUT", PATH, token=token, body={"a": full["a"] + "x"}), "payload_quota", 100)


def test_what_makes_a_payload_smaller_is_always_accepted(
    platform: Platform, tenant: Tenant
) -> None:
    token = platform.token(tenant, {"a": "x" * 50, "b": "y" * 50})
    limit(platform, tenant, size=10)
    assert send("GET", PATH, token=token).status == 200
    assert send("PUT", PATH, token=token, body={"a": "z" * 50, "b": "y" * 50}).status == 200
    assert send("PATCH", PATH, token=token, body={"a": "z" * 49}).status == 200
    assert send("DELETE", f"{PATH}/delete/b", token=token).body == "true"
    refused(send("POST", f"{PATH}/set/b", token=token, body=1), "payload_quota", 10)
    assert send("PUT", PATH, token=token, body={}).status == 200


@pytest.mark.parametrize("path", [CREATE, CONTINUE])
def test_a_session_begins_with_a_payload_only_if_that_fits(
    platform: Platform, tenant: Tenant, path: str
) -> None:
    limit(platform, tenant, size=40)
    large = {**NAMED, "payload": {"a": "x" * 40}}
    refused(post(platform, tenant, path, large), "payload_quota", 40)
    assert live(platform, tenant) == 0
    assert post(platform, tenant, path, {**NAMED, "payload": {"a": "x" * 30}}).status == 200
    assert post(platform, tenant, CREATE, {**NAMED, "payload": {"a": "x"}}).status == 429
    assert post(platform, tenant, CREATE, NAMED).status == 200


def test_an_ended_session_gives_its_bytes_back(platform: Platform, tenant: Tenant) -> None:
    token = platform.token(tenant)
    send("PUT", PATH, token=token, body={"a": "x" * 90})
    limit(platform, tenant, size=100)
    large = {**NAMED, "payload": {"a": "x" * 90}}
    assert post(platform, tenant, CREATE, large).status == 429
    assert send("POST", f"{PATH}/revoke", token=token).status == 200
    assert post(platform, tenant, CREATE, large).status == 200


Refusal = Callable[[], Answer]


def test_a_code_with_data_for_a_full_workspace_is_refused(
    platform: Platform, tenant: Tenant
) -> None:
    account(platform, tenant.workspace, "anna@acme.example")
    visitor = Visitor(platform, tenant)
    request = visitor.params(payload='{"theme":"dark"}')
    named = {"workspace_name": visitor.slug, "app_id": "notes", **request}
    code = code_of(
        visitor.step("sign-in", request=named, email="anna@acme.example", password=PASSWORD).json()[
            "redirectTo"
        ]
    )
    limit(platform, tenant, size=4)
    refused(visitor.exchange(code), "payload_quota", 4)


@pytest.fixture(params=["session_quota", "payload_quota"])
def refusal(
    request: pytest.FixtureRequest, platform: Platform, tenant: Tenant
) -> tuple[str, Refusal]:
    token = platform.token(tenant)
    limit(platform, tenant, sessions=1, size=2)

    def act() -> Answer:
        if request.param == "session_quota":
            return post(platform, tenant, CREATE, NAMED)
        return send("POST", f"{PATH}/set/a", token=platform.token(tenant), body=1)

    assert token
    return request.param, act


def test_a_reached_quota_is_recorded_once_in_an_hour(
    platform: Platform, tenant: Tenant, refusal: tuple[str, Refusal]
) -> None:
    kind, act = refusal
    clock = platform.adapters.clock
    clock.pause(3_600 - clock.now() % 3_600)
    count = len(platform.events)
    for minutes in (0, 0, 30, 29):
        clock.pause(minutes * 60)
        assert act().code == kind
    (event,) = platform.events[count:]
    assert event.action == "quota.exceeded"
    assert event.workspace == tenant.workspace.id
    assert event.actor.uid == tenant.user
    assert (event.app, event.outcome, event.origin.request_id != "") == ("notes", "denied", True)
    held = 1 if kind == "session_quota" else 2
    assert event.meta == {"kind": kind, "limit": held, "used": held}
    clock.pause(60)
    assert act().code == kind
    assert len(exceeded(platform)) == 2


def test_of_many_processes_one_records(platform: Platform, refusal: tuple[str, Refusal]) -> None:
    _, act = refusal
    for _ in range(3):
        with installed(Container(platform.services.settings, platform.adapters)):
            assert act().status == 429
    assert len(exceeded(platform)) == 1


def test_a_refusal_stands_without_its_record_and_is_recorded_by_the_next(
    platform: Platform, refusal: tuple[str, Refusal], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, act = refusal

    def fail(*_: object) -> bool:
        raise AuditUnavailable("The audit trail did not answer. Try again.")

    with monkeypatch.context() as broken:
        broken.setattr(platform.adapters.audit, "append_hourly", fail)
        assert (act().status, act().code) == (429, kind)
    assert exceeded(platform) == []
    assert act().code == kind
    assert len(exceeded(platform)) == 1


def test_operators_of_any_role_see_what_their_workspace_holds(platform: Platform) -> None:
    desk = desk_on(platform)
    theirs = platform.tenant("globex")
    assert post(platform, theirs, CREATE, {"workspaceName": "globex"}).status == 200
    for role in Role:
        shown = send("GET", "/api/v1/workspaces", token=desk.token(role)).json()
        assert shown["quotas"] == {
            "sessions": {"limit": 100_000, "used": 0},
            "payloadBytes": {"limit": 10 * 1024**3, "used": 0},
        }
    token = platform.token(desk.tenant)
    assert send("PUT", PATH, token=token, body={"a": "x" * 90}).status == 200
    limit(platform, desk.tenant, sessions=7, size=50)
    shown = send("GET", "/api/v1/workspaces", token=desk.token()).json()
    assert shown["workspaceName"] == "acme"
    assert shown["quotas"] == {
        "sessions": {"limit": 7, "used": 1},
        "payloadBytes": {"limit": 50, "used": len('{"a":""}') + 90},
    }
