"""What every store of receipts does, alone and beside the change that a receipt remembers."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.limits import RECEIPT_SECONDS
from chalicelib.domain.ports.sessions import Extras, PayloadWrite
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import Head, SessionRef
from tests.builders import (
    FIRST,
    NOW,
    some_event,
    some_head,
    some_payload,
    some_receipt,
    some_ref,
    some_sealed,
    some_write,
)
from tests.contracts.directory import at_once
from tests.contracts.stores import PLENTY, Neighbour, Stores, next_door


def there(stores: Stores, ref: ReceiptRef, sid: SessionRef) -> Receipt | None:
    """Answer a receipt, which every read that can bring it along agrees upon."""
    extras = Extras(receipt=ref)
    found = stores.payloads.fetch(sid, extras).receipt
    assert stores.sessions.fetch(sid, extras).receipt == found
    assert stores.sessions.latest(ref.partition, ref).receipt == found
    return found


def test_a_receipt_that_was_not_kept_is_not_there(stores: Stores) -> None:
    ref = some_ref()
    assert there(stores, some_receipt(ref).ref, ref) is None


@pytest.mark.parametrize("less", [{}, {"version": None, "body": None}, {"body": None}])
def test_a_receipt_is_read_back_as_it_was_kept(stores: Stores, less: dict[str, None]) -> None:
    ref = some_ref()
    receipt = replace(some_receipt(ref), **less)  # type: ignore[arg-type]
    stores.receipts.keep(receipt)
    assert there(stores, receipt.ref, ref) == receipt
    assert stores.payloads.fetch(ref, Extras()).receipt is None
    assert stores.sessions.latest(ref.partition).receipt is None


def test_a_receipt_is_kept_once(stores: Stores) -> None:
    ref = some_ref()
    receipt = some_receipt(ref)
    stores.receipts.keep(receipt)
    for other in (receipt, replace(receipt, fingerprint="another")):
        with pytest.raises(Stale):
            stores.receipts.keep(other)
    assert there(stores, receipt.ref, ref) == receipt


def test_a_receipt_makes_room_at_the_second_at_which_it_is_past(stores: Stores) -> None:
    ref = some_ref()
    old = some_receipt(ref, at=NOW)
    stores.receipts.keep(old)
    with pytest.raises(Stale):
        stores.receipts.keep(replace(old, at=NOW + RECEIPT_SECONDS - 1))
    new = replace(old, at=NOW + RECEIPT_SECONDS, sid=some_ref().sid)
    stores.receipts.keep(new)
    assert there(stores, old.ref, ref) == new


def test_a_write_and_its_receipt_are_one(stores: Stores) -> None:
    head = stores.add()
    receipt = some_receipt(head.ref)
    write = some_write(head, replaces=1, receipt=receipt)
    stores.payloads.write(write, some_event(head.ref))
    assert stores.payload(head.ref) == write.payload
    assert there(stores, receipt.ref, head.ref) == receipt


def test_a_first_write_and_its_receipt_are_one(stores: Stores) -> None:
    head = stores.add(some_head(seed=some_sealed()), with_payload=False)
    receipt = some_receipt(head.ref)
    stores.payloads.write(some_write(head, replaces=0, receipt=receipt), some_event(head.ref))
    assert there(stores, receipt.ref, head.ref) == receipt


def test_a_write_under_a_key_that_is_taken_changes_nothing(stores: Stores) -> None:
    head = stores.add()
    before, receipt = stores.payload(head.ref), some_receipt(head.ref)
    stores.receipts.keep(receipt)
    write = some_write(head, replaces=1, receipt=replace(receipt, fingerprint="another"))
    with pytest.raises(Stale):
        stores.payloads.write(write, some_event(head.ref))
    assert stores.payload(head.ref) == before
    assert stores.sessions.head(head.ref) == head
    assert len(stores.events(head.ref)) == 1
    assert there(stores, receipt.ref, head.ref) == receipt


def test_a_write_that_is_refused_leaves_no_receipt(stores: Stores) -> None:
    head = stores.add()
    receipt = some_receipt(head.ref)
    with pytest.raises(Stale):
        stores.payloads.write(some_write(head, replaces=7, receipt=receipt), some_event(head.ref))
    assert there(stores, receipt.ref, head.ref) is None


def test_a_write_whose_answer_was_lost_is_known_with_its_receipt(stores: Stores) -> None:
    head = stores.add()
    write = some_write(head, replaces=1, receipt=some_receipt(head.ref))
    for _ in range(2):
        stores.payloads.write(write, some_event(head.ref))
    assert stores.payload(head.ref) == write.payload
    assert len(stores.events(head.ref)) == 2


def test_a_creation_and_its_receipt_are_one(stores: Stores) -> None:
    head = some_head()
    receipt = some_receipt(head.ref, version=None, body=None)
    create(stores, head, receipt)
    assert stores.sessions.head(head.ref) == head
    assert stores.sessions.latest(head.ref.partition, receipt.ref).sid == head.ref.sid
    assert there(stores, receipt.ref, head.ref) == receipt


def test_a_creation_under_a_key_that_is_taken_creates_nothing(stores: Stores) -> None:
    head = some_head()
    receipt = some_receipt(head.ref)
    stores.receipts.keep(receipt)
    with pytest.raises(Stale):
        create(stores, head, replace(receipt, fingerprint="another"))
    assert stores.sessions.head(head.ref) is None
    assert stores.payload(head.ref) is None
    assert stores.counted(head) == 0
    assert stores.events(head.ref) == []
    assert there(stores, receipt.ref, head.ref) == receipt


def test_a_receipt_outlives_its_session(stores: Stores) -> None:
    head = some_head()
    receipt = some_receipt(head.ref)
    create(stores, head, receipt)
    stores.sessions.end(head, by="owner", now=NOW, event=some_event(head.ref))
    assert there(stores, receipt.ref, head.ref) == receipt


@next_door
def test_next_door_the_same_key_is_another_one(stores: Stores, neighbour: Neighbour) -> None:
    head = stores.add()
    mine = some_receipt(head.ref)
    stores.receipts.keep(mine)
    next_ref = SessionRef(neighbour(head.ref.partition), head.ref.sid)
    theirs = replace(mine, ref=replace(mine.ref, partition=next_ref.partition), fingerprint="other")
    assert there(stores, theirs.ref, next_ref) is None
    neighbours = stores.add(some_head(next_ref))
    write = some_write(neighbours, replaces=1, receipt=theirs)
    stores.payloads.write(write, some_event(next_ref))
    assert there(stores, theirs.ref, next_ref) == theirs
    assert there(stores, mine.ref, head.ref) == mine


def test_of_eight_writes_at_once_under_one_key_one_is_done(stores: Stores) -> None:
    partition = some_ref().partition
    heads = [some_head(some_ref(partition)) for _ in range(8)]
    receipt = some_receipt(heads[0].ref)
    for head in heads:
        stores.add(head)
    writes = [
        some_write(head, replaces=1, receipt=replace(receipt, sid=head.ref.sid)) for head in heads
    ]
    outcomes = at_once([partial(wrote, stores, write) for write in writes])
    assert sum(outcomes) == 1
    winner = writes[outcomes.index(True)]
    assert there(stores, receipt.ref, heads[0].ref) == winner.receipt
    changed = [stores.payload(w.payload.ref) == w.payload for w in writes]
    assert changed == outcomes


def create(stores: Stores, head: Head, receipt: Receipt) -> None:
    stores.sessions.create(
        head,
        payload=some_payload(head.ref),
        latest=FIRST,
        shard_limit=PLENTY,
        event=some_event(head.ref),
        receipt=receipt,
    )


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
