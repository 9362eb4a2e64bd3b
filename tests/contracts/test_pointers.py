"""What every payload store does with payloads that lie in objects: it keeps where, and no bytes."""

from dataclasses import replace

import pytest

from chalicelib.domain.errors import Stale
from chalicelib.domain.keys import Sealed
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import Head
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_object,
    some_payload,
    some_ref,
    some_sealed,
    some_write,
)
from tests.contracts.stores import Neighbour, Stores, next_door

KINDS = (some_sealed, some_object)


def large(stores: Stores) -> tuple[Head, SealedObject]:
    """Create a session whose payload lies in an object."""
    head, sealed = some_head(), some_object()
    stores.sessions.create(
        head,
        payload=replace(some_payload(head.ref), sealed=sealed),
        latest=FIRST,
        shard_limit=9,
        event=some_event(head.ref),
    )
    return head, sealed


def written(stores: Stores, head: Head, sealed: Sealed | SealedObject, *, replaces: int) -> None:
    """Write a payload, and find it as it was written."""
    payload = replace(some_payload(head.ref, replaces + 1), sealed=sealed)
    stores.payloads.write(
        some_write(head, replaces=replaces, payload=payload), some_event(head.ref)
    )
    assert stores.payload(head.ref) == payload


def test_a_session_begins_with_an_object(stores: Stores) -> None:
    head, sealed = large(stores)
    found = stores.payload(head.ref)
    assert found is not None
    assert found.sealed == sealed
    assert stores.payloads.object_of(head.ref) == sealed.key


def test_a_first_payload_is_an_object(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    sealed = some_object()
    written(stores, head, sealed, replaces=0)
    assert stores.payloads.object_of(head.ref) == sealed.key


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_each_takes_the_place_of_the_other(stores: Stores, before: object, after: object) -> None:
    head = stores.add()
    for number, make in enumerate((before, after, before), start=1):
        assert callable(make)
        sealed = make()
        written(stores, head, sealed, replaces=number)
        key = sealed.key if isinstance(sealed, SealedObject) else None
        assert stores.payloads.object_of(head.ref) == key


def test_nobody_points_to_an_object_whose_session_ended(stores: Stores) -> None:
    head, _ = large(stores)
    stores.sessions.end(head, by="user", now=NOW, event=some_event(head.ref))
    assert stores.payloads.object_of(head.ref) is None


def test_nobody_points_to_an_object_without_a_row(stores: Stores) -> None:
    assert stores.payloads.object_of(some_ref()) is None
    assert stores.payloads.object_of(stores.add().ref) is None


@next_door
def test_next_door_nobody_points_to_it(stores: Stores, neighbour: Neighbour) -> None:
    head, _ = large(stores)
    ref = replace(head.ref, partition=neighbour(head.ref.partition))
    assert stores.payloads.object_of(ref) is None
    assert stores.payloads.object_of(some_ref(head.ref.partition)) is None


def test_a_row_is_pointed_to_another_version_and_else_stays(stores: Stores) -> None:
    head, sealed = large(stores)
    before = stores.payload(head.ref)
    assert before is not None
    stores.payloads.repoint(head.ref, sealed, "another")
    assert stores.payload(head.ref) == replace(
        before, sealed=replace(sealed, object_version="another")
    )


def test_a_row_that_was_written_meanwhile_is_not_pointed_elsewhere(stores: Stores) -> None:
    head, sealed = large(stores)
    for number, after in enumerate((replace(sealed, object_version="other"), some_object()), 1):
        written(stores, head, after, replaces=number)
        with pytest.raises(Stale):
            stores.payloads.repoint(head.ref, sealed, "another")
        found = stores.payload(head.ref)
        assert found is not None
        assert found.sealed == after
    written(stores, head, some_sealed(), replaces=3)
    with pytest.raises(Stale):
        stores.payloads.repoint(head.ref, sealed, "another")


@next_door
def test_next_door_nothing_is_pointed_elsewhere(stores: Stores, neighbour: Neighbour) -> None:
    head, sealed = large(stores)
    for ref in (
        replace(head.ref, partition=neighbour(head.ref.partition)),
        some_ref(head.ref.partition),
    ):
        with pytest.raises(Stale):
            stores.payloads.repoint(ref, sealed, "another")
        assert stores.payload(ref) is None
    found = stores.payload(head.ref)
    assert found is not None
    assert found.sealed == sealed
