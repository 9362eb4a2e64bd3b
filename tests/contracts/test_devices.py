"""What every store of known devices does."""

from dataclasses import replace

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, new_workspace_id
from chalicelib.domain.limits import DEVICE_SECONDS
from chalicelib.domain.sessions import Person
from tests.builders import NOW, some_event, some_person
from tests.contracts.directory import Directory, some_digest

EXP = NOW + DEVICE_SECONDS


def test_a_browser_is_unknown_at_first(directory: Directory) -> None:
    assert not directory.devices.knows(some_person(), some_digest(), now=NOW)


def test_one_that_was_marked_is_known_until_its_end_to_the_second(directory: Directory) -> None:
    device = marked(directory)
    assert directory.devices.knows(device.person, device.digest, now=EXP - 1)
    assert not directory.devices.knows(device.person, device.digest, now=EXP)


def test_marked_again_it_is_known_for_longer(directory: Directory) -> None:
    device = marked(directory)
    directory.devices.add(replace(device, exp=EXP + 5))
    assert directory.devices.knows(device.person, device.digest, now=EXP)


def test_all_of_a_person_are_listed_the_last_used_first(directory: Directory) -> None:
    person = some_person()
    older, newer = marked(directory, person=person), marked(directory, person=person)
    newer = replace(newer, exp=EXP + 5, agent="Safari on iPhone")
    directory.devices.add(newer)
    marked(directory, person=some_person(person.workspace))
    assert directory.devices.of(person, now=NOW) == [newer, older]
    assert directory.devices.of(person, now=EXP) == [newer]


def test_one_is_removed_once_with_its_record(directory: Directory) -> None:
    device, other = marked(directory), marked(directory)
    workspace = device.person.workspace
    events = [some_event(workspace, action=AuditAction.USER_UPDATED) for _ in range(2)]
    directory.devices.remove(device, events[0])
    assert not directory.devices.knows(device.person, device.digest, now=NOW)
    with pytest.raises(Stale):
        directory.devices.remove(device, events[1])
    assert directory.events(workspace) == [events[0]]
    namesake = replace(device, person=other.person)
    with pytest.raises(Stale):
        directory.devices.remove(namesake, some_event(other.person.workspace))
    assert directory.devices.knows(other.person, other.digest, now=NOW)


def test_without_its_record_none_is_removed(directory: Directory) -> None:
    device = marked(directory)
    event = some_event(device.person.workspace, action=AuditAction.USER_UPDATED)
    directory.audit.append(event)
    with pytest.raises(Stale):
        directory.devices.remove(device, event)
    assert directory.devices.knows(device.person, device.digest, now=NOW)


def test_one_is_forgotten_and_the_others_stay(directory: Directory) -> None:
    device = marked(directory)
    other = marked(directory, person=device.person)
    directory.devices.forget(device.person, device.digest)
    directory.devices.forget(device.person, device.digest)
    assert not directory.devices.knows(device.person, device.digest, now=NOW)
    assert directory.devices.knows(other.person, other.digest, now=NOW)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_all_but_some_are_forgotten(directory: Directory, kept: int) -> None:
    person = some_person()
    devices = [marked(directory, person=person) for _ in range(4)]
    elsewhere = marked(directory)
    but = [device.digest for device in devices[:kept]]
    directory.devices.forget_others(person, but=but)
    known = [d.digest for d in devices if directory.devices.knows(person, d.digest, now=NOW)]
    assert known == but
    assert directory.devices.knows(elsewhere.person, elsewhere.digest, now=NOW)


def test_from_next_door_it_is_neither_known_nor_forgotten(directory: Directory) -> None:
    device = marked(directory)
    person = device.person
    neighbours = [
        replace(person, workspace=new_workspace_id()),
        Person(person.workspace, UserId(person.user + 1)),
        Person(person.workspace, UserId(person.user // 10 + 10**15)),
    ]
    for neighbour in neighbours:
        assert not directory.devices.knows(neighbour, device.digest, now=NOW)
        directory.devices.forget(neighbour, device.digest)
        directory.devices.forget_others(neighbour, but=())
    assert directory.devices.knows(person, device.digest, now=NOW)


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    with pytest.raises(ValueError, match="not a part"):
        directory.devices.knows(some_person(), f"KD#{some_digest()}", now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        marked(directory, digest="")


def marked(
    directory: Directory, *, person: Person | None = None, digest: str | None = None
) -> KnownDevice:
    device = KnownDevice(
        digest=some_digest() if digest is None else digest, person=person or some_person(), exp=EXP
    )
    directory.devices.add(device)
    return device
