"""The function that the log feeds: what it takes, what it skips, what it gives back to Lambda."""

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from chalicelib.domain.activity import AccessRow, LogEvent, Span
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import WorkspaceId
from chalicelib.jobs.activity import NotADelivery, record_activity
from chalicelib.services.access_lines import row_of
from tests.api.platform import Platform
from tests.builders import NOW
from tests.fakes.activity import MemoryActivity
from tests.jobs.deliveries import LINE, delivery, log_event

WORKSPACE = WorkspaceId(LINE["workspace"])


def call(event: object) -> Mapping[str, int | str]:
    """Call the function as Lambda does."""
    return record_activity(event, None)  # type: ignore[no-any-return]


def rows(platform: Platform, workspace: WorkspaceId = WORKSPACE) -> Sequence[AccessRow]:
    return platform.adapters.activity.rows(
        workspace, since=0, until=(NOW + 86_400) * 1_000, limit=1_000
    )[0]


def counted(platform: Platform, workspace: WorkspaceId = WORKSPACE) -> Mapping[str, int]:
    return {
        f"{counter.app}/{counter.metric}": amount
        for counter, amount in platform.adapters.activity.counts(
            workspace, Span.DAY.start(NOW)
        ).items()
        if counter.span is Span.DAY
    }


def test_a_line_becomes_a_row_and_counts(platform: Platform) -> None:
    event = log_event(LINE, at=NOW * 1_000 + 7)
    assert call(delivery([event])) == {"new": 1, "known": 0, "skipped": 0}
    (row,) = rows(platform)
    assert (row.event, row.at, row.workspace) == (event["id"], NOW * 1_000 + 7, WORKSPACE)
    assert (row.route, row.method, row.status, row.micros) == (LINE["route"], "GET", 200, 12_300)
    assert (row.app, row.sid, row.user) == (LINE["app"], LINE["sid"], LINE["user"])
    assert (row.origin.ip, row.origin.agent) == ("192.0.2.7", "Firefox")
    assert counted(platform) == {
        "notes/requests": 1,
        "notes/reads": 1,
        "notes/microseconds": 12_300,
        "notes/bytes_out": 41,
        "notes/active_sessions": 1,
        "notes/active_users": 1,
    }


def test_lines_of_many_workspaces_are_told_apart(platform: Platform) -> None:
    others = [f"w{n:020d}" for n in range(5)]
    events = [log_event(LINE | {"workspace": wid}) for wid in others for _ in range(3)]
    assert call(delivery(events))["new"] == 15
    for wid in others:
        assert len(rows(platform, WorkspaceId(wid))) == 3
        assert counted(platform, WorkspaceId(wid))["notes/requests"] == 3


def test_a_request_of_no_workspace_is_the_deployments(platform: Platform) -> None:
    public = {name: value for name, value in LINE.items() if name not in {"workspace", "app"}}
    public |= {"caller": "anyone", "plane": "identity", "sid": None, "user": None}
    call(delivery([log_event(public)]))
    (row,) = rows(platform, DEPLOYMENT)
    assert (row.app, row.sid, row.user) == (None, None, None)
    assert counted(platform, DEPLOYMENT)["None/requests"] == 1


def test_a_delivery_counts_once_however_often_it_comes(platform: Platform) -> None:
    events = [log_event(LINE | {"request_id": f"r-{n}"}) for n in range(30)]
    assert call(delivery(events))["new"] == 30
    before = counted(platform)
    assert call(delivery(events)) == {"new": 0, "known": 30, "skipped": 0}
    assert call(delivery([*events[10:], log_event(LINE)])) == {"new": 1, "known": 20, "skipped": 0}
    assert counted(platform)["notes/requests"] == before["notes/requests"] + 1
    assert counted(platform)["notes/active_sessions"] == 1


