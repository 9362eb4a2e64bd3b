"""What every store of activity does."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.activity import DynamoActivity
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.domain.activity import AccessRow, Counter, Metric, Span
from chalicelib.domain.audit import Origin
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import AppId, WorkspaceId, new_user_id, new_workspace_id, ulid
from chalicelib.domain.ports.activity import ActivityStore
from tests.builders import NOW, some_row
from tests.fakes.activity import MemoryActivity

HOUR, DAY = 3_600, 86_400
TODAY = Span.DAY.start(NOW)
NOTES = AppId("notes")
EVER = {"since": (NOW - 2 * DAY) * 1_000, "until": (NOW + 2 * DAY) * 1_000}


@pytest.fixture
def store(tables: Tables | None) -> ActivityStore:
    return MemoryActivity() if tables is None else DynamoActivity(tables, SystemClock())


def of_day(
    store: ActivityStore,
    workspace: WorkspaceId,
    *,
    day: int = TODAY,
    span: Span = Span.DAY,
    app: AppId | None = None,
) -> Mapping[str, int]:
    """Answer the counters of one span of a day, as `app/metric`."""
    return {
        f"{counter.app or '-'}/{counter.metric}": amount
        for counter, amount in store.counts(workspace, day, app=app).items()
        if counter.span is span
    }


def walked(store: ActivityStore, workspace: WorkspaceId, **bounds: Any) -> list[AccessRow]:
    """Answer all rows, page by page."""
    found: list[AccessRow] = []
    before: str | None = None
    while True:
        page, before = store.rows(workspace, **{**EVER, "limit": 7, **bounds}, before=before)
        assert len(page) <= bounds.get("limit", 7)
        found += page
        if before is None:
            return found


def test_a_row_is_read_back_as_it_was_recorded(store: ActivityStore) -> None:
    row = some_row(
        status=404,
        code="key_not_found",
        method="DELETE",
        route="/api/v1/sessions/delete/{key}",
        origin=Origin(ip="2001:db8::1", agent="Größe 🔑 \x00", request_id="r-9"),
        bytes_in=2**31,
        micros=0,
    )
    assert store.record(row.workspace, [row]) == 1
    assert walked(store, row.workspace) == [row]


def test_a_row_of_nobody_is_read_back(store: ActivityStore) -> None:
    row = some_row(app=None, sid=None, user=None, caller="anyone", origin=Origin())
    store.record(row.workspace, [row])
    assert walked(store, row.workspace) == [row]


def test_a_request_is_counted_by_day_and_by_hour(store: ActivityStore) -> None:
    row = some_row(at=(TODAY + 5 * HOUR + 7) * 1_000 + 999, bytes_in=3)
    store.record(row.workspace, [row])
    common = {
        "notes/requests": 1,
        "notes/reads": 1,
        "notes/bytes_in": 3,
        "notes/bytes_out": 17,
        "notes/microseconds": 1_500,
    }
    once_a_day = {"notes/active_sessions": 1, "notes/active_users": 1}
    assert of_day(store, row.workspace) == common | once_a_day
    assert of_day(store, row.workspace, span=Span.HOUR) == common
    (hour,) = {c.start for c in store.counts(row.workspace, TODAY) if c.span is Span.HOUR}
    assert hour == TODAY + 5 * HOUR


def test_counts_of_many_requests_add_up(store: ActivityStore) -> None:
    workspace, user = new_workspace_id(), new_user_id()
    first = some_row(workspace, user=user)
    second = some_row(workspace, user=user, sid=first.sid, method="PUT", bytes_in=10)
    third = some_row(workspace, user=user, status=412, code="version_mismatch", method="PUT")
    fourth = some_row(workspace, status=503, code="store_unavailable")
    assert store.record(workspace, [first, second]) == 2
    assert store.record(workspace, [third, fourth]) == 2
    assert of_day(store, workspace) == {
        "notes/requests": 4,
        "notes/reads": 1,
        "notes/writes": 1,
        "notes/errors_4xx": 1,
        "notes/errors_5xx": 1,
        "notes/bytes_in": 10,
        "notes/bytes_out": 4 * 17,
        "notes/microseconds": 4 * 1_500,
        "notes/active_sessions": 3,
        "notes/active_users": 2,
    }


def test_who_comes_again_is_counted_once_a_day_and_again_tomorrow(store: ActivityStore) -> None:
    row = some_row()
    again = some_row(row.workspace, sid=row.sid, user=row.user)
    tomorrow = some_row(row.workspace, sid=row.sid, user=row.user, at=(NOW + DAY) * 1_000)
    for each in (row, again, tomorrow):
        store.record(row.workspace, [each])
    for day, requests in ((TODAY, 2), (TODAY + DAY, 1)):
        counted = of_day(store, row.workspace, day=day)
        assert counted["notes/requests"] == requests
        assert counted["notes/active_sessions"] == counted["notes/active_users"] == 1


def test_an_operator_at_work_is_no_active_user(store: ActivityStore) -> None:
    row = some_row(app=None, sid=None, caller="member", plane="operators")
    store.record(row.workspace, [row])
    assert set(of_day(store, row.workspace)) == {
        "-/requests",
        "-/bytes_out",
        "-/microseconds",
    }


def test_a_delivery_that_is_repeated_counts_nothing_twice(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    rows = some_rows(workspace, 40)
    assert store.record(workspace, rows) == 40
    kept, counted = walked(store, workspace), store.counts(workspace, TODAY)
    assert store.record(workspace, rows) == 0
    assert store.record(workspace, list(reversed(rows))) == 0
    assert walked(store, workspace) == kept
    assert store.counts(workspace, TODAY) == counted


def test_deliveries_that_overlap_count_each_event_once(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    rows = some_rows(workspace, 60)
    assert store.record(workspace, rows[:40]) == 40
    assert store.record(workspace, rows[20:]) == 20
    assert store.record(workspace, rows[10:50]) == 0
    assert_whole(store, workspace, rows)


def test_an_event_that_comes_twice_in_one_delivery_counts_once(store: ActivityStore) -> None:
    row = some_row()
    others = some_rows(row.workspace, 50)
    assert store.record(row.workspace, [row, row, *others, row]) == 51
    assert_whole(store, row.workspace, [row, *others])


def test_nothing_is_nothing(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    assert store.record(workspace, []) == 0
    assert walked(store, workspace) == []
    assert store.counts(workspace, TODAY) == {}


def test_deliveries_at_the_same_moment_count_each_event_once(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    rows = some_rows(workspace, 60)
    parts = [rows[:40], rows[20:], rows, list(reversed(rows))]
    barrier = Barrier(len(parts))

    def deliver(part: Sequence[AccessRow]) -> int:
        barrier.wait()
        # What Lambda does with a delivery that failed: it comes again.
        for _ in range(5):
            try:
                return store.record(workspace, part)
            except StoreUnavailable:
                continue
        raise AssertionError("never taken")

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(deliver, parts))
    assert_whole(store, workspace, rows)


def test_rows_come_newest_first_over_hours_and_days(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    gaps = [0, 1, 2, 59, 60, HOUR, HOUR + 1, 5 * HOUR, DAY, DAY + 1, 9 * DAY, 70 * DAY]
    rows = [some_row(workspace, at=(NOW - gap) * 1_000 + n) for n, gap in enumerate(gaps)]
    store.record(workspace, rows)
    expected = sorted(rows, key=lambda row: row.id, reverse=True)
    since = (NOW - 80 * DAY) * 1_000
    for limit in (1, 5, 100):
        assert walked(store, workspace, since=since, limit=limit) == expected


def test_rows_of_one_moment_are_paged_without_a_gap(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    rows = some_rows(workspace, 25)
    store.record(workspace, rows)
    expected = sorted(rows, key=lambda row: row.id, reverse=True)
    for limit in (1, 5, 24, 25, 26):
        assert walked(store, workspace, limit=limit) == expected


def test_a_time_is_a_bound_that_holds_to_the_millisecond(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    begin = NOW * 1_000
    rows = [some_row(workspace, at=begin + n) for n in (-1, 0, 1, 4_999, 5_000)]
    store.record(workspace, rows)
    found = walked(store, workspace, since=begin, until=begin + 5_000)
    assert [row.at - begin for row in found] == [4_999, 1, 0]
    assert walked(store, workspace, since=begin + 2, until=begin + 2) == []
    assert walked(store, workspace, since=begin + 9, until=begin) == []


def test_a_page_can_begin_at_any_place(store: ActivityStore) -> None:
    row = some_row()
    store.record(row.workspace, [row])
    for before, found in (
        (ulid(row.at + 1, 0), [row]),
        (row.id, []),
        (ulid(row.at, 0), []),
        (ulid(0, 0), []),
        (ulid(2**48 - 1, 2**80 - 1), [row]),
    ):
        bounds = {"since": row.at - 1_000, "until": row.at + 1_000}
        assert store.rows(row.workspace, **bounds, before=before, limit=5) == (found, None)


@pytest.mark.parametrize("text", ["", "#", "w#x", "*"])
def test_what_is_no_workspace_has_no_activity(store: ActivityStore, text: str) -> None:
    assert walked(store, WorkspaceId(text)) == []
    assert store.counts(WorkspaceId(text), TODAY) == {}


def test_next_door_nothing_is_seen(store: ActivityStore) -> None:
    row = some_row()
    store.record(row.workspace, [row])
    for other in (
        new_workspace_id(),
        WorkspaceId(row.workspace[:-1]),
        WorkspaceId(row.workspace + "2"),
        WorkspaceId(row.workspace.upper()),
    ):
        assert walked(store, other) == []
        assert store.counts(other, TODAY) == {}


def test_next_door_the_same_person_and_session_are_counted_anew(store: ActivityStore) -> None:
    row = some_row()
    for other in (new_workspace_id(), new_workspace_id()):
        twin = some_row(other, sid=row.sid, user=row.user)
        assert store.record(other, [twin]) == 1
        counted = of_day(store, other)
        assert counted["notes/active_sessions"] == counted["notes/active_users"] == 1


def test_applications_are_counted_apart(store: ActivityStore) -> None:
    workspace, user = new_workspace_id(), new_user_id()
    rows = [some_row(workspace, app=AppId(app), user=user) for app in ("notes", "notes-2", "note")]
    rows.append(some_row(workspace, app=None, sid=None, user=None, caller="anyone"))
    store.record(workspace, rows)
    whole = of_day(store, workspace)
    for app in ("notes", "notes-2", "note"):
        mine = of_day(store, workspace, app=AppId(app))
        assert mine == {name: n for name, n in whole.items() if name.startswith(f"{app}/")}
        assert mine[f"{app}/requests"] == mine[f"{app}/active_users"] == 1
    assert whole["-/requests"] == 1
    assert of_day(store, workspace, app=AppId("other")) == {}
    assert of_day(store, workspace, app=AppId("notes#requests")) == {}


def test_days_are_counted_apart(store: ActivityStore) -> None:
    workspace = new_workspace_id()
    for at in (TODAY * 1_000 - 1, TODAY * 1_000, (TODAY + DAY) * 1_000 - 1):
        store.record(workspace, [some_row(workspace, at=at)])
    assert of_day(store, workspace)["notes/requests"] == 2
    assert of_day(store, workspace, day=TODAY - DAY)["notes/requests"] == 1
    assert store.counts(workspace, TODAY + DAY) == {}


def test_a_crash_after_any_step_loses_nothing_and_counts_nothing_twice(
    tables: Tables | None,
) -> None:
    if tables is None:
        pytest.skip("memory has no steps")
    store = DynamoActivity(tables, SystemClock())
    steps: list[object] = []
    with watched(tables, steps.append):
        workspace = new_workspace_id()
        assert store.record(workspace, some_rows(workspace, 60)) == 60
    assert len(steps) > 1
    for survived in range(len(steps)):
        workspace = new_workspace_id()
        rows = some_rows(workspace, 60)
        with crash_before_transaction(tables, survived + 1), pytest.raises(Crash):
            store.record(workspace, rows)
        kept = len(walked(store, workspace))
        assert (kept > 0) is (survived > 0)
        assert of_day(store, workspace).get("notes/requests", 0) == kept < 60
        assert store.record(workspace, rows) == 60 - kept
        assert_whole(store, workspace, rows)


def test_what_one_event_costs_is_bounded(tables: Tables | None) -> None:
    if tables is None:
        pytest.skip("memory writes no items")
    store = DynamoActivity(tables, SystemClock())
    sizes: list[int] = []
    with watched(tables, lambda transaction: sizes.append(len(transaction))):
        lone = some_row(bytes_in=1)
        store.record(lone.workspace, [lone])
        assert sizes == [16]
        sizes.clear()
        workspace = new_workspace_id()
        worst = [
            some_row(workspace, app=AppId(f"app-{n}"), bytes_in=1, at=(NOW + n * DAY) * 1_000)
            for n in range(30)
        ]
        store.record(workspace, worst)
        assert sum(sizes) == 30 * 16
        sizes.clear()
        workspace, person = new_workspace_id(), some_row()
        usual = [
            some_row(workspace, sid=person.sid, user=person.user, bytes_in=1) for _ in range(100)
        ]
        store.record(workspace, usual)
        assert sum(sizes) < 2.5 * 100
    assert max(sizes) <= 100


class Crash(BaseException):
    """The process is gone."""


@contextmanager
def crash_before_transaction(tables: Tables, number: int) -> Iterator[None]:
    """End a process before its transaction of that number, which is after the one before."""
    begun = 0

    def count(_: object) -> None:
        nonlocal begun
        begun += 1
        if begun == number:
            raise Crash

    with watched(tables, count):
        yield


@contextmanager
def watched(tables: Tables, look: Any) -> Iterator[None]:
    """Show every transaction's actions before it is sent."""
    before = tables.on_call

    def see(operation: str, arguments: Any) -> None:
        if operation == "TransactWriteItems":
            look(arguments["TransactItems"])

    tables.on_call = see
    try:
        yield
    finally:
        tables.on_call = before


