"""What every audit store does."""

import pytest

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import WorkspaceId, new_ulid, new_user_id, new_workspace_id
from tests.builders import NOW, some_event, some_ref
from tests.contracts.directory import at_once
from tests.contracts.stores import DAY, Stores

DAY_SECONDS = 86_400
MIDNIGHT = NOW - NOW % DAY_SECONDS


def test_an_event_is_read_back_as_it_was_recorded(stores: Stores) -> None:
    event = some_event(
        some_ref(),
        action=AuditAction.SIGNIN_FAILED,
        actor=Actor(ActorKind.OPERATOR, new_user_id()),
        outcome="denied",
        reason="Größe, \x00 and 🔑 — kept as it is",
        meta={"tries": 3, "kind": "password", "zero": 0, "empty": ""},
        origin=Origin(ip="2001:db8::1", agent="", request_id=""),
    )
    stores.audit.append(event)
    assert stores.audit.of_day(event.workspace, DAY) == [event]


def test_an_event_of_nobody_about_nothing_is_read_back(stores: Stores) -> None:
    event = some_event(new_workspace_id(), origin=Origin())
    stores.audit.append(event)
    assert stores.audit.of_day(event.workspace, DAY) == [event]


def test_events_come_in_the_order_of_their_ids(stores: Stores) -> None:
    workspace = new_workspace_id()
    events = [some_event(workspace, id=new_ulid(NOW * 1_000 + n)) for n in range(20)]
    for event in reversed(events):
        stores.audit.append(event)
    assert stores.audit.of_day(workspace, DAY) == events


def test_a_day_goes_from_midnight_to_midnight_utc(stores: Stores) -> None:
    workspace = new_workspace_id()
    milliseconds = {
        "20270114": MIDNIGHT * 1_000 - 1,
        "20270115": MIDNIGHT * 1_000,
        "20270116": (MIDNIGHT + DAY_SECONDS) * 1_000,
    }
    events = {day: some_event(workspace, at=at) for day, at in milliseconds.items()}
    for event in events.values():
        stores.audit.append(event)
    for day, event in events.items():
        assert stores.audit.of_day(workspace, day) == [event]
    assert stores.audit.of_day(workspace, "20270117") == []


def test_another_workspace_sees_none_of_it(stores: Stores) -> None:
    event = some_event(new_workspace_id())
    stores.audit.append(event)
    assert stores.audit.of_day(new_workspace_id(), DAY) == []
    assert stores.audit.of_day(WorkspaceId(event.workspace[:-1]), DAY) == []


@pytest.mark.parametrize("day", ["", "2027011", "20270115#0", "#", "2027-01-15"])
def test_what_is_no_day_has_no_events(stores: Stores, day: str) -> None:
    event = some_event(new_workspace_id())
    stores.audit.append(event)
    assert stores.audit.of_day(event.workspace, day) == []


def test_what_is_no_workspace_has_no_events(stores: Stores) -> None:
    event = some_event(new_workspace_id())
    stores.audit.append(event)
    for text in ("", "#", f"{event.workspace}#{DAY}"):
        assert stores.audit.of_day(WorkspaceId(text), DAY) == []


def test_an_event_is_never_written_over(stores: Stores) -> None:
    event = some_event(new_workspace_id(), reason="the first")
    stores.audit.append(event)
    with pytest.raises(Stale):
        stores.audit.append(some_event(event.workspace, id=event.id, reason="the second"))
    assert stores.audit.of_day(event.workspace, DAY) == [event]


def test_the_first_event_of_an_hour_is_recorded_and_no_other(stores: Stores) -> None:
    workspace = new_workspace_id()
    first, second = (some_event(workspace, action=AuditAction.QUOTA_EXCEEDED) for _ in range(2))
    assert stores.audit.append_hourly(first, "session_quota") is True
    assert stores.audit.append_hourly(second, "session_quota") is False
    assert stores.audit.of_day(workspace, DAY) == [first]


def test_each_hour_kind_and_workspace_has_a_first_event_of_its_own(stores: Stores) -> None:
    workspace, other = new_workspace_id(), new_workspace_id()
    hour = (NOW - NOW % 3_600) * 1_000
    events = [
        (some_event(workspace, at=hour), "session_quota"),
        (some_event(workspace, at=hour + 3_599_999), "payload_quota"),
        (some_event(workspace, at=hour + 3_600_000), "session_quota"),
        (some_event(workspace, at=hour - 1), "session_quota"),
        (some_event(other, at=hour), "session_quota"),
    ]
    assert [stores.audit.append_hourly(event, kind) for event, kind in events] == [True] * 5
    last = some_event(workspace, at=hour + 3_599_999)
    assert stores.audit.append_hourly(last, "session_quota") is False
    assert len(stores.audit.of_day(workspace, DAY)) == 4
    assert len(stores.audit.of_day(other, DAY)) == 1


def test_of_many_at_once_exactly_one_is_the_first_of_its_hour(stores: Stores) -> None:
    workspace = new_workspace_id()

    def record() -> bool:
        while True:
            try:
                return stores.audit.append_hourly(some_event(workspace), "session_quota")
            except Contended:
                continue

    assert sum(at_once([record] * 8)) == 1
    assert len(stores.audit.of_day(workspace, DAY)) == 1


def test_a_known_event_is_not_the_first_of_an_hour(stores: Stores) -> None:
    event = some_event(new_workspace_id())
    stores.audit.append(event)
    with pytest.raises(Stale):
        stores.audit.append_hourly(event, "session_quota")
    assert stores.audit.append_hourly(some_event(event.workspace), "session_quota") is True
