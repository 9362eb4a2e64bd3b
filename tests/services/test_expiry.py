"""Sessions whose time has come are ended once, with their event, whoever else is at work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.domain.audit import SYSTEM, AuditAction, AuditEvent
from chalicelib.domain.errors import Contended
from chalicelib.domain.limits import MAX_INLINE_BYTES
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.sessions import Head, SessionRef, SessionStatus
from chalicelib.services.audit import Trail
from chalicelib.services.expiry import Expiry
from chalicelib.services.keys import Keys
from chalicelib.services.objects import Objects
from tests.builders import FIRST, NOW, some_event, some_head, some_payload, some_ref
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.audit import MemoryAudit
from tests.fakes.objects import MemoryObjects
from tests.fakes.payloads import MemoryPayloads
from tests.fakes.sessions import MemorySessions
from tests.fakes.surroundings import FakeClock

HOUR = 3_600


class WatchedSessions(MemorySessions):
    """Remembers how far back it was asked, and can be told to be held up by another."""

    def __init__(self, *, audit: MemoryAudit) -> None:
        others = MemoryAdapters()
        super().__init__(
            audit=audit,
            keys=others.keys,
            workspaces=others.workspaces,
            applications=others.applications,
        )
        self.asked_since: list[int] = []
        self.held: set[SessionRef] = set()
        self.revoked_meanwhile: set[SessionRef] = set()

    def due(self, *, now: int, since: int, limit: int) -> Sequence[SessionRef]:
        self.asked_since.append(since)
        return super().due(now=now, since=since, limit=limit)

    def expire(self, head: Head, *, now: int, event: AuditEvent) -> None:
        if head.ref in self.held:
            raise Contended
        if head.ref in self.revoked_meanwhile:
            self.end(head, by="user", now=now, event=some_event(head.ref))
        super().expire(head, now=now, event=event)


@dataclass
class World:
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    audit: MemoryAudit = field(default_factory=MemoryAudit)

    def __post_init__(self) -> None:
        self.sessions = WatchedSessions(audit=self.audit)
        others = MemoryAdapters()
        self.store = MemoryObjects(self.clock)
        self.objects = Objects(
            store=self.store,
            payloads=MemoryPayloads(self.sessions),
            keys=Keys(
                clock=self.clock, store=others.keys, root=others.root_key, cipher=others.cipher
            ),
        )
        self.expiry = self.fresh()

    def fresh(self) -> Expiry:
        return Expiry(
            clock=self.clock, store=self.sessions, objects=self.objects, trail=Trail(self.clock)
        )

    def add(self, exp: int) -> Head:
        head = some_head(some_ref(), exp=exp)
        self.sessions.create(
            head,
            payload=some_payload(head.ref),
            latest=FIRST,
            shard_limit=100,
            event=some_event(head.ref),
        )
        return head

    def there(self, head: Head) -> Head:
        found = self.sessions.head(head.ref)
        assert found is not None
        return found

    def expired(self) -> list[AuditEvent]:
        return [e for e in self.audit.events if e.action is AuditAction.SESSION_EXPIRED]


@pytest.fixture
def world() -> World:
    return World()


def test_a_session_ends_in_the_second_in_which_its_time_is_over(world: World) -> None:
    head = world.add(exp=NOW + 60)
    world.clock.pause(59)
    assert world.expiry.sweep(limit=10)["expired"] == 0
    assert world.there(head).status is SessionStatus.LIVE
    world.clock.pause(1)
    assert world.expiry.sweep(limit=10) == {"found": 1, "expired": 1, "overtaken": 0}
    assert world.there(head).status is SessionStatus.REVOKED
    assert world.there(head).ended_by == "expiry"


def test_its_payload_goes_and_its_quota_comes_back(world: World) -> None:
    head = world.add(exp=NOW)
    world.expiry.sweep(limit=10)
    assert head.ref not in world.sessions.payloads
    assert world.sessions.counts[head.ref.partition.workspace, head.quota_shard] == 0


def test_a_large_payload_goes_with_its_session(world: World) -> None:
    key, ref = new_object_key(), some_ref()
    version = world.store.put(ref, key, b"sealed")
    head = some_head(ref, exp=NOW, size=MAX_INLINE_BYTES + 1)
    sealed = SealedObject(1, key, version, 6, sha256(b"sealed"))
    world.sessions.create(
        head,
        payload=replace(some_payload(ref), sealed=sealed),
        latest=FIRST,
        shard_limit=100,
        event=some_event(ref),
    )
    assert world.expiry.sweep(limit=10)["expired"] == 1
    assert not world.store.there


def test_a_small_session_asks_for_no_object(world: World) -> None:
    world.add(exp=NOW)
    assert world.expiry.sweep(limit=10)["expired"] == 1
    assert not world.store.calls


def test_the_system_is_named_in_the_event(world: World) -> None:
    head = world.add(exp=NOW)
    world.expiry.sweep(limit=10)
    (event,) = world.expired()
    assert event.actor == SYSTEM
    assert event.sid == head.ref.sid
    assert event.workspace == head.ref.partition.workspace
    assert event.subject == head.ref.partition.user


def test_kept_sessions_are_never_due(world: World) -> None:
    head = world.add(exp=0)
    world.clock.pause(100 * 365 * 24 * HOUR)
    assert world.expiry.sweep(limit=10) == {"found": 0, "expired": 0, "overtaken": 0}
    assert world.there(head).status is SessionStatus.LIVE


def test_a_second_sweep_records_nothing_again(world: World) -> None:
    world.add(exp=NOW)
    world.expiry.sweep(limit=10)
    world.fresh().sweep(limit=10)
    assert len(world.expired()) == 1


def test_a_session_that_somebody_revoked_meanwhile_stays_theirs(world: World) -> None:
    head = world.add(exp=NOW)
    other = world.add(exp=NOW)
    world.sessions.revoked_meanwhile.add(head.ref)
    assert world.expiry.sweep(limit=10) == {"found": 2, "expired": 1, "overtaken": 1}
    assert world.there(head).ended_by == "user"
    assert [event.sid for event in world.expired()] == [other.ref.sid]


def test_a_lifetime_that_grew_after_the_index_was_asked_is_respected(world: World) -> None:
    head = world.add(exp=NOW)
    found = world.sessions.due(now=NOW, since=0, limit=10)
    world.sessions.heads[head.ref] = some_head(head.ref, exp=NOW + 60)
    world.sessions.due = lambda **_: found  # type: ignore[method-assign] # the index lags
    # Nobody was in the way: the head itself says that it is not due.
    assert world.expiry.sweep(limit=10) == {"found": 1, "expired": 0, "overtaken": 0}
    assert world.there(head).status is SessionStatus.LIVE


def test_a_backlog_is_worked_off_in_lots_the_oldest_first(world: World) -> None:
    heads = [world.add(exp=NOW - age) for age in (10, 30, 20)]
    assert world.expiry.sweep(limit=2)["expired"] == 2
    assert world.there(heads[0]).status is SessionStatus.LIVE
    assert world.expiry.sweep(limit=2)["expired"] == 1
    assert len(world.expired()) == 3


def test_what_came_due_while_the_job_was_down_for_two_days_is_found(world: World) -> None:
    world.expiry.sweep(limit=10)
    head = world.add(exp=NOW + 1)
    world.clock.pause(48 * HOUR)
    world.expiry.sweep(limit=10)
    assert world.there(head).status is SessionStatus.REVOKED
    again = world.add(exp=world.clock.now() + 1)
    world.clock.pause(48 * HOUR)
    world.fresh().sweep(limit=10)
    assert world.there(again).status is SessionStatus.REVOKED


def test_the_look_back_is_short_once_nothing_is_left_behind(world: World) -> None:
    for _ in range(3):
        world.expiry.sweep(limit=10)
        world.clock.pause(300)
    first, second, third = world.sessions.asked_since
    assert first <= NOW - 48 * HOUR
    assert second == NOW - HOUR
    assert third == NOW + 300 - HOUR


def test_what_was_held_up_is_looked_for_again_however_old_it_is(world: World) -> None:
    head = world.add(exp=NOW - 40 * HOUR)
    world.sessions.held.add(head.ref)
    assert world.expiry.sweep(limit=10)["overtaken"] == 1
    world.sessions.held.clear()
    world.clock.pause(300)
    assert world.expiry.sweep(limit=10)["expired"] == 1


def test_a_lot_that_was_full_is_no_reason_to_look_back_less(world: World) -> None:
    old = [world.add(exp=NOW - 40 * HOUR + n) for n in range(3)]
    for _ in old:
        world.expiry.sweep(limit=1)
    assert len(world.expired()) == 3
