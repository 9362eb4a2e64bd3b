"""Whether counters that went wrong are repaired, and right ones left alone whatever goes on."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import FORGET_SECONDS
from chalicelib.domain.quotas import Counts, QuotaKind
from chalicelib.domain.sessions import Head
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.recounts import Recounts
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_partition,
    some_ref,
    some_workspace,
    some_workspace_keys,
)
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.usage import MemoryUsage

LONG_AGO = NOW - 40 * 86_400
QUIET = {"workspaces": 1, "corrected": 0, "overtaken": 0, "whole": 1}


class Traffic(MemoryUsage):
    """Counters that others change while they are compared: `act` runs after each look."""

    def __init__(self, adapters: MemoryAdapters) -> None:
        super().__init__(adapters.sessions)
        self.act: Callable[[int], None] = lambda _: None

    def counts(self, workspace: WorkspaceId) -> Counts:
        counts = super().counts(workspace)
        self.act(self.reads)
        return counts


class World:
    """One workspace with sessions in it, and its recount."""

    def __init__(self) -> None:
        self.adapters = MemoryAdapters()
        self.clock = self.adapters.clock
        self.usage = Traffic(self.adapters)
        self.recounts = Recounts(
            clock=self.clock, store=self.usage, workspaces=self.adapters.workspaces
        )
        self.workspace = self.add_workspace()

    def add_workspace(self) -> Workspace:
        made = some_workspace(created_at=LONG_AGO)
        self.adapters.workspaces.create(
            made, keys=some_workspace_keys(made.id), owner=None, events=[]
        )
        return made

    def add(self, *, at: int = LONG_AGO, **changes: object) -> Head:
        words = {"created_at": at, "updated_at": at, "size": 100, **changes}
        head = some_head(some_ref(some_partition(self.workspace.id), at=at), **words)
        self.adapters.sessions.create(
            head, payload=None, latest=FIRST, shard_limit=10**6, event=some_event(head.ref)
        )
        return head

    def end(self, head: Head) -> None:
        there = self.adapters.sessions.heads[head.ref]
        self.adapters.sessions.end(
            there, by="user", now=self.clock.now(), event=some_event(head.ref)
        )

    def vanish(self, head: Head) -> None:
        """Remove a row as DynamoDB's own sweeper does."""
        del self.adapters.sessions.heads[head.ref]

    def recount(self, seconds: float = 840) -> dict[str, int]:
        return dict(self.recounts.run(seconds=seconds))

    def sums(self) -> tuple[int, int]:
        counts = MemoryUsage(self.adapters.sessions).counts(self.workspace.id)
        return counts.live_sessions, counts.stored_bytes

    def wrong(self) -> set[WorkspaceId]:
        """Answer the workspaces that are said to hold bytes, where nobody holds any."""
        found = MemoryUsage(self.adapters.sessions)
        every = [workspace.id for workspace in self.adapters.workspaces.all()]
        return {each for each in every if found.counts(each).stored_bytes}


@pytest.fixture
def world() -> World:
    return World()


def test_counters_that_are_right_are_left_alone(world: World) -> None:
    for size in (0, 5, 900):
        world.add(size=size)
    world.end(world.add())
    assert world.recount() == QUIET
    assert world.sums() == (3, 905)


def test_sessions_whose_rows_were_swept_without_being_ended_are_uncounted(world: World) -> None:
    kept = world.add()
    for shard in (1, 1, 6):
        world.vanish(world.add(quota_shard=shard, exp=LONG_AGO + 60))
    assert world.sums() == (4, 400)
    assert world.recount() == {**QUIET, "corrected": 3}
    assert world.sums() == (1, 100)
    counts = world.usage.counts(world.workspace.id).sessions
    assert counts[kept.quota_shard].count == 1
    assert world.recount() == QUIET


def test_a_session_that_is_due_and_not_yet_ended_is_counted_until_it_is(world: World) -> None:
    head = world.add(exp=LONG_AGO + 60)
    assert world.recount() == QUIET
    world.end(head)
    assert world.recount() == QUIET
    assert world.sums() == (0, 0)


@pytest.mark.parametrize("lost", [7, -7, 5_000_000])
def test_bytes_that_a_process_took_with_it_are_found(world: World, lost: int) -> None:
    world.add(size=10_000)
    world.usage.add_bytes(world.workspace.id, -lost, shard=3)
    assert world.recount()["corrected"] == 1
    assert world.sums() == (1, 10_000)


def test_counts_below_what_is_there_are_raised_as_well(world: World) -> None:
    head = world.add()
    world.adapters.sessions.counts[world.workspace.id, head.quota_shard] = 0
    assert world.recount()["corrected"] == 1
    assert world.sums() == (1, 100)


def test_bytes_that_may_still_be_held_back_by_a_process_are_no_error(world: World) -> None:
    head = world.add(size=10_000, updated_at=NOW - 10)
    world.usage.add_bytes(world.workspace.id, -60_000, shard=0)
    assert world.recount() == QUIET
    # Whoever held them back has brought them in by now, or never will.
    world.clock.pause(FORGET_SECONDS + 120)
    assert world.recount()["corrected"] == 1
    assert world.sums() == (1, head.size)


def test_what_begins_and_ends_during_the_recount_is_no_error(world: World) -> None:
    ends = [world.add() for _ in range(10)]

    def act(look: int) -> None:
        for _ in range(20):
            world.add(at=world.clock.now())
        for head in ends[5 * (look - 1) : 5 * look]:
            world.end(head)

    world.usage.act = act
    assert world.recount() == QUIET
    assert world.sums() == (25, 25 * 100)