def some_rows(workspace: WorkspaceId, count: int) -> list[AccessRow]:
    """Rows of as many sessions of ten people, within some seconds."""
    people = [new_user_id() for _ in range(10)]
    rows = [some_row(workspace, user=people[n % 10]) for n in range(count)]
    return [
        some_row(workspace, user=row.user, sid=row.sid, at=NOW * 1_000 + n % 7)
        if n % 5
        else replace(row)
        for n, row in enumerate(rows)
    ]


def assert_whole(store: ActivityStore, workspace: WorkspaceId, rows: Sequence[AccessRow]) -> None:
    """Show that each of the rows is there once, and counted once."""
    assert sorted(row.event for row in walked(store, workspace)) == sorted(r.event for r in rows)
    for span in Span:
        counted = of_day(store, workspace, span=span)
        assert counted["notes/requests"] == counted["notes/reads"] == len(rows)
        assert counted["notes/bytes_out"] == 17 * len(rows)
    start = Span.DAY.start(NOW)
    counts = store.counts(workspace, start)
    for metric, seen in (
        (Metric.ACTIVE_SESSIONS, {row.sid for row in rows}),
        (Metric.ACTIVE_USERS, {row.user for row in rows}),
    ):
        assert counts[Counter(NOTES, metric, Span.DAY, start)] == len(seen)
