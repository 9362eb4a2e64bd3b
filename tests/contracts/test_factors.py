"""What every store of second factors does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Factors, RecoveryCodes, Totp
from chalicelib.domain.ids import UserId, new_ulid, new_workspace_id
from chalicelib.domain.sessions import Person
from tests.builders import NOW, some_event, some_person, some_sealed
from tests.contracts.directory import Directory, at_once, some_digest, wins

STEP = NOW // 30


def test_nobody_has_any_factors(directory: Directory) -> None:
    assert directory.factors.of(some_person()) == Factors()


def test_an_authenticator_and_its_codes_come_back_as_they_were(directory: Directory) -> None:
    totp, recovery = some_totp(), None
    recovery = some_recovery(totp.person)
    event = added(totp.person)
    directory.factors.put_totp(totp, recovery, before=None, event=event)
    assert directory.factors.of(totp.person) == Factors(totp, recovery)
    assert directory.events(totp.person.workspace) == [event]


def test_a_person_has_one_authenticator_and_it_is_replaced_by_name(directory: Directory) -> None:
    first, codes = held(directory)
    second = some_totp(first.person)
    more = some_recovery(first.person)
    for before in (None, some_totp(first.person)):
        with pytest.raises(Stale):
            directory.factors.put_totp(second, more, before=before, event=added(first.person))
    assert directory.factors.of(first.person) == Factors(first, codes)
    assert len(directory.events(first.person.workspace)) == 1
    directory.factors.put_totp(second, more, before=first, event=added(first.person))
    assert directory.factors.of(first.person) == Factors(second, more)


def test_one_is_not_put_in_the_place_of_one_that_is_gone(directory: Directory) -> None:
    gone = some_totp()
    totp = some_totp(gone.person)
    with pytest.raises(Stale):
        directory.factors.put_totp(
            totp, some_recovery(gone.person), before=gone, event=added(gone.person)
        )
    assert directory.factors.of(gone.person) == Factors()


def test_a_removal_takes_the_codes_along_and_is_recorded(directory: Directory) -> None:
    totp, _ = held(directory)
    event = removed(totp.person)
    directory.factors.remove_totp(totp, event)
    assert directory.factors.of(totp.person) == Factors()
    assert event in directory.events(totp.person.workspace)
    with pytest.raises(Stale):
        directory.factors.remove_totp(totp, removed(totp.person))


def test_another_authenticator_than_the_one_that_was_read_is_not_removed(
    directory: Directory,
) -> None:
    totp, codes = held(directory)
    with pytest.raises(Stale):
        directory.factors.remove_totp(some_totp(totp.person), removed(totp.person))
    assert directory.factors.of(totp.person) == Factors(totp, codes)


def test_new_codes_take_the_place_of_the_old(directory: Directory) -> None:
    totp, _ = held(directory)
    codes = some_recovery(totp.person)
    event = added(totp.person)
    directory.factors.put_recovery(codes, of=totp, event=event)
    assert directory.factors.of(totp.person) == Factors(totp, codes)
    assert event in directory.events(totp.person.workspace)


def test_codes_without_their_authenticator_are_not_kept(directory: Directory) -> None:
    totp = some_totp()
    with pytest.raises(Stale):
        directory.factors.put_recovery(
            some_recovery(totp.person), of=totp, event=added(totp.person)
        )
    assert directory.factors.of(totp.person) == Factors()


def test_a_step_is_accepted_once_and_none_before_it(directory: Directory) -> None:
    totp, codes = held(directory)
    directory.factors.accept_step(totp, STEP)
    for step in (STEP, STEP - 1):
        with pytest.raises(Stale):
            directory.factors.accept_step(totp, step)
    assert directory.factors.of(totp.person) == Factors(replace(totp, last_step=STEP), codes)
    directory.factors.accept_step(totp, STEP + 1)


def test_a_step_of_an_authenticator_that_is_gone_is_not_accepted(directory: Directory) -> None:
    totp, _ = held(directory)
    with pytest.raises(Stale):
        directory.factors.accept_step(some_totp(totp.person), STEP)
    directory.factors.remove_totp(totp, removed(totp.person))
    with pytest.raises(Stale):
        directory.factors.accept_step(totp, STEP)
    assert directory.factors.of(totp.person) == Factors()


def test_a_recovery_code_works_once_and_is_recorded(directory: Directory) -> None:
    totp, codes = held(directory)
    used, *_ = codes.left
    event = removed(totp.person)
    directory.factors.use_recovery(totp.person, used, event)
    found = directory.factors.of(totp.person).recovery
    assert found == replace(codes, left=codes.left - {used})
    recorded = directory.events(totp.person.workspace)
    assert event in recorded
    for digest in (used, some_digest()):
        with pytest.raises(Stale):
            directory.factors.use_recovery(totp.person, digest, removed(totp.person))
    assert directory.events(totp.person.workspace) == recorded


def test_the_last_code_leaves_an_empty_set(directory: Directory) -> None:
    totp, codes = held(directory, left=frozenset({some_digest()}))
    (last,) = codes.left
    directory.factors.use_recovery(totp.person, last, removed(totp.person))
    assert directory.factors.of(totp.person).recovery == replace(codes, left=frozenset())


def test_whoever_has_no_codes_can_use_none(directory: Directory) -> None:
    nobody = some_person()
    with pytest.raises(Stale):
        directory.factors.use_recovery(nobody, some_digest(), removed(nobody))
    assert directory.factors.of(nobody) == Factors()


def test_without_its_record_nothing_changes(directory: Directory) -> None:
    totp, codes = held(directory)
    known = directory.events(totp.person.workspace)[0]
    used, *_ = codes.left
    for change in (
        partial(
            directory.factors.put_totp,
            some_totp(totp.person),
            some_recovery(totp.person),
            before=totp,
            event=known,
        ),
        partial(directory.factors.remove_totp, totp, known),
        partial(directory.factors.put_recovery, some_recovery(totp.person), of=totp, event=known),
        partial(directory.factors.use_recovery, totp.person, used, known),
    ):
        with pytest.raises(Stale):
            change()
    assert directory.factors.of(totp.person) == Factors(totp, codes)


def test_next_door_nothing_is_found_changed_or_used(directory: Directory) -> None:
    totp, codes = held(directory)
    mine = totp.person
    for neighbour in (
        Person(new_workspace_id(), mine.user),
        Person(mine.workspace, UserId(mine.user // 10 + 10**15)),
        some_person(mine.workspace),
    ):
        theirs = replace(totp, person=neighbour)
        assert directory.factors.of(neighbour) == Factors()
        used, *_ = codes.left
        for change in (
            partial(directory.factors.remove_totp, theirs, removed(neighbour)),
            partial(directory.factors.accept_step, theirs, STEP),
            partial(directory.factors.use_recovery, neighbour, used, removed(neighbour)),
        ):
            with pytest.raises(Stale):
                change()
    assert directory.factors.of(mine) == Factors(totp, codes)


def test_of_eight_who_show_one_code_at_once_one_is_let_in(directory: Directory) -> None:
    totp, codes = held(directory)
    accept = partial(wins, partial(directory.factors.accept_step, totp, STEP))
    assert sum(at_once([accept] * 8)) == 1
    used, *_ = codes.left

    def use() -> bool:
        event = removed(totp.person)
        return wins(partial(directory.factors.use_recovery, totp.person, used, event))

    assert sum(at_once([use] * 8)) == 1


def added(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.FACTOR_ADDED)


def removed(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.FACTOR_REMOVED)


def held(directory: Directory, **changes: object) -> tuple[Totp, RecoveryCodes]:
    totp = some_totp()
    codes = some_recovery(totp.person, **changes)
    directory.factors.put_totp(totp, codes, before=None, event=added(totp.person))
    return totp, codes


def some_totp(person: Person | None = None) -> Totp:
    return Totp(
        id=new_ulid(NOW * 1_000),
        person=person or some_person(),
        secret=some_sealed(2),
        last_step=STEP - 5,
        created_at=NOW,
    )


def some_recovery(person: Person, **changes: object) -> RecoveryCodes:
    words: dict[str, Any] = {
        "person": person,
        "left": frozenset(some_digest() for _ in range(10)),
        "created_at": NOW,
        **changes,
    }
    return RecoveryCodes(**words)