def test_a_write_that_is_counted_after_it_happened_is_no_error(world: World) -> None:
    head = world.add(size=0)

    def act(look: int) -> None:
        if look == 1:  # A large write, between the counters and the heads.
            there = world.adapters.sessions.heads[head.ref]
            world.adapters.sessions.heads[head.ref] = replace(
                there, size=3_000_000, updated_at=world.clock.now()
            )
            world.usage.add_bytes(world.workspace.id, 3_000_000, shard=2)

    world.usage.act = act
    assert world.recount() == QUIET
    assert world.sums() == (1, 3_000_000)


def test_an_error_is_repaired_exactly_while_others_begin_and_end_sessions(world: World) -> None:
    ends = [world.add(quota_shard=2) for _ in range(4)]
    for _ in range(50):
        world.vanish(world.add(quota_shard=2))

    def act(look: int) -> None:
        for _ in range(3):
            world.add(at=world.clock.now(), quota_shard=2)
        world.end(ends[look])

    world.usage.act = act
    assert world.recount()["corrected"] >= 1
    world.usage.act = lambda _: None
    # Beside what went on, which may hide as much as itself, all fifty are gone.
    live = sum(head.is_live(NOW) for head in world.adapters.sessions.heads.values())
    assert live <= world.sums()[0] <= live + 2 * 4
    world.clock.pause(FORGET_SECONDS + 120)
    world.recount()
    assert world.sums() == (live, live * 100)


def test_an_index_that_lags_behind_at_first_is_no_error(world: World) -> None:
    late = world.add()
    find = world.usage.heads

    def lagging(workspace: WorkspaceId, *, since: int, until: int) -> list[Head]:
        found = find(workspace, since=since, until=until)
        return [head for head in found if head.ref != late.ref or world.usage.reads > 1]

    world.usage.heads = lagging  # type: ignore[method-assign,assignment]
    assert world.recount() == QUIET
    assert world.sums() == (1, 100)


def test_who_was_overtaken_by_another_recount_corrects_nothing(world: World) -> None:
    world.vanish(world.add(quota_shard=4))
    before = world.usage.counts(world.workspace.id)

    def act(look: int) -> None:
        if look == 3:
            for kind, shard, amount in (
                (QuotaKind.SESSIONS, 4, -1),
                (QuotaKind.BYTES, 0, -100),
            ):
                counters = before.sessions if kind is QuotaKind.SESSIONS else before.stored
                world.usage.correct(
                    world.workspace.id,
                    kind,
                    shard,
                    difference=amount,
                    before=counters[shard],
                    now=NOW,
                )

    world.usage.act = act
    assert world.recount() == {**QUIET, "overtaken": 2}
    assert world.sums() == (0, 0)


def test_a_quiet_workspace_is_looked_at_once_and_never_waited_for(world: World) -> None:
    for _ in range(4):
        world.add_workspace()
    world.add()
    began = world.clock.monotonic()
    assert world.recount() == {**QUIET, "workspaces": 5}
    assert world.clock.monotonic() == began
    assert world.usage.reads == 5


def test_every_workspace_is_corrected_by_its_own_sessions(world: World) -> None:
    neighbour = world.add_workspace()
    world.add()
    world.usage.add_bytes(neighbour.id, 50, shard=1)
    assert world.recount() == {**QUIET, "workspaces": 2, "corrected": 1}
    assert world.sums() == (1, 100)
    assert MemoryUsage(world.adapters.sessions).counts(neighbour.id).stored_bytes == 0


def test_a_run_ends_when_its_time_is_over(world: World) -> None:
    for _ in range(9):
        world.add_workspace()
    world.usage.act = lambda _: world.clock.pause(10)
    assert world.recount(seconds=35) == {**QUIET, "workspaces": 4, "whole": 0}
    assert world.usage.reads == 4
    assert world.recount(seconds=100) == {**QUIET, "workspaces": 10}


def test_runs_that_reach_a_part_each_reach_every_workspace_together(world: World) -> None:
    for _ in range(9):
        world.usage.add_bytes(world.add_workspace().id, 50, shard=1)
    world.usage.act = lambda _: world.clock.pause(5)
    left, runs = 9, 0
    while left:
        # Time for one that is wrong, with the pause between two measurements, or a few others.
        outcome = world.recount(seconds=30)
        assert outcome["workspaces"] < 10
        left -= outcome["corrected"]
        assert len(world.wrong()) == left
        runs += 1
        assert runs < 500
    assert runs >= 9


@pytest.mark.parametrize("seconds", range(1, 60, 7))
def test_a_count_that_is_cut_off_corrects_nothing(world: World, seconds: int) -> None:
    for _ in range(30):
        world.add()
    world.usage.add_bytes(world.workspace.id, 50, shard=1)
    find = world.usage.heads

    def slow(workspace: WorkspaceId, *, since: int, until: int) -> Iterator[Head]:
        for head in find(workspace, since=since, until=until):
            world.clock.pause(1)
            yield head

    world.usage.heads = slow  # type: ignore[method-assign]
    assert world.recount(seconds=seconds) == {**QUIET, "workspaces": 0, "whole": 0}
    assert world.sums() == (30, 3_050)
    assert world.recount(seconds=80)["corrected"] == 1
    assert world.sums() == (30, 3_000)
