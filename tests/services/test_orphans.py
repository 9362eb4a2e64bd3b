"""The sweep of objects takes what nothing points to, and nothing else, run after run."""

from dataclasses import dataclass, field, replace

import pytest

from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.limits import ORPHAN_SECONDS
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.sessions import SessionRef
from chalicelib.services.orphans import Orphans
from tests.builders import FIRST, NOW, some_event, some_head, some_payload, some_ref
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.objects import MemoryObjects

BODY = b"sealed"


@dataclass
class World:
    adapters: MemoryAdapters = field(default_factory=MemoryAdapters)

    def __post_init__(self) -> None:
        self.clock, self.objects = self.adapters.clock, self.adapters.objects
        self.orphans = Orphans(
            clock=self.clock, store=self.objects, payloads=self.adapters.payloads
        )

    def orphan(self, ref: SessionRef | None = None) -> str:
        key = new_object_key()
        self.objects.put(ref or some_ref(), key, BODY)
        return key

    def used(self) -> tuple[SessionRef, str]:
        """Create a session whose row points to an object."""
        ref, key = some_ref(), new_object_key()
        version = self.objects.put(ref, key, BODY)
        sealed = SealedObject(1, key, version, len(BODY), sha256(BODY))
        self.adapters.sessions.create(
            some_head(ref),
            payload=replace(some_payload(ref), sealed=sealed),
            latest=FIRST,
            shard_limit=100,
            event=some_event(ref),
        )
        return ref, key

    def sweep(self, limit: int = 1_000, seconds: float = 60) -> dict[str, int]:
        return dict(self.orphans.sweep(limit=limit, seconds=seconds))


@pytest.fixture
def world() -> World:
    return World()


def test_what_nothing_points_to_goes_after_a_day_and_not_before(world: World) -> None:
    world.orphan()
    world.clock.pause(ORPHAN_SECONDS - 1)
    assert world.sweep() == {"seen": 1, "removed": 0, "strange": 0, "whole": 1}
    world.clock.pause(1)
    assert world.sweep() == {"seen": 1, "removed": 1, "strange": 0, "whole": 1}
    assert world.sweep() == {"seen": 0, "removed": 0, "strange": 0, "whole": 1}


def test_what_a_row_points_to_stays_for_ever(world: World) -> None:
    keys = {world.used()[1] for _ in range(5)}
    ref, key = world.used()
    strays = {world.orphan(ref), world.orphan()}
    world.clock.pause(100 * ORPHAN_SECONDS)
    assert world.sweep() == {"seen": 8, "removed": 2, "strange": 0, "whole": 1}
    assert world.objects.there.keys() == keys | {key}
    assert not strays & world.objects.there.keys()


def test_the_object_of_a_session_that_ended_goes(world: World) -> None:
    ref, _ = world.used()
    head = world.adapters.sessions.heads[ref]
    world.adapters.sessions.end(head, by="user", now=NOW, event=some_event(ref))
    world.clock.pause(ORPHAN_SECONDS)
    assert world.sweep()["removed"] == 1


def test_runs_that_reach_a_part_each_reach_everything_together(world: World) -> None:
    kept = {world.used()[1] for _ in range(10)}
    for _ in range(30):
        world.orphan()
    world.clock.pause(ORPHAN_SECONDS)
    runs = 0
    while len(world.objects.there) > len(kept):
        assert world.sweep(limit=4)["seen"] == 4
        runs += 1
        assert runs < 500
    assert runs >= 30 // 4
    assert world.objects.there.keys() == kept


def test_a_run_ends_when_its_time_is_over(world: World) -> None:
    class Slow(MemoryObjects):
        def delete(self, key: str) -> None:
            world.clock.pause(10)
            super().delete(key)

    slow = Slow(world.clock)
    orphans = Orphans(clock=world.clock, store=slow, payloads=world.adapters.payloads)
    for _ in range(9):
        slow.put(some_ref(), new_object_key(), BODY)
    world.clock.pause(ORPHAN_SECONDS)
    assert orphans.sweep(limit=100, seconds=25) == {
        "seen": 3,
        "removed": 3,
        "strange": 0,
        "whole": 0,
    }


def test_what_is_not_ours_is_counted_and_left_alone(world: World) -> None:
    class Strange(MemoryObjects):
        def describe(self, key: str, version: str | None = None) -> None:
            del key, version

    strange = Strange(world.clock)
    orphans = Orphans(clock=world.clock, store=strange, payloads=world.adapters.payloads)
    strange.put(some_ref(), new_object_key(), BODY)
    world.clock.pause(ORPHAN_SECONDS)
    assert orphans.sweep(limit=9, seconds=9)["strange"] == 1
    assert len(strange.there) == 1


def test_a_store_that_does_not_answer_fails_the_run_and_removes_nothing(world: World) -> None:
    world.used()
    world.clock.pause(ORPHAN_SECONDS)
    world.objects.is_reachable = False
    with pytest.raises(StoreUnavailable):
        world.sweep()
    assert len(world.objects.there) == 1
