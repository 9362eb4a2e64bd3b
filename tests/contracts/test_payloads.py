"""What every payload store does."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import GrantId, new_grant_id
from chalicelib.domain.ports.sessions import Extras, PayloadWrite, Shelf
from chalicelib.domain.sessions import Access, Head, SessionRef
from chalicelib.domain.workspaces import Gate, GateStatus
from tests.builders import (
    FIRST,
    NOW,
    some_application,
    some_event,
    some_head,
    some_partition,
    some_payload,
    some_ref,
    some_sealed,
    some_user_keys,
    some_workspace,
    some_workspace_keys,
    some_write,
)
from tests.contracts.directory import at_once
from tests.contracts.stores import Neighbour, Stores, next_door

EVERYTHING = Extras(workspace=True, gate=True, application=True, workspace_keys=True)


def test_a_read_of_nothing_finds_nothing(stores: Stores) -> None:
    assert stores.payloads.fetch(some_ref(), EVERYTHING) == Shelf(None, None, None)
    assert stores.sessions.fetch(some_ref(), EVERYTHING) == Shelf(None, None, None)


def test_a_read_finds_head_payload_and_user_keys(stores: Stores) -> None:
    head = some_head()
    payload = some_payload(head.ref)
    stores.sessions.create(
        head, payload=payload, latest=FIRST, shard_limit=9, event=some_event(head.ref)
    )
    keys = some_user_keys(head.ref.partition.person)
    stores.add_person(head.ref.partition.person, keys)
    found = stores.payloads.fetch(head.ref, Extras())
    assert (found.head, found.payload) == (head, payload)
    assert found == Shelf(head, payload, keys)


def test_a_read_that_needs_no_payload_finds_all_but_it(stores: Stores) -> None:
    workspace = some_workspace()
    keys, app = some_workspace_keys(workspace.id), some_application(workspace.id)
    stores.workspaces.create(workspace, keys=keys, owner=None, events=[some_event(workspace.id)])
    stores.applications.create(app, some_event(workspace.id))
    head = stores.add(some_head(some_ref(some_partition(workspace.id, app.id))))
    person = head.ref.partition.person
    stores.add_person(person, some_user_keys(person))
    for extras in (Extras(), Extras(gate=True), EVERYTHING):
        whole = stores.payloads.fetch(head.ref, extras)
        assert whole.payload is not None
        assert whole.user_keys is not None
        assert stores.sessions.fetch(head.ref, extras) == replace(whole, payload=None)


def test_what_is_asked_for_rides_along(stores: Stores) -> None:
    workspace = some_workspace()
    keys, app = some_workspace_keys(workspace.id), some_application(workspace.id)
    stores.workspaces.create(workspace, keys=keys, owner=None, events=[some_event(workspace.id)])
    stores.applications.create(app, some_event(workspace.id))
    head = stores.add(some_head(some_ref(some_partition(workspace.id, app.id))))
    assert stores.payloads.fetch(head.ref, EVERYTHING) == Shelf(
        head=head,
        payload=stores.payload(head.ref),
        user_keys=None,
        workspace=workspace,
        gate=Gate(GateStatus.LIVE, 1),
        application=app,
        workspace_keys=keys,
    )
    for name, extra in {
        "workspace": workspace,
        "gate": Gate(GateStatus.LIVE, 1),
        "application": app,
        "workspace_keys": keys,
    }.items():
        asked = replace(Extras(), **{name: True})  # type: ignore[arg-type]
        found = stores.payloads.fetch(head.ref, asked)
        assert found == replace(
            Shelf(head, stores.payload(head.ref), None),
            **{name: extra},  # type: ignore[arg-type]
        )


@next_door
def test_next_door_a_read_finds_nothing(stores: Stores, neighbour: Neighbour) -> None:
    head = stores.add()
    ref = replace(head.ref, partition=neighbour(head.ref.partition))
    found = stores.payloads.fetch(ref, EVERYTHING)
    assert (found.head, found.payload) == (None, None)
    assert stores.sessions.fetch(ref, EVERYTHING).head is None


def test_user_keys_of_another_are_not_found(stores: Stores) -> None:
    head = stores.add()
    stranger = some_partition(head.ref.partition.workspace)
    stores.add_person(stranger.person, some_user_keys(stranger.person))
    assert stores.payloads.fetch(head.ref, Extras()).user_keys is None


def test_a_payload_is_replaced_and_its_size_and_event_stored(stores: Stores) -> None:
    head = stores.add(some_head(exp=NOW + 60))
    write, event = some_write(head, replaces=1, now=NOW + 5), some_event(head.ref)
    stores.payloads.write(write, event)
    assert stores.payload(head.ref) == write.payload
    assert stores.there(head.ref) == replace(
        head, size=17, keys=2, updated_at=NOW + 5, last_seen_at=NOW + 5
    )
    assert event in stores.events(head.ref)
    assert len(stores.events(head.ref)) == 2


def test_the_first_payload_takes_the_place_of_the_seed(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    write = some_write(head, replaces=0)
    stores.payloads.write(write, some_event(head.ref))
    assert stores.payload(head.ref) == write.payload
    assert stores.there(head.ref).seed is None


def test_writes_follow_one_another(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    for version in range(4):
        write = some_write(head, replaces=version)
        stores.payloads.write(write, some_event(head.ref))
        assert stores.payload(head.ref) == write.payload
    assert len(stores.events(head.ref)) == 5


def test_there_is_no_first_payload_without_a_seed(stores: Stores) -> None:
    head = stores.add(with_payload=False)
    refused(stores, head, some_write(head, replaces=0))


@pytest.mark.parametrize("exp", [0, NOW + 61])
def test_a_first_payload_finds_the_lifetime_that_it_was_written_for(
    stores: Stores, exp: int
) -> None:
    head = stores.add(some_head(exp=NOW + 60, seed=some_sealed()), with_payload=False)
    refused(stores, head, some_write(head, replaces=0, exp=exp))


def test_there_is_no_first_payload_beside_another(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()))
    refused(stores, head, some_write(head, replaces=0))


def test_there_is_no_second_payload_without_a_first(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    refused(stores, head, some_write(head, replaces=1))


@pytest.mark.parametrize("replaces", [2, 9])
def test_a_write_over_another_version_is_stale(stores: Stores, replaces: int) -> None:
    head = stores.add()
    refused(stores, head, some_write(head, replaces=replaces))


def test_a_write_over_an_older_version_is_stale(stores: Stores) -> None:
    head = stores.add()
    stores.payloads.write(some_write(head, replaces=1), some_event(head.ref))
    refused(stores, head, some_write(head, replaces=1))


@pytest.mark.parametrize("rev", [1, 3])
def test_a_write_of_another_revision_is_stale(stores: Stores, rev: int) -> None:
    head = stores.add(some_head(rev=2))
    refused(stores, head, with_access(head, rev=rev))


def test_a_write_by_a_dead_grant_is_stale_and_by_another_is_not(stores: Stores) -> None:
    dead, other = new_grant_id(), new_grant_id()
    head = stores.add(some_head(dead={dead: NOW + 900}))
    refused(stores, head, with_access(head, grant=dead))
    stores.payloads.write(with_access(head, grant=other), some_event(head.ref))


def test_a_grant_is_dead_even_if_its_name_is_an_odd_one(stores: Stores) -> None:
    dead = GrantId("g-_exp-9")
    head = stores.add(some_head(dead={dead: NOW + 900}))
    refused(stores, head, with_access(head, grant=dead))


def test_a_session_takes_writes_until_the_second_before_its_exp(stores: Stores) -> None:
    head = stores.add(some_head(exp=NOW + 60))
    refused(stores, head, some_write(head, replaces=1, now=NOW + 60))
    refused(stores, head, some_write(head, replaces=1, now=NOW + 61))
    stores.payloads.write(some_write(head, replaces=1, now=NOW + 59), some_event(head.ref))


def test_a_first_write_finds_the_lifetime_that_it_read(stores: Stores) -> None:
    # The payload's row is swept with its session: it must not take an older end along.
    read = stores.add(some_head(exp=NOW + 60, seed=some_sealed()), with_payload=False)
    kept = replace(read, exp=0)
    stores.sessions.change_lifetime(read, kept, some_event(read.ref))
    refused(stores, read, some_write(read, replaces=0))
    stores.payloads.write(some_write(kept, replaces=0), some_event(read.ref))


def test_an_ended_session_takes_no_write(stores: Stores) -> None:
    head = stores.add()
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    refused(stores, head, some_write(head, replaces=1))
    refused(stores, head, some_write(head, replaces=0))


def test_a_session_that_is_not_there_takes_no_write(stores: Stores) -> None:
    head = some_head(seed=some_sealed())
    refused(stores, head, some_write(head, replaces=0))
    refused(stores, head, some_write(head, replaces=1))


@next_door
def test_next_door_nobody_can_write(stores: Stores, neighbour: Neighbour) -> None:
    head = stores.add(some_head(seed=some_sealed()))
    ref = SessionRef(neighbour(head.ref.partition), head.ref.sid)
    before = stores.payload(head.ref)
    for replaces in (0, 1):
        with pytest.raises(Stale):
            stores.payloads.write(
                some_write(replace(head, ref=ref), replaces=replaces), some_event(ref)
            )
    assert stores.payload(head.ref) == before
    assert stores.sessions.head(head.ref) == head
    assert stores.payload(ref) is None
    assert stores.sessions.head(ref) is None


@next_door
def test_next_door_a_write_changes_nothing_here(stores: Stores, neighbour: Neighbour) -> None:
    mine = stores.add()
    before = stores.payload(mine.ref)
    theirs = stores.add(some_head(SessionRef(neighbour(mine.ref.partition), mine.ref.sid)))
    stores.payloads.write(some_write(theirs, replaces=1), some_event(theirs.ref))
    assert stores.payload(mine.ref) == before
    assert stores.sessions.head(mine.ref) == mine


def test_a_known_event_refuses_the_whole_write(stores: Stores) -> None:
    head = stores.add()
    before = stores.payload(head.ref)
    (known,) = stores.events(head.ref)
    with pytest.raises(Stale):
        stores.payloads.write(some_write(head, replaces=1), known)
    assert stores.payload(head.ref) == before
    assert stores.sessions.head(head.ref) == head


@pytest.mark.parametrize("replaces", [0, 1])
def test_a_write_whose_answer_was_lost_is_known_when_it_is_repeated(
    stores: Stores, replaces: int
) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=replaces > 0)
    write = some_write(head, replaces=replaces)
    stores.payloads.write(write, some_event(head.ref))
    stores.payloads.write(write, some_event(head.ref))
    assert stores.payload(head.ref) == write.payload
    assert len(stores.events(head.ref)) == 2


def test_a_repeated_write_that_others_wrote_over_is_stale(stores: Stores) -> None:
    head = stores.add()
    write = some_write(head, replaces=1)
    stores.payloads.write(write, some_event(head.ref))
    stores.payloads.write(some_write(head, replaces=2), some_event(head.ref))
    refused(stores, head, write)


def test_of_eight_writers_over_one_version_one_wins(stores: Stores) -> None:
    head = stores.add()
    writes = [some_write(head, replaces=1) for _ in range(8)]
    outcomes = at_once([partial(wrote, stores, write) for write in writes])
    assert sum(outcomes) == 1
    assert stores.payload(head.ref) == writes[outcomes.index(True)].payload
    assert len(stores.events(head.ref)) == 2


def test_of_a_write_and_an_end_at_once_no_payload_is_left(stores: Stores) -> None:
    head = stores.add()

    def end() -> bool:
        while True:
            try:
                there = stores.there(head.ref)
                stores.sessions.end(there, by="owner", now=NOW, event=some_event(head.ref))
            except (Contended, Stale):
                continue
            return True

    writes = [partial(wrote, stores, some_write(head, replaces=1)) for _ in range(4)]
    outcomes = at_once([partial(end), *writes])
    assert sum(outcomes[1:]) <= 1
    assert stores.payload(head.ref) is None
    assert len(stores.events(head.ref)) == 1 + sum(outcomes)


def with_access(
    head: Head, *, rev: int | None = None, grant: GrantId | None = None
) -> PayloadWrite:
    access = Access(
        head.ref, head.rev if rev is None else rev, new_grant_id() if grant is None else grant
    )
    return some_write(head, replaces=1, access=access)


def refused(stores: Stores, head: Head, write: PayloadWrite) -> None:
    """A stale write changes nothing, and no event says that it did."""

    def everything() -> tuple[object, ...]:
        return (
            stores.payload(head.ref),
            stores.sessions.head(head.ref),
            stores.events(head.ref),
            stores.counted(head),
        )

    before = everything()
    with pytest.raises(Stale):
        stores.payloads.write(write, some_event(head.ref))
    assert everything() == before


def wrote(stores: Stores, write: PayloadWrite) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            stores.payloads.write(write, some_event(write.payload.ref))
        except Contended:
            continue
        except Stale:
            return False
        return True
