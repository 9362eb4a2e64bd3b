"""What every store of device authorizations does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.device_authorizations import Asker, AuthorizationStatus, DeviceAuthorization
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, WorkspaceId, new_client_id, new_workspace_id
from chalicelib.domain.limits import (
    DEVICE_AUTHORIZATION_SECONDS,
    DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS,
)
from tests.builders import NOW, some_event
from tests.contracts.directory import at_once, some_digest, wins
from tests.contracts.stores import Stores
from tests.contracts.test_codes import some_code

EXP = NOW + DEVICE_AUTHORIZATION_SECONDS
BURIED = EXP + DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS


def test_what_was_asked_is_found_by_both_of_its_names(stores: Stores) -> None:
    asked = added(stores)
    assert named(stores, asked) == asked
    assert stores.device_authorizations.get(asked.workspace, asked.digest, now=NOW) == asked


def test_it_ends_to_the_second_and_a_late_device_is_told_so(stores: Stores) -> None:
    asked = added(stores)
    assert named(stores, asked, now=EXP - 1) == asked
    assert named(stores, asked, now=EXP) is None
    assert stores.device_authorizations.get(asked.workspace, asked.digest, now=EXP) is None
    assert poll(stores, asked, now=EXP) == asked
    assert poll(stores, asked, now=BURIED) is None


def test_each_question_is_noted_and_a_hasty_device_waits_longer(stores: Stores) -> None:
    asked = added(stores)
    assert poll(stores, asked) == asked
    assert poll(stores, asked, now=NOW + 1) == replace(asked, polled_at=NOW)
    stores.device_authorizations.slow(asked, seconds=5)
    slower = replace(asked, polled_at=NOW + 1, interval=asked.interval + 5)
    assert poll(stores, asked, now=NOW + 2) == slower
    stores.device_authorizations.slow(some_authorization(), seconds=5)


def test_a_user_code_is_one_devices_at_a_time(stores: Stores) -> None:
    first = added(stores)
    again = replace(some_authorization(), workspace=first.workspace, user_code=first.user_code)
    with pytest.raises(Stale):
        stores.device_authorizations.add(again, now=NOW)
    assert named(stores, first) == first
    later = replace(again, exp=EXP + DEVICE_AUTHORIZATION_SECONDS)
    stores.device_authorizations.add(later, now=EXP)
    assert named(stores, first, now=EXP) == later


@pytest.mark.parametrize("status", [AuthorizationStatus.APPROVED, AuthorizationStatus.DENIED])
def test_a_decision_brings_what_the_device_gets_and_is_recorded(
    stores: Stores, status: AuthorizationStatus
) -> None:
    asked = added(stores)
    code = some_code(workspace=asked.workspace, digest=asked.digest)
    given = code if status is AuthorizationStatus.APPROVED else None
    decide(stores, asked, status, code=given)
    assert poll(stores, asked) == replace(asked, status=status)
    assert named(stores, asked) is None
    assert stores.login.take_code(asked.workspace, asked.digest, now=NOW) == given
    (event,) = stores.audit.of_day(asked.workspace, "20270115")
    assert event.action is AuditAction.DEVICE_AUTHORIZATION_APPROVED


def test_a_decision_is_made_once_and_in_time(stores: Stores) -> None:
    asked, late = added(stores), added(stores)
    decide(stores, asked, AuthorizationStatus.DENIED)
    for attempt in (
        partial(decide, stores, asked, AuthorizationStatus.APPROVED),
        partial(decide, stores, late, AuthorizationStatus.APPROVED, now=EXP),
        partial(decide, stores, some_authorization(), AuthorizationStatus.APPROVED),
    ):
        with pytest.raises(Stale):
            attempt(code=some_code(workspace=asked.workspace, digest=asked.digest))
    assert stores.login.take_code(asked.workspace, asked.digest, now=NOW) is None
    assert len(stores.audit.of_day(asked.workspace, "20270115")) == 1
    assert stores.audit.of_day(late.workspace, "20270115") == []


def test_of_eight_who_decide_at_once_one_does(stores: Stores) -> None:
    asked = added(stores)
    decisions = [partial(decide, stores, asked, AuthorizationStatus.APPROVED)] * 8
    assert sum(at_once([partial(wins, each) for each in decisions])) == 1


def test_from_next_door_nothing_is_found_asked_or_decided(stores: Stores) -> None:
    asked = added(stores)
    neighbour = replace(asked, workspace=new_workspace_id())
    assert named(stores, neighbour) is None
    assert stores.device_authorizations.get(neighbour.workspace, asked.digest, now=NOW) is None
    assert poll(stores, neighbour) is None
    with pytest.raises(Stale):
        decide(stores, neighbour, AuthorizationStatus.DENIED)
    stores.device_authorizations.add(neighbour, now=NOW)
    decide(stores, neighbour, AuthorizationStatus.DENIED)
    assert named(stores, asked) == asked


def test_what_would_collide_when_joined_is_refused(stores: Stores) -> None:
    asked = some_authorization()
    with pytest.raises(ValueError, match="not a part"):
        named(stores, replace(asked, workspace=WorkspaceId(f"{asked.workspace}#DEVU")))
    with pytest.raises(ValueError, match="not a part"):
        poll(stores, replace(asked, digest=f"DEV#{asked.digest}"))


def named(
    stores: Stores, asked: DeviceAuthorization, *, now: int = NOW
) -> DeviceAuthorization | None:
    return stores.device_authorizations.named(asked.workspace, asked.user_code, now=now)


def poll(
    stores: Stores, asked: DeviceAuthorization, *, now: int = NOW
) -> DeviceAuthorization | None:
    return stores.device_authorizations.poll(asked.workspace, asked.digest, now=now)


def decide(
    stores: Stores,
    asked: DeviceAuthorization,
    status: AuthorizationStatus,
    *,
    code: Any = None,
    now: int = NOW,
) -> None:
    event = some_event(asked.workspace, action=AuditAction.DEVICE_AUTHORIZATION_APPROVED)
    stores.device_authorizations.decide(asked, status, code=code, event=event, now=now)


def added(stores: Stores) -> DeviceAuthorization:
    asked = some_authorization()
    stores.device_authorizations.add(asked, now=NOW)
    return asked


def some_authorization() -> DeviceAuthorization:
    return DeviceAuthorization(
        digest=some_digest(),
        user_code=some_digest(),
        workspace=new_workspace_id(),
        app=AppId("tool"),
        client_id=new_client_id(),
        scope="openid email",
        asker=Asker(NOW, "Python on Linux", "203.0"),
        exp=EXP,
    )
