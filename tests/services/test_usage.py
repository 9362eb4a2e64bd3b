"""When a process tells the others what its writes have added."""

import pytest

from chalicelib.domain.errors import Contended, StoreUnavailable
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import FLUSH_BYTES, FLUSH_SECONDS, FORGET_SECONDS, SETTINGS_AGE
from chalicelib.services.usage import Usage
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.sessions import MemorySessions
from tests.fakes.surroundings import FakeClock
from tests.fakes.usage import MemoryUsage

HERE, THERE = new_workspace_id(), new_workspace_id()


class Counters(MemoryUsage):
    """Counters that can be in the way; `added` has what was brought to them."""

    def __init__(self, sessions: MemorySessions) -> None:
        super().__init__(sessions)
        self.added: list[tuple[WorkspaceId, int]] = []
        self.trouble: Exception | None = None

    def add_bytes(self, workspace: WorkspaceId, difference: int, *, shard: int) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.added.append((workspace, difference))
        super().add_bytes(workspace, difference, shard=shard)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def counters() -> Counters:
    return Counters(MemoryAdapters().sessions)


@pytest.fixture
def usage(clock: FakeClock, counters: Counters) -> Usage:
    return Usage(clock=clock, store=counters)


def test_little_is_held_back_for_seconds_and_counts_here_at_once(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    for difference in (100, -30, 5):
        usage.hold(HERE, difference)
        usage.settle()
    assert counters.added == []
    assert usage.stored_bytes(HERE) == 75
    clock.pause(FLUSH_SECONDS)
    usage.settle()
    usage.settle()
    assert counters.added == [(HERE, 75)]
    assert usage.stored_bytes(HERE) == 75


@pytest.mark.parametrize("difference", [FLUSH_BYTES, -FLUSH_BYTES])
def test_much_is_brought_at_once(usage: Usage, counters: Counters, difference: int) -> None:
    usage.hold(THERE, 1)
    usage.hold(HERE, difference)
    usage.settle()
    assert counters.added == [(HERE, difference)]


def test_a_request_brings_the_sum_of_one_workspace_at_most(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    usage.hold(HERE, 1)
    usage.hold(THERE, 2)
    clock.pause(FLUSH_SECONDS)
    usage.settle()
    assert counters.added == [(HERE, 1)]
    usage.settle()
    assert counters.added == [(HERE, 1), (THERE, 2)]


def test_what_comes_to_nothing_is_not_brought(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    usage.hold(HERE, 7)
    usage.hold(HERE, -7)
    clock.pause(FLUSH_SECONDS)
    usage.settle()
    assert counters.added == []


def test_who_was_in_the_way_makes_it_wait_and_not_lose(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    usage.hold(HERE, FLUSH_BYTES)
    counters.trouble = Contended("another transaction held an item")
    usage.settle()
    assert usage.stored_bytes(HERE) == FLUSH_BYTES
    counters.trouble = None
    usage.settle()
    assert counters.added == [(HERE, FLUSH_BYTES)]
    clock.pause(SETTINGS_AGE)
    assert usage.stored_bytes(HERE) == FLUSH_BYTES


def test_what_may_have_been_added_is_never_added_twice(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    usage.hold(HERE, FLUSH_BYTES)
    counters.trouble = StoreUnavailable("The store did not answer. Try again in a moment.")
    usage.settle()
    counters.trouble = None
    clock.pause(FLUSH_SECONDS)
    usage.settle()
    assert counters.added == []


def test_a_process_that_slept_for_long_leaves_it_to_the_recount(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    usage.hold(HERE, 50)
    clock.pause(FORGET_SECONDS + 1)
    usage.hold(THERE, FLUSH_BYTES)
    usage.settle()
    usage.settle()
    assert counters.added == [(THERE, FLUSH_BYTES)]
    assert usage.stored_bytes(HERE) == 0


def test_the_sum_of_others_is_read_again_after_seconds_and_not_before(
    usage: Usage, counters: Counters, clock: FakeClock
) -> None:
    assert usage.stored_bytes(HERE) == 0
    counters.add_bytes(HERE, 500, shard=1)
    clock.pause(SETTINGS_AGE - 1)
    assert (usage.knows(HERE), usage.stored_bytes(HERE), counters.reads) == (True, 0, 1)
    clock.pause(1)
    assert (usage.knows(HERE), usage.stored_bytes(HERE), counters.reads) == (False, 500, 2)


def test_what_rides_along_is_known_as_if_it_was_read(usage: Usage, counters: Counters) -> None:
    usage.learn(HERE, None)
    assert not usage.knows(HERE)
    usage.learn(HERE, 40)
    usage.count(HERE, 2)
    assert (usage.stored_bytes(HERE), usage.stored_bytes(THERE), counters.reads) == (42, 0, 1)