SPOILT: dict[str, Callable[[], object]] = {
    "no JSON": lambda: log_event("START RequestId: 1 Version: $LATEST"),
    "half a line": lambda: log_event(json.dumps(LINE)[:-20]),
    "another kind": lambda: log_event(LINE | {"kind": "audit"}),
    "no kind": lambda: log_event({"job": "expire_sessions"}),
    "a list": lambda: log_event([LINE]),
    "a deep one": lambda: log_event("[" * 100_000),
    "a long number": lambda: log_event(json.dumps(LINE).replace("200", "2" * 5_000)),
    "not a number": lambda: log_event(json.dumps(LINE).replace("12.3", "NaN")),
    "half a letter": lambda: log_event(json.dumps(LINE).replace("Firefox", "\\ud800")),
    "no route": lambda: log_event({n: v for n, v in LINE.items() if n != "route"}),
    "no id": lambda: log_event(LINE, id=""),
    "an id with a hash": lambda: log_event(LINE, id="1#2#3"),
    "an id that is a number": lambda: log_event(LINE, id=7),
    "no time": lambda: log_event(LINE, timestamp=None),
    "a time before all": lambda: log_event(LINE, timestamp=0),
    "a time after all": lambda: log_event(LINE, timestamp=2**48),
    "no message": lambda: {"id": "123", "timestamp": 1},
    "no event": lambda: "event",
    **{
        f"{name} {str(value)[:30]!r}": lambda name=name, value=value: log_event(  # type: ignore[misc]
            LINE | {name: value}
        )
        for name, value in (
            ("workspace", "w#DEPLOYMENT"),
            ("workspace", ""),
            ("workspace", 7),
            ("workspace", "w" * 65),
            ("app", "notes#requests"),
            ("app", ["notes"]),
            ("sid", "a b"),
            ("user", "1234567890123456"),
            ("user", 7),
            ("user", True),
            ("user", 2**53),
            ("status", "200"),
            ("status", True),
            ("status", 99),
            ("status", 600),
            ("code", 7),
            ("code", "Not Found"),
            ("method", "get"),
            ("plane", None),
            ("caller", ""),
            ("route", "/" + "x" * 200),
            ("route", None),
            ("duration_ms", -1),
            ("duration_ms", True),
            ("duration_ms", "1"),
            ("duration_ms", 1e300),
            ("bytes_in", -1),
            ("bytes_in", 1.5),
            ("bytes_out", 2**32),
            ("ip", "1" * 65),
            ("agent", "x" * 301),
            ("agent", None),
            ("request_id", {}),
        )
    },
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_line_is_skipped_and_spoils_no_other(platform: Platform, spoilt: str) -> None:
    events = [log_event(LINE), SPOILT[spoilt](), log_event(LINE)]
    assert call(delivery(events)) == {"new": 2, "known": 0, "skipped": 1}
    assert len(rows(platform)) == counted(platform)["notes/requests"] == 2


def test_a_control_message_says_nothing(platform: Platform) -> None:
    event = delivery([log_event("CWL CONTROL MESSAGE")], messageType="CONTROL_MESSAGE")
    assert call(event) == {"new": 0, "known": 0, "skipped": 0}
    assert rows(platform) == []


def packed(raw: bytes) -> dict[str, Any]:
    return {"awslogs": {"data": base64.b64encode(gzip.compress(raw)).decode()}}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="nothing"),
        pytest.param({}, id="empty"),
        pytest.param({"awslogs": {"data": None}}, id="no data"),
        pytest.param({"awslogs": {"data": "ü"}}, id="no base64"),
        pytest.param({"awslogs": {"data": base64.b64encode(b"plain").decode()}}, id="no gzip"),
        pytest.param(
            {"awslogs": {"data": base64.b64encode(gzip.compress(b"{}" * 999)[:-9]).decode()}},
            id="cut off",
        ),
        pytest.param(packed(b"{"), id="no JSON"),
        pytest.param(packed(b"[" * 200_000), id="deep JSON"),
        pytest.param(packed(b"[]"), id="a list"),
        pytest.param(packed(b" " * 40_000_000), id="a bomb"),
        pytest.param({"awslogs": {"data": "A" * 6_291_460}}, id="too long"),
        pytest.param(delivery([], messageType="OTHER"), id="another kind"),
        pytest.param(delivery([], logEvents={}), id="no list of events"),
    ],
)
def test_what_is_no_delivery_is_an_error_that_somebody_sees(
    platform: Platform, event: object
) -> None:
    with pytest.raises(NotADelivery):
        call(event)
    assert rows(platform) == []


class Throttled(MemoryActivity):
    """A store that takes a number of tenants, and then no more for a while."""

    def __init__(self, taken: int) -> None:
        super().__init__()
        self.left = taken

    def record(self, workspace: WorkspaceId, rows: Sequence[AccessRow]) -> int:
        if not self.left:
            raise StoreUnavailable("The store is busy. Try again in a moment.")
        self.left -= 1
        return super().record(workspace, rows)


def test_a_throttled_store_makes_lambda_repeat_and_nothing_is_counted_twice(
    platform: Platform,
) -> None:
    store = platform.adapters.activity = Throttled(2)
    tenants = [WorkspaceId(f"w{n:020d}") for n in range(4)]
    event = delivery([log_event(LINE | {"workspace": wid}) for wid in tenants])
    with pytest.raises(StoreUnavailable):
        call(event)
    store.left = 100
    assert call(event) == {"new": 2, "known": 2, "skipped": 0}
    for wid in tenants:
        assert counted(platform, wid)["notes/requests"] == 1


def test_an_event_is_the_same_row_whenever_it_comes() -> None:
    event = LogEvent("1" * 56, NOW * 1_000, json.dumps(LINE))
    first, second = row_of(event), row_of(event)
    other = row_of(LogEvent("2" * 56, NOW * 1_000, json.dumps(LINE)))
    assert first == second
    assert first is not None
    assert other is not None
    assert first.id != other.id
    assert first.id[:10] == other.id[:10]
