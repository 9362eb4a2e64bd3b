"""What every session store does."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.errors import Contended, ShardFull, Stale
from chalicelib.domain.ids import (
    AppId,
    SessionId,
    UserId,
    new_grant_id,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.ports.sessions import Latest
from chalicelib.domain.sessions import Head, SessionRef, SessionStatus
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_partition,
    some_payload,
    some_ref,
    some_sealed,
    some_write,
)
from tests.contracts.directory import at_once
from tests.contracts.stores import PLENTY, Neighbour, Stores, next_door

HOUR = 3_600


def full_head() -> Head:
    return some_head(
        exp=NOW + 60,
        rev=3,
        size=11,
        keys=2,
        dead={new_grant_id(): NOW + 900, new_grant_id(): NOW + 1},
        seed=some_sealed(2),
        last_seen_at=NOW + 1,
        updated_at=NOW + 2,
    )


def some_last_second() -> int:
    """The last second of an hour that no other test looks at."""
    return (NOW // HOUR + 1 + secrets.randbelow(1_000_000)) * HOUR - 1


def test_a_session_is_read_back_as_it_was_created(stores: Stores) -> None:
    head = stores.add(full_head())
    assert stores.sessions.head(head.ref) == head


def test_a_session_without_anything_optional_is_read_back(stores: Stores) -> None:
    head = stores.add(some_head(who=None))
    assert stores.sessions.head(head.ref) == head


def test_what_was_not_created_is_not_there(stores: Stores) -> None:
    ref = some_ref()
    assert stores.sessions.head(ref) is None
    assert stores.sessions.latest(ref.partition).sid is None
    assert stores.sessions.of(ref.partition) == []


def test_a_creation_is_the_newest_counted_recorded_and_has_its_payload(stores: Stores) -> None:
    head = some_head()
    payload = some_payload(head.ref)
    event = some_event(head.ref)
    stores.sessions.create(head, payload=payload, latest=FIRST, shard_limit=1, event=event)
    assert stores.sessions.latest(head.ref.partition).sid == head.ref.sid
    assert stores.counted(head) == 1
    assert stores.events(head.ref) == [event]
    assert stores.payload(head.ref) == payload


def test_a_session_can_be_created_without_a_payload(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    assert stores.payload(head.ref) is None


def test_heads_of_a_partition_come_newest_last(stores: Stores) -> None:
    partition = some_partition()
    heads = [some_head(some_ref(partition, at=NOW + n), created_at=NOW + n) for n in range(3)]
    for head in (heads[1], heads[2], heads[0]):
        stores.add(head)
    assert stores.sessions.of(partition) == [replace(one, who=None) for one in heads]


def test_a_list_of_heads_brings_everything_but_what_is_sealed(stores: Stores) -> None:
    head = stores.add(full_head())
    there = stores.there(head.ref)
    assert there.who is not None
    assert there.seed is not None
    assert stores.sessions.of(head.ref.partition) == [replace(there, who=None, seed=None)]
    stores.sessions.end(head, by="user", now=NOW + 5, event=some_event(head.ref))
    ended = stores.there(head.ref)
    assert stores.sessions.of(head.ref.partition) == [replace(ended, who=None, seed=None)]


def test_heads_of_a_person_come_from_all_applications_and_from_nobody_else(stores: Stores) -> None:
    notes = some_partition()
    forms = replace(notes, app=AppId("forms"))
    heads = [stores.add(some_head(some_ref(partition))) for partition in (notes, forms)]
    for other in (
        replace(notes, workspace=new_workspace_id()),
        replace(notes, user=new_user_id()),
        replace(notes, user=UserId(notes.user // 10 + 10**15)),
    ):
        stores.add(some_head(some_ref(other)))
    found = stores.sessions.of_person(notes.person)
    assert sorted(found, key=str) == sorted((replace(one, who=None) for one in heads), key=str)


@pytest.mark.parametrize("read", ["nothing", "another"])
def test_who_read_another_newest_creates_nothing(stores: Stores, read: str) -> None:
    first = stores.add()
    second = some_head(some_ref(first.ref.partition), quota_shard=first.quota_shard)
    with pytest.raises(Stale):
        stores.sessions.create(
            second,
            payload=some_payload(second.ref),
            latest=FIRST if read == "nothing" else Latest(second.ref.sid, 1),
            shard_limit=PLENTY,
            event=some_event(second.ref),
        )
    assert stores.sessions.head(second.ref) is None
    assert stores.payload(second.ref) is None
    assert stores.sessions.latest(first.ref.partition).sid == first.ref.sid
    assert stores.counted(first) == 1
    assert len(stores.events(first.ref)) == 1


def test_who_read_a_newest_where_there_is_none_creates_nothing(stores: Stores) -> None:
    head = some_head()
    with pytest.raises(Stale):
        stores.sessions.create(
            head,
            payload=None,
            latest=Latest(head.ref.sid, 1),
            shard_limit=PLENTY,
            event=some_event(head.ref),
        )
    assert stores.sessions.head(head.ref) is None


def test_the_same_session_is_not_created_twice(stores: Stores) -> None:
    head = stores.add(full_head())
    with pytest.raises(Stale):
        stores.add(replace(head, rev=9))
    assert stores.sessions.head(head.ref) == head
    assert stores.counted(head) == 1


def test_a_known_event_refuses_the_whole_creation(stores: Stores) -> None:
    head = some_head()
    event = some_event(head.ref)
    stores.audit.append(event)
    with pytest.raises(Stale):
        stores.sessions.create(head, payload=None, latest=FIRST, shard_limit=PLENTY, event=event)
    assert stores.sessions.head(head.ref) is None
    assert stores.sessions.latest(head.ref.partition).sid is None
    assert stores.counted(head) == 0


def test_a_full_shard_takes_no_further_session(stores: Stores) -> None:
    first = stores.add()
    workspace = first.ref.partition.workspace
    second = some_head(some_ref(some_partition(workspace)), quota_shard=first.quota_shard)
    with pytest.raises(ShardFull):
        stores.sessions.create(
            second,
            payload=some_payload(second.ref),
            latest=FIRST,
            shard_limit=1,
            event=some_event(second.ref),
        )
    assert stores.sessions.head(second.ref) is None
    assert stores.sessions.latest(second.ref.partition).sid is None
    assert stores.payload(second.ref) is None
    assert stores.counted(first) == 1
    assert len(stores.events(first.ref)) == 1


def test_a_limit_of_nothing_takes_no_session(stores: Stores) -> None:
    head = some_head()
    with pytest.raises(ShardFull):
        stores.sessions.create(
            head, payload=None, latest=FIRST, shard_limit=0, event=some_event(head.ref)
        )


def test_a_full_shard_of_one_workspace_is_no_limit_to_another(stores: Stores) -> None:
    first = stores.add(some_head(quota_shard=1))
    here = some_head(some_ref(some_partition(first.ref.partition.workspace)), quota_shard=2)
    there = some_head(quota_shard=1)
    for head in (here, there):
        stores.sessions.create(
            head, payload=None, latest=FIRST, shard_limit=1, event=some_event(head.ref)
        )
        assert stores.counted(head) == 1


def test_a_stale_creation_in_a_full_shard_is_stale_and_not_over_quota(stores: Stores) -> None:
    first = stores.add()
    second = some_head(some_ref(first.ref.partition), quota_shard=first.quota_shard)
    with pytest.raises(Stale):
        stores.sessions.create(
            second, payload=None, latest=FIRST, shard_limit=1, event=some_event(second.ref)
        )


def test_a_partition_knows_how_many_sessions_were_not_ended(stores: Stores) -> None:
    partition = some_partition()
    assert stores.sessions.latest(partition).live == 0
    heads = [stores.add(some_head(some_ref(partition, at=NOW + n), exp=NOW)) for n in range(3)]
    assert stores.sessions.latest(partition).live == 3
    stores.sessions.end(heads[0], by="owner", now=NOW, event=some_event(heads[0].ref))
    stores.sessions.expire(heads[2], now=NOW, event=some_event(heads[2].ref))
    assert stores.sessions.latest(partition) == Latest(heads[2].ref.sid, 1)
    # Others meanwhile: who read another number creates nothing, whichever is the newest.
    for live in (0, 2, None):
        with pytest.raises(Stale):
            create_after(stores, some_head(some_ref(partition)), Latest(heads[2].ref.sid, live))
    assert len(stores.sessions.of(partition)) == 3


def test_a_partition_of_before_is_counted_by_who_comes_next(stores: Stores) -> None:
    head = stores.add()
    other = stores.add(some_head(some_ref(head.ref.partition)))
    partition = head.ref.partition
    stores.uncount(partition)
    uncounted = Latest(other.ref.sid, None)
    assert stores.sessions.latest(partition) == uncounted
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    assert stores.sessions.latest(partition) == uncounted
    assert stores.counted(head) == (1 if head.quota_shard == other.quota_shard else 0)
    for wrong in (Latest(other.ref.sid, 2), Latest(head.ref.sid, None)):
        with pytest.raises(Stale):
            stores.sessions.recount(partition, wrong, live=1)
    stores.sessions.recount(partition, uncounted, live=1)
    assert stores.sessions.latest(partition) == Latest(other.ref.sid, 1)
    with pytest.raises(Stale):
        stores.sessions.recount(partition, uncounted, live=1)


@next_door
def test_next_door_sessions_are_counted_apart(stores: Stores, neighbour: Neighbour) -> None:
    mine = stores.add()
    theirs = stores.add(some_head(SessionRef(neighbour(mine.ref.partition), mine.ref.sid)))
    stores.sessions.end(theirs, by="owner", now=NOW, event=some_event(theirs.ref))
    assert stores.sessions.latest(mine.ref.partition).live == 1
    assert stores.sessions.latest(theirs.ref.partition).live == 0


def test_ends_and_creations_at_once_leave_the_right_number(stores: Stores) -> None:
    partition = some_partition()
    first = [stores.add(some_head(some_ref(partition))) for _ in range(4)]
    at_once(
        [
            *(partial(ended, stores, head) for head in first),
            *(partial(insisted, stores, some_head(some_ref(partition))) for _ in range(4)),
        ]
    )
    assert stores.sessions.latest(partition).live == 4
    assert len(stores.sessions.of(partition)) == 8


@next_door
def test_next_door_there_is_no_such_session(stores: Stores, neighbour: Neighbour) -> None:
    head = stores.add(full_head())
    other = neighbour(head.ref.partition)
    assert stores.sessions.head(replace(head.ref, partition=other)) is None
    assert stores.sessions.latest(other).sid is None
    assert stores.sessions.of(other) == []


@next_door
def test_next_door_nobody_can_change_or_end_a_session(stores: Stores, neighbour: Neighbour) -> None:
    head = stores.add(full_head())
    ref = SessionRef(neighbour(head.ref.partition), head.ref.sid)
    theirs = replace(head, ref=ref)
    with pytest.raises(Stale):
        stores.sessions.change_access(theirs, replace(theirs, rev=9), some_event(ref))
    late = replace(theirs, rev=9, updated_at=NOW + 60)
    with pytest.raises(Stale):
        stores.sessions.mark_over(theirs, late, some_event(ref))
    with pytest.raises(Stale):
        stores.sessions.end(theirs, by="owner", now=NOW, event=some_event(ref))
    with pytest.raises(Stale):
        stores.sessions.expire(theirs, now=NOW + 60, event=some_event(ref))
    assert stores.sessions.head(head.ref) == head
    assert stores.payload(head.ref) is not None
    assert stores.counted(head) == 1
    assert len(stores.events(head.ref)) == 1


@next_door
def test_next_door_a_session_of_the_same_id_is_another_one(
    stores: Stores, neighbour: Neighbour
) -> None:
    mine = stores.add(full_head())
    theirs = stores.add(some_head(SessionRef(neighbour(mine.ref.partition), mine.ref.sid)))
    stores.sessions.end(theirs, by="owner", now=NOW, event=some_event(theirs.ref))
    assert stores.sessions.head(mine.ref) == mine
    assert stores.sessions.of(mine.ref.partition) == [replace(mine, who=None, seed=None)]
    assert stores.payload(mine.ref) is not None


def test_changed_access_is_stored_and_recorded_and_nothing_else_changes(stores: Stores) -> None:
    before = stores.add(full_head())
    after = before.without_grant(new_grant_id(), until=NOW + 900, now=NOW + 5)
    event = some_event(before.ref)
    stores.sessions.change_access(before, after, event)
    assert stores.sessions.head(before.ref) == after
    assert event in stores.events(before.ref)
    assert stores.payload(before.ref) is not None


def test_a_raised_revision_is_stored(stores: Stores) -> None:
    before = stores.add(some_head(dead={new_grant_id(): NOW + 9}))
    after = replace(before, rev=2, dead={})
    stores.sessions.change_access(before, after, some_event(before.ref))
    assert stores.sessions.head(before.ref) == after


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"rev": 2}, id="rev"),
        pytest.param({"dead": {"gother": NOW + 9}}, id="dead"),
        pytest.param({"dead": {}}, id="no-longer-dead"),
    ],
)
def test_who_read_other_access_changes_nothing(stores: Stores, changed: dict[str, object]) -> None:
    head = stores.add(some_head(dead={new_grant_id(): NOW + 9}))
    read = replace(head, **changed)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        stores.sessions.change_access(read, replace(head, rev=7), some_event(head.ref))
    assert stores.sessions.head(head.ref) == head
    assert len(stores.events(head.ref)) == 1


def test_the_access_of_a_session_changes_until_the_second_before_its_exp(stores: Stores) -> None:
    head = stores.add(some_head(exp=NOW + 60))
    late = replace(head, rev=2, updated_at=NOW + 60)
    with pytest.raises(Stale):
        stores.sessions.change_access(head, late, some_event(head.ref))
    assert stores.sessions.head(head.ref) == head
    in_time = replace(late, updated_at=NOW + 59)
    stores.sessions.change_access(head, in_time, some_event(head.ref))
    assert stores.sessions.head(head.ref) == in_time


@pytest.mark.parametrize("seeded", [False, True])
@pytest.mark.parametrize(("exp", "later"), [(0, NOW + 60), (NOW + 60, 0), (NOW + 60, NOW + 90)])
def test_a_changed_lifetime_is_stored_recorded_and_found(
    stores: Stores, exp: int, later: int, *, seeded: bool
) -> None:
    seed = some_sealed() if seeded else None
    before = stores.add(some_head(exp=exp, seed=seed), with_payload=not seeded)
    payload = stores.payload(before.ref)
    after = replace(before, exp=later, updated_at=NOW + 5)
    event = some_event(before.ref)
    stores.sessions.change_lifetime(before, after, event)
    assert stores.sessions.head(before.ref) == after
    assert stores.payload(before.ref) == payload
    assert event in stores.events(before.ref)
    due = stores.sessions.due(now=NOW + 90, since=NOW, limit=PLENTY * 100)
    assert (before.ref in due) == bool(later)


@pytest.mark.parametrize(
    "changed", [{"exp": 0}, {"exp": NOW + 61}, {"seed": None}, {"updated_at": NOW + 60}]
)
def test_who_read_another_lifetime_changes_nothing(
    stores: Stores, changed: dict[str, object]
) -> None:
    head = stores.add(some_head(exp=NOW + 60, seed=some_sealed()), with_payload=False)
    read = replace(head, **changed)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        stores.sessions.change_lifetime(read, replace(read, exp=NOW + 900), some_event(head.ref))
    assert stores.sessions.head(head.ref) == head
    assert len(stores.events(head.ref)) == 1


def test_who_read_a_seed_that_a_write_has_replaced_changes_no_lifetime(stores: Stores) -> None:
    read = stores.add(some_head(exp=NOW + 60, seed=some_sealed()), with_payload=False)
    stores.payloads.write(some_write(read, replaces=0), some_event(read.ref))
    written = stores.there(read.ref)
    with pytest.raises(Stale):
        stores.sessions.change_lifetime(read, replace(read, exp=0), some_event(read.ref))
    assert stores.there(read.ref) == written


def test_the_lifetime_of_an_ended_session_does_not_change(stores: Stores) -> None:
    head = stores.add()
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    with pytest.raises(Stale):
        stores.sessions.change_lifetime(head, replace(head, exp=NOW + 60), some_event(head.ref))


def test_a_session_is_found_by_its_id_in_its_own_workspace(stores: Stores) -> None:
    head = stores.add()
    workspace = head.ref.partition.workspace
    assert stores.sessions.find(workspace, head.ref.sid) == head.ref
    assert stores.sessions.find(new_workspace_id(), head.ref.sid) is None
    assert stores.sessions.find(workspace, some_ref().sid) is None
    for text in ("", "#", f"{head.ref.sid}#", "x" * 3_000, "é"):
        assert stores.sessions.find(workspace, SessionId(text)) is None
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    assert stores.sessions.find(workspace, head.ref.sid) == head.ref


def test_of_a_changed_lifetime_and_writes_at_once_nothing_is_lost(stores: Stores) -> None:
    for _ in range(4):
        head = stores.add(some_head(exp=NOW + 60))
        change = partial(
            stores.sessions.change_lifetime, head, replace(head, exp=0), some_event(head.ref)
        )
        write = some_write(head, replaces=1)
        store = partial(stores.payloads.write, write, some_event(head.ref))
        assert at_once([partial(tried, change), partial(tried, store)]) == [True, True]
        assert stores.there(head.ref).exp == 0
        assert stores.payload(head.ref) == write.payload


def test_of_a_changed_lifetime_and_an_end_at_once_the_end_stays(stores: Stores) -> None:
    for _ in range(4):
        head = stores.add(some_head(exp=NOW + 60))
        change = partial(
            stores.sessions.change_lifetime, head, replace(head, exp=0), some_event(head.ref)
        )
        changed, over = at_once([partial(tried, change), partial(ended, stores, head)])
        there = stores.there(head.ref)
        assert over
        assert there.status is SessionStatus.REVOKED
        assert there.exp == (0 if changed else NOW + 60)
        assert stores.payload(head.ref) is None


def test_the_access_of_an_ended_session_does_not_change(stores: Stores) -> None:
    head = stores.add()
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    with pytest.raises(Stale):
        stores.sessions.change_access(head, replace(head, rev=2), some_event(head.ref))
    assert len(stores.events(head.ref)) == 2


@pytest.mark.parametrize("exp", [0, NOW + 60])
def test_what_is_over_is_marked_and_nothing_else_of_it_changes(stores: Stores, exp: int) -> None:
    head = stores.add(some_head(exp=exp))
    if not exp:
        stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    before = stores.there(head.ref)
    after = before.without_grant(new_grant_id(), until=NOW + 900, now=NOW + 60)
    event = some_event(head.ref)
    stores.sessions.mark_over(before, after, event)
    assert stores.there(head.ref) == after
    assert event in stores.events(head.ref)
    with pytest.raises(Stale):
        stores.sessions.mark_over(before, replace(after, rev=9), some_event(head.ref))
    assert stores.there(head.ref) == after


@pytest.mark.parametrize("exp", [0, NOW + 60])
def test_what_lives_or_is_not_there_is_not_marked_as_over(stores: Stores, exp: int) -> None:
    head = stores.add(some_head(exp=exp))
    for one in (head, some_head(some_ref(head.ref.partition))):
        late = replace(one, rev=2, updated_at=NOW + 59)
        with pytest.raises(Stale):
            stores.sessions.mark_over(one, late, some_event(one.ref))
    assert stores.there(head.ref) == head
    assert len(stores.events(head.ref)) == 1


def test_an_ended_session_keeps_its_head_and_loses_payload_seed_and_count(stores: Stores) -> None:
    head = stores.add(full_head())
    event = some_event(head.ref)
    stores.sessions.end(head, by="owner", now=NOW + 7, event=event)
    assert stores.there(head.ref) == replace(
        head,
        status=SessionStatus.REVOKED,
        seed=None,
        updated_at=NOW + 7,
        ended_at=NOW + 7,
        ended_by="owner",
    )
    assert stores.payload(head.ref) is None
    assert stores.counted(head) == 0
    assert event in stores.events(head.ref)
    assert stores.sessions.latest(head.ref.partition).sid == head.ref.sid


def test_a_session_ends_once(stores: Stores) -> None:
    head = stores.add(full_head())
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    ended = stores.there(head.ref)
    with pytest.raises(Stale):
        stores.sessions.end(head, by="operator", now=NOW + 9, event=some_event(head.ref))
    with pytest.raises(Stale):
        stores.sessions.expire(head, now=NOW + 60, event=some_event(head.ref))
    assert stores.sessions.head(head.ref) == ended
    assert stores.counted(head) == 0
    assert len(stores.events(head.ref)) == 2


def test_a_session_is_not_ended_by_who_was_signed_out_meanwhile(stores: Stores) -> None:
    head = stores.add(full_head())
    renewed = head.renewed(now=NOW + 1)
    left = renewed.without_grant(new_grant_id(), until=NOW + 900, now=NOW + 2)
    for before, after in ((head, renewed), (renewed, left)):
        stores.sessions.change_access(before, after, some_event(head.ref))
        with pytest.raises(Stale):
            stores.sessions.end(before, by="owner", now=NOW + 3, event=some_event(head.ref))
    assert stores.sessions.head(head.ref) == left
    assert stores.payload(head.ref) is not None
    assert stores.counted(head) == 1
    stores.sessions.end(left, by="owner", now=NOW + 4, event=some_event(head.ref))
    assert stores.counted(head) == 0


def test_a_place_in_the_quota_is_free_again_after_an_end(stores: Stores) -> None:
    head = stores.add()
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    again = some_head(some_ref(head.ref.partition), quota_shard=head.quota_shard)
    latest = Latest(head.ref.sid, 0)
    stores.sessions.create(
        again, payload=None, latest=latest, shard_limit=1, event=some_event(again.ref)
    )
    assert stores.counted(head) == 1


def test_a_session_expires_at_the_second_of_its_exp(stores: Stores) -> None:
    head = stores.add(full_head())
    stores.sessions.expire(head, now=head.exp, event=some_event(head.ref))
    ended = stores.there(head.ref)
    assert (ended.status, ended.ended_by, ended.ended_at) == (
        SessionStatus.REVOKED,
        "expiry",
        head.exp,
    )
    assert stores.payload(head.ref) is None
    assert stores.counted(head) == 0
    assert len(stores.events(head.ref)) == 2


@pytest.mark.parametrize("exp", [0, NOW + 60])
def test_a_session_does_not_expire_before_its_time_or_when_it_is_kept(
    stores: Stores, exp: int
) -> None:
    head = stores.add(some_head(exp=exp))
    # The caller believes otherwise: what counts is what is stored.
    with pytest.raises(Stale):
        stores.sessions.expire(replace(head, exp=1), now=NOW + 59, event=some_event(head.ref))
    assert stores.sessions.head(head.ref) == head
    assert stores.payload(head.ref) is not None
    assert stores.counted(head) == 1


def test_what_is_due_lies_in_the_time_that_was_asked_for(stores: Stores) -> None:
    base = some_last_second()
    exps = [base - 1, base, base + 1, base + HOUR, base + 2 * HOUR, base + 2 * HOUR + 1]
    heads = [stores.add(some_head(exp=exp)) for exp in exps]
    stores.add(some_head(exp=0))
    ended = stores.add(some_head(exp=base + 2))
    stores.sessions.end(ended, by="owner", now=base, event=some_event(ended.ref))
    found = stores.sessions.due(now=base + 2 * HOUR, since=base, limit=PLENTY)
    assert set(found) == {head.ref for head in heads[1:5]}
    assert len(found) == 4


def test_what_has_expired_is_not_due_again(stores: Stores) -> None:
    base = some_last_second()
    head = stores.add(some_head(exp=base))
    stores.sessions.expire(head, now=base, event=some_event(head.ref))
    assert stores.sessions.due(now=base + 9, since=base - 9, limit=PLENTY) == []


def test_no_more_is_due_than_was_asked_for(stores: Stores) -> None:
    base = some_last_second()
    heads = [stores.add(some_head(exp=base + n)) for n in range(5)]
    found = stores.sessions.due(now=base + 9, since=base, limit=3)
    assert len(set(found)) == 3
    assert set(found) <= {head.ref for head in heads}


def test_sessions_of_an_application_are_found_in_the_order_of_their_beginning(
    stores: Stores,
) -> None:
    workspace = new_workspace_id()
    times = [NOW, NOW, NOW + 1, NOW + 40 * 86_400, NOW + 400 * 86_400]
    heads = [
        stores.add(some_head(some_ref(some_partition(workspace), at=at), created_at=at))
        for at in reversed(times)
    ]
    ordered = sorted((f"{h.created_at:010d}#{h.ref.sid}", h.ref) for h in heads)
    app = heads[0].ref.partition.app
    everything = list(stores.sessions.begun(workspace, app, after=f"{NOW}#", until=times[-1]))
    assert everything == ordered[2:]  # nothing that begins with the position itself
    before = f"{NOW - 1}#"
    assert list(stores.sessions.begun(workspace, app, after=before, until=times[-1])) == ordered
    (third, _) = ordered[2]
    later = stores.sessions.begun(workspace, app, after=third[:21], until=NOW + 41 * 86_400)
    assert list(later) == ordered[3:4]


@next_door
def test_next_door_no_session_of_an_application_is_found(
    stores: Stores, neighbour: Neighbour
) -> None:
    mine = stores.add()
    other = neighbour(mine.ref.partition)
    found = list(stores.sessions.begun(other.workspace, other.app, after=f"{NOW - 1}#", until=NOW))
    is_same = (other.workspace, other.app) == (mine.ref.partition.workspace, mine.ref.partition.app)
    assert [ref for _, ref in found] == ([mine.ref] if is_same else [])


def test_more_sessions_than_a_page_are_all_found_once(stores: Stores) -> None:
    workspace = new_workspace_id()
    heads = [stores.add(some_head(some_ref(some_partition(workspace)))) for _ in range(205)]
    app = heads[0].ref.partition.app
    found = [
        ref for _, ref in stores.sessions.begun(workspace, app, after=f"{NOW - 1}#", until=NOW)
    ]
    assert len(found) == 205
    assert set(found) == {head.ref for head in heads}


def test_of_eight_who_read_the_same_newest_one_creates(stores: Stores) -> None:
    partition = some_partition()
    heads = [some_head(some_ref(partition), quota_shard=0) for _ in range(8)]
    outcomes = at_once([partial(created, stores, head) for head in heads])
    assert sum(outcomes) == 1
    winner = heads[outcomes.index(True)]
    assert stores.sessions.of(partition) == [replace(winner, who=None, seed=None)]
    assert stores.sessions.latest(partition).sid == winner.ref.sid
    assert stores.counted(winner) == 1
    assert len(stores.events(winner.ref)) == 1


def test_eight_who_repeat_until_they_have_a_session_get_eight(stores: Stores) -> None:
    partition = some_partition()
    heads = [some_head(some_ref(partition), quota_shard=0) for _ in range(8)]
    at_once([partial(insist, stores, head) for head in heads])
    assert len(stores.sessions.of(partition)) == 8
    assert stores.sessions.latest(partition).sid in {head.ref.sid for head in heads}
    assert stores.counted(heads[0]) == 8
    assert len(stores.events(heads[0].ref)) == 8


def test_of_eight_who_end_a_session_one_does(stores: Stores) -> None:
    head = stores.add()
    outcomes = at_once([lambda: ended(stores, head)] * 8)
    assert sum(outcomes) == 1
    assert stores.counted(head) == 0
    assert len(stores.events(head.ref)) == 2


def create_after(stores: Stores, head: Head, latest: Latest) -> None:
    stores.sessions.create(
        head, payload=None, latest=latest, shard_limit=PLENTY, event=some_event(head.ref)
    )


def insisted(stores: Stores, head: Head) -> bool:
    insist(stores, head)
    return True


def created(stores: Stores, head: Head) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            stores.sessions.create(
                head,
                payload=some_payload(head.ref),
                latest=FIRST,
                shard_limit=PLENTY,
                event=some_event(head.ref),
            )
        except Contended:
            continue
        except Stale:
            return False
        return True


def insist(stores: Stores, head: Head) -> None:
    """Create after reading the newest, again and again."""
    while True:
        try:
            stores.add(head)
        except (Contended, Stale):
            continue
        return


def ended(stores: Stores, head: Head) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
        except Contended:
            continue
        except Stale:
            return False
        return True


def tried(change: Callable[[], None]) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            change()
        except Contended:
            continue
        except Stale:
            return False
        return True
