"""What every store of passkeys does."""

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, new_workspace_id
from chalicelib.domain.passkeys import Passkey
from chalicelib.domain.sessions import Person
from tests.builders import NOW, some_event, some_person, some_sealed
from tests.contracts.directory import Directory, at_once, some_digest, wins


def test_nobody_has_any(directory: Directory) -> None:
    person = some_person()
    assert directory.passkeys.of(person) == []
    assert directory.passkeys.find(person.workspace, some_digest()) is None


@pytest.mark.parametrize("last_used_at", [None, NOW])
def test_one_comes_back_as_it_was(directory: Directory, last_used_at: int | None) -> None:
    passkey = some_passkey(last_used_at=last_used_at)
    event = added(passkey.person)
    directory.passkeys.add(passkey, event)
    assert at(directory, passkey) == passkey
    assert directory.passkeys.of(passkey.person) == [passkey]
    assert directory.events(passkey.person.workspace) == [event]


def test_one_of_which_little_is_known_comes_back_too(directory: Directory) -> None:
    passkey = held(directory, transports=(), sign_count=0, is_synced=False, is_backed_up=False)
    assert at(directory, passkey) == passkey


def test_all_of_a_person_are_listed_from_the_oldest(directory: Directory) -> None:
    person = some_person()
    made = [held(directory, person=person, created_at=NOW + age) for age in (5, 1, 3)]
    assert directory.passkeys.of(person) == [made[1], made[2], made[0]]


def test_one_id_has_one_holder(directory: Directory) -> None:
    passkey = held(directory)
    other = some_person(passkey.person.workspace)
    for person in (passkey.person, other):
        again = replace(passkey, person=person, sign_count=0)
        with pytest.raises(Stale):
            directory.passkeys.add(again, added(person))
    assert at(directory, passkey) == passkey
    assert directory.passkeys.of(other) == []
    assert len(directory.events(passkey.person.workspace)) == 1


def test_a_use_is_remembered(directory: Directory) -> None:
    passkey = held(directory, sign_count=5, is_backed_up=False)
    use(directory, passkey, 9, is_backed_up=True)
    assert at(directory, passkey) == replace(
        passkey, sign_count=9, is_backed_up=True, last_used_at=NOW + 60
    )


@pytest.mark.parametrize(("kept", "shown"), [(5, 5), (5, 4), (5, 0), (1, 1)])
def test_a_count_that_does_not_rise_is_no_use(directory: Directory, kept: int, shown: int) -> None:
    passkey = held(directory, sign_count=kept)
    with pytest.raises(Stale):
        use(directory, passkey, shown)
    assert at(directory, passkey) == passkey


def test_one_that_does_not_count_is_used_again_and_again(directory: Directory) -> None:
    passkey = held(directory, sign_count=0)
    for _ in range(3):
        use(directory, passkey, 0)
    use(directory, passkey, 1)
    with pytest.raises(Stale):
        use(directory, passkey, 0)


def test_of_eight_who_show_one_count_at_once_one_passes(directory: Directory) -> None:
    passkey = held(directory, sign_count=5)
    assert sum(at_once([partial(wins, partial(use, directory, passkey, 6))] * 8)) == 1


def test_a_name_is_changed_and_nothing_else(directory: Directory) -> None:
    passkey = held(directory)
    name = some_sealed(3)
    event = renamed(passkey.person)
    directory.passkeys.rename(passkey, name, event)
    assert at(directory, passkey) == replace(passkey, name=name)
    assert event in directory.events(passkey.person.workspace)


def test_one_that_was_removed_is_gone_and_its_id_is_free(directory: Directory) -> None:
    passkey = held(directory)
    other = held(directory, person=passkey.person)
    event = removed(passkey.person)
    directory.passkeys.remove(passkey, event)
    assert at(directory, passkey) is None
    assert directory.passkeys.of(passkey.person) == [other]
    assert event in directory.events(passkey.person.workspace)
    with pytest.raises(Stale):
        directory.passkeys.remove(passkey, removed(passkey.person))
    directory.passkeys.add(passkey, added(passkey.person))
    assert at(directory, passkey) == passkey


def test_one_is_removed_only_beside_another_that_is_there(directory: Directory) -> None:
    passkey = held(directory)
    other, gone = (some_passkey(person=passkey.person) for _ in range(2))
    with pytest.raises(Stale):
        directory.passkeys.remove(passkey, removed(passkey.person), beside=gone)
    assert at(directory, passkey) == passkey
    directory.passkeys.add(other, added(other.person))
    directory.passkeys.remove(passkey, removed(passkey.person), beside=other)
    assert directory.passkeys.of(passkey.person) == [other]


