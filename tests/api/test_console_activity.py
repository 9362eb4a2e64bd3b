"""Scenarios of the operators' view of a workspace's activity."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.activity import AccessRow
from chalicelib.domain.audit import Origin
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.workspaces import Role
from tests.api.desk import Desk, desk_on
from tests.api.platform import OWN_ORIGIN, PAGE, Answer, Platform, send
from tests.builders import NOW, some_row

ACCESS = "/api/v1/audit/api-access"
USAGE = "/api/v1/sessions/admin/analytics/usage"
BOTH = [ACCESS, USAGE]
DAY = 86_400


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return desk_on(platform)


def keep(desk: Desk, *rows: AccessRow) -> None:
    for row in rows:
        desk.platform.adapters.activity.record(row.workspace, [row])


def mine(desk: Desk, **changes: object) -> AccessRow:
    return some_row(desk.workspace.id, **changes)


def ask(desk: Desk, path: str, role: Role = Role.OWNER) -> Answer:
    count = len(desk.platform.events)
    answer = send("GET", path, token=desk.token(role))
    if count:
        assert desk.platform.actions_since(count) == []
    return answer


def items(desk: Desk, path: str) -> Sequence[Any]:
    answer = ask(desk, path)
    assert answer.status == 200, answer
    assert answer.json()["nextCursor"] is None
    found: Sequence[Any] = answer.json()["items"]
    return found


@pytest.mark.parametrize("path", BOTH)
def test_without_a_member_token_nothing_is_shown(desk: Desk, path: str) -> None:
    good = desk.token()
    session = desk.platform.token(desk.tenant)
    for token, code in (
        (None, "token_missing"),
        ("x.y.z", "token_invalid"),
        (session, "token_invalid"),
        (desk.id_token(), "token_invalid"),
        (good[:-6] + "AAAAAA", "token_invalid"),
    ):
        answer = send("GET", path, token=token)
        assert (answer.status, answer.code) == (401, code)
    assert send("GET", path, token=good).status == 200
    desk.platform.adapters.clock.pause(600)
    answer = send("GET", path, token=good)
    assert (answer.status, answer.code) == (401, "token_expired")


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize("role", Role)
def test_an_owner_an_admin_and_an_auditor_look_and_nobody_else(
    desk: Desk, path: str, role: Role
) -> None:
    answer = ask(desk, path, role)
    if role is Role.SUPPORT:
        assert (answer.status, answer.code) == (403, "forbidden")
    else:
        assert (answer.status, answer.json()) == (200, {"items": [], "nextCursor": None})


@pytest.mark.parametrize("path", BOTH)
def test_a_page_elsewhere_is_refused(desk: Desk, path: str) -> None:
    ask_from = partial(send, "GET", path, token=desk.token())
    answer = ask_from(headers={"origin": PAGE})
    assert (answer.status, answer.code) == (403, "origin_not_allowed")
    assert ask_from(headers={"origin": OWN_ORIGIN}).status == 200


def test_a_request_is_shown_as_it_was(desk: Desk) -> None:
    row = mine(
        desk,
        status=404,
        code="key_not_found",
        route="/api/v1/sessions/get/{key}",
        origin=Origin(ip="2001:db8::1", agent="Größe", request_id="r-1"),
        bytes_in=3,
    )
    keep(desk, row)
    assert items(desk, ACCESS) == [
        {
            "id": row.id,
            "at": NOW * 1_000,
            "method": "GET",
            "route": "/api/v1/sessions/get/{key}",
            "status": 404,
            "code": "key_not_found",
            "durationMs": 1.5,
            "bytesIn": 3,
            "bytesOut": 17,
            "caller": "session",
            "userId": row.user,
            "appId": "notes",
            "sessionId": row.sid,
            "ip": "2001:db8::1",
            "agent": "Größe",
            "requestId": "r-1",
        }
    ]


@pytest.mark.parametrize("path", BOTH)
def test_another_workspace_sees_nothing_of_it(desk: Desk, path: str) -> None:
    other = desk.platform.tenant("globex", "forms")
    keep(desk, some_row(other.workspace.id), some_row(WorkspaceId("DEPLOYMENT")))
    assert items(desk, path) == []
    keep(desk, mine(desk))
    assert len(items(desk, path)) == 1
    theirs = send("GET", path, token=desk.platform.member_token(other.workspace))
    assert len(theirs.json()["items"]) == 1
    assert desk.workspace.id not in theirs.body


def test_requests_are_read_by_pages_the_newest_first(desk: Desk) -> None:
    rows = [mine(desk, at=(NOW - n) * 1_000) for n in range(250)]
    keep(desk, *rows)
    seen: list[str] = []
    path = ACCESS
    for length in (100, 100, 50):
        answer = ask(desk, path).json()
        assert len(answer["items"]) == length
        seen += [item["id"] for item in answer["items"]]
        path = f"{ACCESS}?cursor={answer['nextCursor']}"
    assert answer["nextCursor"] is None
    assert seen == [row.id for row in rows]


def test_a_time_is_asked_for_to_the_second(desk: Desk) -> None:
    ages = (0, 1, 59, DAY, 2 * DAY, 89 * DAY)
    keep(desk, *(mine(desk, at=(NOW - age) * 1_000) for age in ages))

    def found(query: str) -> list[int]:
        return [NOW - item["at"] // 1_000 for item in items(desk, f"{ACCESS}?{query}")]

    assert found("") == [0, 1, 59, DAY]
    assert found(f"from={NOW - 59}") == [0, 1, 59]
    assert found(f"from={NOW - 58}&to={NOW}") == [1]
    assert found(f"to={NOW - 59}") == [DAY]
    assert found(f"from={NOW - 2 * DAY}&to={NOW - 1}") == [59, DAY, 2 * DAY]
    assert found("from=0&to=99999999999") == list(ages)
    assert found("from=0&to=1") == []
    assert found(f"from={NOW + 2 * DAY}&to={NOW + 3 * DAY}") == []


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        (ACCESS, "from=yesterday", "/from"),
        (ACCESS, "from=-1", "/from"),
        (ACCESS, "to=1.5", "/to"),
        (ACCESS, "to=", "/to"),
        (ACCESS, "to=999999999999", "/to"),
        (ACCESS, "to=%D9%A1", "/to"),
        (ACCESS, "from=2&to=2", "/to"),
        (ACCESS, "from=9&to=2", "/to"),
        (ACCESS, "from=99999999999", "/to"),
        (ACCESS, "cursor=", "/cursor"),
        (ACCESS, "cursor=abc", "/cursor"),
        (ACCESS, "cursor=bm90ZXM", "/cursor"),
        (ACCESS, "cursor=%F0%9F%94%91", "/cursor"),
        (USAGE, "from=2027-1-5", "/from"),
        (USAGE, "from=20270105", "/from"),
        (USAGE, "from=2027-W01-1", "/from"),
        (USAGE, "to=2027-02-30", "/to"),
        (USAGE, "to=1800000000", "/to"),
        (USAGE, "from=2027-01-02&to=2027-01-01", "/to"),
        (USAGE, "from=2026-01-01&to=2026-04-04", "/to"),
        (USAGE, "from=0001-01-01", "/to"),
        (USAGE, "by=week", "/by"),
        (USAGE, "app_id=x", "/appId"),
        (USAGE, "app_id=notes%23requests", "/appId"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_why(
    desk: Desk, path: str, query: str, pointer: str
) -> None:
    answer = ask(desk, f"{path}?{query}")
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


NOUGHT = {
    "requests": 0,
    "reads": 0,
    "writes": 0,
    "errors4xx": 0,
    "errors5xx": 0,
    "bytesIn": 0,
    "bytesOut": 0,
    "durationMs": 0,
    "activeSessions": 0,
    "activeUsers": 0,
}


def test_usage_is_shown_by_day_and_application(desk: Desk) -> None:
    first = mine(desk, bytes_in=5)
    keep(
        desk,
        first,
        mine(desk, user=first.user, method="PUT"),
        mine(desk, user=first.user, status=404, code="key_not_found"),
        mine(desk, app=AppId("forms"), status=503, code="store_unavailable"),
        mine(desk, app=None, sid=None, caller="member", plane="operators"),
        mine(desk, at=(NOW - DAY) * 1_000),
    )
    plain = {**NOUGHT, "hour": None, "requests": 1, "bytesOut": 17, "durationMs": 1.5}
    people = {"activeSessions": 1, "activeUsers": 1}
    assert items(desk, USAGE) == [
        {**plain, **people, "day": "2027-01-14", "appId": "notes", "reads": 1},
        {**plain, "day": "2027-01-15", "appId": None},
        {**plain, **people, "day": "2027-01-15", "appId": "forms", "errors5xx": 1},
        {
            **NOUGHT,
            "day": "2027-01-15",
            "hour": None,
            "appId": "notes",
            "requests": 3,
            "reads": 1,
            "writes": 1,
            "errors4xx": 1,
            "bytesIn": 5,
            "bytesOut": 51,
            "durationMs": 4.5,
            "activeSessions": 3,
            "activeUsers": 1,
        },
    ]
    only = items(desk, f"{USAGE}?app_id=forms&from=2027-01-15&to=2027-01-15")
    assert [item["appId"] for item in only] == ["forms"]
    assert items(desk, f"{USAGE}?app_id=other") == []


def test_usage_is_shown_by_hour(desk: Desk) -> None:
    keep(desk, *(mine(desk, at=(NOW + n * 1_800) * 1_000) for n in range(3)))
    shown = items(desk, f"{USAGE}?by=hour")
    assert [(item["day"], item["hour"], item["requests"]) for item in shown] == [
        ("2027-01-15", 8, 2),
        ("2027-01-15", 9, 1),
    ]
    for item in shown:
        assert item["activeSessions"] is item["activeUsers"] is None


def test_days_are_asked_for_with_both_ends(desk: Desk) -> None:
    keep(desk, *(mine(desk, at=(NOW - n * DAY) * 1_000) for n in (0, 1, 2, 29, 30, 92)))

    def found(query: str) -> list[str]:
        return [item["day"] for item in items(desk, f"{USAGE}?{query}")]

    recent = ["2026-12-17", "2027-01-13", "2027-01-14", "2027-01-15"]
    assert found("") == recent
    assert found("to=2027-01-14") == ["2026-12-16", "2026-12-17", "2027-01-13", "2027-01-14"]
    assert found("from=2027-01-14&to=2027-01-14") == ["2027-01-14"]
    assert found("from=2026-10-15") == ["2026-10-15", "2026-12-16", *recent]
