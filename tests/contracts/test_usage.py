"""What every store of usage does."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.errors import Contended, ShardFull, Stale
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import QUOTA_SHARDS
from chalicelib.domain.ports.sessions import Extras
from chalicelib.domain.quotas import Counter, QuotaKind, rooms
from chalicelib.domain.sessions import Head
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_partition,
    some_payload,
    some_ref,
    some_sealed,
)
from tests.contracts.directory import at_once
from tests.contracts.stores import Neighbour, Stores, next_door

DAY = 86_400
NOTHING = (Counter(),) * QUOTA_SHARDS


def head_in(workspace: WorkspaceId, **changes: object) -> Head:
    return some_head(some_ref(some_partition(workspace)), **changes)


def sums(stores: Stores, workspace: WorkspaceId) -> tuple[int, int]:
    counts = stores.usage.counts(workspace)
    return counts.live_sessions, counts.stored_bytes


def test_a_workspace_without_sessions_holds_nothing(stores: Stores) -> None:
    counts = stores.usage.counts(new_workspace_id())
    assert (counts.sessions, counts.stored) == (NOTHING, NOTHING)
    assert (counts.live_sessions, counts.stored_bytes) == (0, 0)


def test_sessions_and_their_bytes_are_counted_in_the_shard_of_each(stores: Stores) -> None:
    workspace = new_workspace_id()
    for shard, size in ((0, 5), (0, 7), (3, 11), (7, 0)):
        stores.add(head_in(workspace, quota_shard=shard, size=size))
    counts = stores.usage.counts(workspace)
    assert [counter.count for counter in counts.sessions] == [2, 0, 0, 1, 0, 0, 0, 1]
    assert [counter.count for counter in counts.stored] == [12, 0, 0, 11, 0, 0, 0, 0]


def test_an_end_gives_back_the_session_and_its_bytes(stores: Stores) -> None:
    workspace = new_workspace_id()
    kept, revoked, expired = (
        stores.add(head_in(workspace, size=size, exp=NOW + 60)) for size in (1, 20, 300)
    )
    stores.sessions.end(revoked, by="user", now=NOW, event=some_event(revoked.ref))
    stores.sessions.expire(expired, now=NOW + 60, event=some_event(expired.ref))
    assert sums(stores, workspace) == (1, kept.size)


def test_who_read_another_size_ends_nothing(stores: Stores) -> None:
    head = stores.add(some_head(size=9, exp=NOW))
    read = replace(head, size=8)
    with pytest.raises(Stale):
        stores.sessions.end(read, by="user", now=NOW, event=some_event(head.ref))
    with pytest.raises(Stale):
        stores.sessions.expire(read, now=NOW, event=some_event(head.ref))
    assert stores.sessions.head(head.ref) == head
    assert sums(stores, head.ref.partition.workspace) == (1, 9)


def test_a_full_shard_takes_no_bytes_either(stores: Stores) -> None:
    head = some_head(size=9)
    with pytest.raises(ShardFull):
        stores.sessions.create(
            head,
            payload=some_payload(head.ref),
            latest=FIRST,
            shard_limit=0,
            event=some_event(head.ref),
        )
    assert sums(stores, head.ref.partition.workspace) == (0, 0)


def test_bytes_are_added_and_taken_off_in_any_shard(stores: Stores) -> None:
    workspace = new_workspace_id()
    for difference, shard in ((100, 0), (-30, 7), (5, 7)):
        stores.usage.add_bytes(workspace, difference, shard=shard)
    assert sums(stores, workspace) == (0, 75)


def test_bytes_that_are_added_at_once_are_all_there(stores: Stores) -> None:
    workspace = new_workspace_id()

    def add() -> None:
        while True:
            try:
                return stores.usage.add_bytes(workspace, 3, shard=2)
            except Contended:
                continue

    at_once([add] * 8)
    assert sums(stores, workspace) == (0, 24)


@next_door
def test_the_sum_rides_along_with_a_read_and_is_the_workspaces_own(
    stores: Stores, neighbour: Neighbour
) -> None:
    head = stores.add(some_head(size=40))
    workspace = head.ref.partition.workspace
    stores.usage.add_bytes(workspace, 2, shard=4)
    other = neighbour(head.ref.partition)
    theirs = 42 if other.workspace == workspace else 0
    for partition, expected in ((head.ref.partition, 42), (other, theirs)):
        ref = replace(head.ref, partition=partition)
        for store in (stores.sessions, stores.payloads):
            assert store.fetch(ref, Extras(stored_bytes=True)).stored_bytes == expected
            assert store.fetch(ref, Extras()).stored_bytes is None


def test_a_correction_is_added_to_what_others_add(stores: Stores) -> None:
    workspace = new_workspace_id()
    stores.usage.add_bytes(workspace, 100, shard=1)
    before = stores.usage.counts(workspace).stored[1]
    stores.usage.add_bytes(workspace, 5, shard=1)
    stores.usage.correct(workspace, QuotaKind.BYTES, 1, difference=-60, before=before, now=NOW)
    assert stores.usage.counts(workspace).stored[1] == Counter(45, NOW)


@pytest.mark.parametrize("kind", QuotaKind)
def test_a_counter_that_nobody_made_yet_can_be_corrected(stores: Stores, kind: QuotaKind) -> None:
    workspace = new_workspace_id()
    stores.usage.correct(workspace, kind, 6, difference=2, before=Counter(), now=NOW)
    assert sums(stores, workspace) == ((2, 0) if kind is QuotaKind.SESSIONS else (0, 2))


def test_two_recounts_of_one_state_correct_once(stores: Stores) -> None:
    workspace = new_workspace_id()
    before = stores.usage.counts(workspace).sessions[0]
    for first in (Counter(), Counter(4, NOW)):
        correct = partial(
            stores.usage.correct,
            workspace,
            QuotaKind.SESSIONS,
            0,
            difference=4,
            before=first,
            now=first.recounted_at + NOW,
        )
        correct()
        with pytest.raises(Stale):
            correct()
    assert before == Counter()
    assert stores.usage.counts(workspace).sessions[0] == Counter(8, 2 * NOW)


def test_every_head_of_a_workspace_is_found_from_one_moment_to_another(stores: Stores) -> None:
    workspace = new_workspace_id()
    times = [NOW, NOW + 1, NOW + 40 * DAY, NOW + 400 * DAY, NOW + 400 * DAY + 1]
    made = [stores.add(head_in(workspace, created_at=at, seed=some_sealed())) for at in times]
    heads = [replace(head, who=None, seed=None) for head in made]
    stores.add(head_in(new_workspace_id(), created_at=NOW))

    def found(since: int, until: int) -> list[Head]:
        return sorted(
            stores.usage.heads(workspace, since=since, until=until), key=lambda h: h.created_at
        )

    assert found(NOW, NOW + 400 * DAY + 1) == heads
    assert found(NOW + 1, NOW + 400 * DAY) == heads[1:4]
    assert found(NOW + 2, NOW + 39 * DAY) == []


def test_more_heads_than_a_page_are_found_and_ended_ones_with_them(stores: Stores) -> None:
    partition = some_partition()
    heads = [stores.add(some_head(some_ref(partition))) for _ in range(60)]
    stores.sessions.end(heads[7], by="user", now=NOW, event=some_event(heads[7].ref))
    found = {
        head.ref: head.status
        for head in stores.usage.heads(partition.workspace, since=NOW, until=NOW)
    }
    assert set(found) == {head.ref for head in heads}
    assert [ref for ref, status in found.items() if status != "live"] == [heads[7].ref]


@pytest.mark.parametrize(("quota", "there"), [(5, []), (9, []), (12, [6, 2])])
def test_of_many_who_begin_at_once_exactly_the_quota_gets_in(
    stores: Stores, quota: int, there: list[int]
) -> None:
    workspace = new_workspace_id()
    for shard, count in enumerate(there):
        for _ in range(count):
            stores.add(head_in(workspace, quota_shard=shard))

    def begin(number: int) -> bool:
        head = head_in(workspace)
        while True:
            counts = [counter.count for counter in stores.usage.counts(workspace).sessions]
            free = rooms(quota, counts, first=number % QUOTA_SHARDS)
            if not free:
                return False
            for room in free:
                try:
                    stores.sessions.create(
                        replace(head, quota_shard=room.shard),
                        payload=None,
                        latest=FIRST,
                        shard_limit=room.limit,
                        event=some_event(head.ref),
                    )
                except (ShardFull, Contended):
                    continue
                return True

    outcomes = at_once([partial(begin, number) for number in range(16)])
    assert sum(outcomes) == quota - sum(there)
    assert sums(stores, workspace)[0] == quota


def test_nothing_is_counted_next_door(stores: Stores) -> None:
    head = stores.add(some_head(size=3))
    workspace = head.ref.partition.workspace
    stores.usage.add_bytes(workspace, 9, shard=0)
    for other in (new_workspace_id(), WorkspaceId(workspace[:-1])):
        assert sums(stores, other) == (0, 0)
        assert list(stores.usage.heads(other, since=NOW, until=NOW + DAY)) == []