def test_of_two_that_are_removed_beside_each_other_one_stays(directory: Directory) -> None:
    for _ in range(5):
        one = held(directory)
        other = held(directory, person=one.person)
        remove, event = directory.passkeys.remove, partial(removed, one.person)
        attempts = [
            partial(wins, partial(remove, one, event(), beside=other)),
            partial(wins, partial(remove, other, event(), beside=one)),
        ]
        assert sum(at_once(attempts)) == 1
        assert len(directory.passkeys.of(one.person)) == 1


def test_what_is_gone_is_neither_used_nor_named(directory: Directory) -> None:
    passkey = some_passkey()
    with pytest.raises(Stale):
        use(directory, passkey, passkey.sign_count + 1)
    with pytest.raises(Stale):
        directory.passkeys.rename(passkey, some_sealed(), renamed(passkey.person))
    assert at(directory, passkey) is None


def test_without_its_record_nothing_changes(directory: Directory) -> None:
    passkey = held(directory)
    known = directory.events(passkey.person.workspace)[0]
    more = some_passkey(person=passkey.person)
    with pytest.raises(Stale):
        directory.passkeys.add(more, known)
    with pytest.raises(Stale):
        directory.passkeys.remove(passkey, known)
    with pytest.raises(Stale):
        directory.passkeys.rename(passkey, some_sealed(3), known)
    assert directory.passkeys.of(passkey.person) == [passkey]
    assert at(directory, more) is None


def test_next_door_nothing_is_found_used_named_or_removed(directory: Directory) -> None:
    passkey = held(directory)
    mine = passkey.person
    assert directory.passkeys.find(new_workspace_id(), passkey.digest) is None
    for neighbour in (
        Person(new_workspace_id(), mine.user),
        Person(mine.workspace, UserId(mine.user // 10 + 10**15)),
        some_person(mine.workspace),
    ):
        theirs = replace(passkey, person=neighbour)
        assert directory.passkeys.of(neighbour) == []
        for change in (
            partial(use, directory, theirs, passkey.sign_count + 1),
            partial(directory.passkeys.rename, theirs, some_sealed(), renamed(neighbour)),
            partial(directory.passkeys.remove, theirs, removed(neighbour)),
        ):
            with pytest.raises(Stale):
                change()
    assert at(directory, passkey) == passkey


def test_the_same_id_next_door_is_another_passkey(directory: Directory) -> None:
    passkey = held(directory)
    theirs = replace(passkey, person=some_person(), sign_count=3)
    directory.passkeys.add(theirs, added(theirs.person))
    assert (at(directory, passkey), at(directory, theirs)) == (passkey, theirs)


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    passkey = some_passkey()
    with pytest.raises(ValueError, match="not a part"):
        directory.passkeys.find(WorkspaceId(f"{passkey.person.workspace}#C"), passkey.digest)
    with pytest.raises(ValueError, match="not a part"):
        directory.passkeys.find(passkey.person.workspace, f"C#{passkey.digest}")


def at(directory: Directory, passkey: Passkey) -> Passkey | None:
    return directory.passkeys.find(passkey.person.workspace, passkey.digest)


def use(
    directory: Directory, passkey: Passkey, sign_count: int, *, is_backed_up: bool = True
) -> None:
    directory.passkeys.use(passkey, sign_count=sign_count, is_backed_up=is_backed_up, now=NOW + 60)


def added(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.FACTOR_ADDED)


def removed(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.FACTOR_REMOVED)


def renamed(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.USER_UPDATED)


def held(directory: Directory, **changes: object) -> Passkey:
    passkey = some_passkey(**changes)
    directory.passkeys.add(passkey, added(passkey.person))
    return passkey


def some_passkey(**changes: object) -> Passkey:
    words: dict[str, Any] = {
        "id": secrets.token_urlsafe(32),
        "person": changes.get("person") or some_person(),
        "rp_id": "flows.example",
        "public_key": secrets.token_bytes(77),
        "sign_count": 7,
        "is_synced": True,
        "is_backed_up": True,
        "transports": ("hybrid", "internal"),
        "aaguid": "00000000-0000-0000-0000-000000000000",
        "name": some_sealed(2),
        "created_at": NOW,
        **changes,
    }
    return Passkey(**words)
