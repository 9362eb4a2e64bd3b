"""What every user store does."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, new_user_id, new_workspace_id
from chalicelib.domain.keys import KeyKind
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserStatus
from tests.builders import some_event, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest, some_user, wins


def test_a_created_user_is_found_by_person_and_by_address(directory: Directory) -> None:
    address = some_digest()
    user = directory.add_user(address=address)
    assert directory.users.get(user.person) == user
    assert directory.users.find(user.person.workspace, address) == user.person.user


@pytest.mark.parametrize("status", UserStatus)
def test_every_status_comes_back_as_it_was(directory: Directory, status: UserStatus) -> None:
    user = directory.add_user(some_user(status=status))
    assert directory.users.get(user.person) == user


def test_a_user_without_a_password_has_none(directory: Directory) -> None:
    user = directory.add_user(some_user(password=None))
    assert directory.users.get(user.person) == user


def test_a_new_user_has_the_given_keys(directory: Directory) -> None:
    user = some_user()
    keys = some_user_keys(user.person, KeyKind.IK, KeyKind.DK)
    directory.add_user(user, keys=keys)
    assert directory.keys.of_user(user.person) == keys


def test_a_creation_is_recorded(directory: Directory) -> None:
    user = some_user()
    event = some_event(user.person.workspace, action=AuditAction.USER_CREATED)
    directory.users.create(
        user, address=some_digest(), keys=some_user_keys(user.person), event=event
    )
    assert directory.events(user.person.workspace) == [event]


def test_a_taken_address_is_stale_and_leaves_nothing(directory: Directory) -> None:
    address = some_digest()
    first = directory.add_user(address=address)
    second = some_user(some_person(first.person.workspace))
    before = directory.events(first.person.workspace)
    with pytest.raises(Stale):
        directory.add_user(second, address=address)
    assert directory.users.find(first.person.workspace, address) == first.person.user
    assert directory.users.get(first.person) == first
    assert directory.users.get(second.person) is None
    assert directory.keys.of_user(second.person) is None
    assert directory.events(first.person.workspace) == before


def test_a_taken_user_id_is_stale_and_leaves_address_and_keys_alone(directory: Directory) -> None:
    user = some_user()
    keys = some_user_keys(user.person)
    directory.add_user(user, keys=keys)
    address = some_digest()
    with pytest.raises(Stale):
        directory.add_user(some_user(user.person), address=address)
    assert directory.users.find(user.person.workspace, address) is None
    assert directory.users.get(user.person) == user
    assert directory.keys.of_user(user.person) == keys


def test_one_address_in_two_workspaces_is_two_people(directory: Directory) -> None:
    address = some_digest()
    mine, theirs = directory.add_user(address=address), directory.add_user(address=address)
    assert directory.users.find(mine.person.workspace, address) == mine.person.user
    assert directory.users.find(theirs.person.workspace, address) == theirs.person.user


def test_one_user_id_in_two_workspaces_is_two_people(directory: Directory) -> None:
    mine = directory.add_user()
    theirs = directory.add_user(some_user(Person(new_workspace_id(), mine.person.user)))
    assert directory.users.get(mine.person) == mine
    assert directory.users.get(theirs.person) == theirs
    assert directory.keys.of_user(mine.person) != directory.keys.of_user(theirs.person)


def test_from_next_door_nobody_is_found(directory: Directory) -> None:
    address = some_digest()
    mine = directory.add_user(address=address)
    neighbour = new_workspace_id()
    assert directory.users.find(neighbour, address) is None
    assert directory.users.get(Person(neighbour, mine.person.user)) is None
    assert directory.users.get(some_person(mine.person.workspace)) is None
    assert directory.users.find(mine.person.workspace, some_digest()) is None
    assert directory.users.find(mine.person.workspace, address[:-1]) is None


def test_what_would_collide_when_joined_does_not(directory: Directory) -> None:
    address = some_digest()
    mine = directory.add_user(address=address)
    workspace, user = mine.person.workspace, mine.person.user
    assert directory.users.find(WorkspaceId(f"{workspace}#E"), address) is None
    assert directory.users.find(WorkspaceId(f"{workspace}#E#{address}"), "") is None
    assert directory.users.find(WorkspaceId(""), f"{workspace}#E#{address}") is None
    with pytest.raises(ValueError, match="not a person"):
        directory.users.get(Person(WorkspaceId(f"{workspace}#U#{user}"), user))
    with pytest.raises(ValueError, match="not a part"):
        directory.add_user(address=f"x#E#{address}")


@pytest.mark.parametrize("text", ["", "#", "é", "x" * 5_000, "\x00"])
def test_what_cannot_be_an_address_finds_nobody(directory: Directory, text: str) -> None:
    assert directory.users.find(new_workspace_id(), text) is None


def test_a_stronger_hash_takes_the_place_of_the_one_it_was_made_from(
    directory: Directory,
) -> None:
    user = directory.add_user(some_user(password="$weak$"))
    neighbour = directory.add_user(some_user(some_person(user.person.workspace), password="$weak$"))
    directory.users.rehash(user.person, before="$weak$", after="$strong$")
    found = directory.users.get(user.person)
    assert found == some_user(
        user.person, profile=user.profile, created_at=user.created_at, password="$strong$"
    )
    assert directory.users.get(neighbour.person) == neighbour


def test_a_hash_that_has_changed_meanwhile_is_left_alone(directory: Directory) -> None:
    user = directory.add_user(some_user(password="$new password$"))
    directory.users.rehash(user.person, before="$old password$", after="$old, stronger$")
    assert directory.users.get(user.person) == user


def test_a_password_that_was_removed_does_not_come_back(directory: Directory) -> None:
    user = directory.add_user(some_user(password=None))
    directory.users.rehash(user.person, before="$old$", after="$stronger$")
    assert directory.users.get(user.person) == user


def test_a_hash_for_nobody_makes_nobody(directory: Directory) -> None:
    nobody = some_person()
    directory.users.rehash(nobody, before="$weak$", after="$strong$")
    assert directory.users.get(nobody) is None


@pytest.mark.parametrize("before", ["$old$", None])
def test_another_password_is_stored_and_recorded(directory: Directory, before: str | None) -> None:
    user = directory.add_user(some_user(password=before))
    neighbour = directory.add_user(some_user(some_person(user.person.workspace), password=before))
    event = some_event(user.person.workspace, action=AuditAction.PASSWORD_CHANGED)
    directory.users.change_password(user.person, before=before, after="$new$", event=event)
    assert directory.users.get(user.person) == replace(user, password="$new$")
    assert directory.users.get(neighbour.person) == neighbour
    assert event in directory.events(user.person.workspace)


@pytest.mark.parametrize("stored", ["$another$", None])
def test_a_password_that_was_changed_meanwhile_stays(
    directory: Directory, stored: str | None
) -> None:
    user = directory.add_user(some_user(password=stored))
    recorded = directory.events(user.person.workspace)
    for before in {"$old$", "$another$", None} - {stored}:
        event = some_event(user.person.workspace, action=AuditAction.PASSWORD_CHANGED)
        with pytest.raises(Stale):
            directory.users.change_password(user.person, before=before, after="$new$", event=event)
    assert directory.users.get(user.person) == user
    assert directory.events(user.person.workspace) == recorded


def test_nobody_next_door_gets_a_password(directory: Directory) -> None:
    user = directory.add_user(some_user(password=None))
    nobody = Person(new_workspace_id(), user.person.user)
    event = some_event(nobody.workspace, action=AuditAction.PASSWORD_CHANGED)
    with pytest.raises(Stale):
        directory.users.change_password(nobody, before=None, after="$new$", event=event)
    assert directory.users.get(nobody) is None
    assert directory.users.get(user.person) == user


def test_without_its_record_no_password_changes(directory: Directory) -> None:
    user = directory.add_user(some_user(password="$old$"))
    event = some_event(user.person.workspace, action=AuditAction.PASSWORD_CHANGED)
    directory.audit.append(event)
    with pytest.raises(Stale):
        directory.users.change_password(user.person, before="$old$", after="$new$", event=event)
    assert directory.users.get(user.person) == user


def test_of_eight_who_change_one_password_one_wins(directory: Directory) -> None:
    user = directory.add_user(some_user(password="$old$"))

    def change(number: int) -> None:
        directory.users.change_password(
            user.person,
            before="$old$",
            after=f"${number}$",
            event=some_event(user.person.workspace, action=AuditAction.PASSWORD_CHANGED),
        )

    outcomes = at_once([partial(wins, partial(change, number)) for number in range(8)])
    assert sum(outcomes) == 1
    found = directory.users.get(user.person)
    assert found is not None
    assert found.password == f"${outcomes.index(True)}$"


def test_a_person_moves_to_another_address(directory: Directory) -> None:
    old, new = some_digest(), some_digest()
    user = directory.add_user(address=old)
    profile = some_sealed(3)
    event = moved(user)
    directory.users.change_address(user, profile, old=old, new=new, event=event)
    workspace = user.person.workspace
    assert directory.users.get(user.person) == replace(user, profile=profile)
    assert directory.users.find(workspace, new) == user.person.user
    assert directory.users.find(workspace, old) is None
    assert event in directory.events(workspace)


@pytest.mark.parametrize("why", ["taken", "not mine", "changed", "recorded", "next door"])
def test_a_move_that_cannot_be_leaves_everything_where_it_is(
    directory: Directory, why: str
) -> None:
    old, new = some_digest(), some_digest()
    user = directory.add_user(address=old)
    workspace = user.person.workspace
    other = directory.add_user(some_user(some_person(workspace)))
    before, left, taken, event = user, old, new, moved(user)
    match why:
        case "taken":
            directory.add_user(some_user(some_person(workspace)), address=new)
        case "not mine":
            left = some_digest()
            directory.add_user(some_user(some_person(workspace)), address=left)
        case "changed":
            before = replace(user, profile=some_sealed(2))
        case "recorded":
            directory.audit.append(event)
        case "next door":
            before = replace(user, person=Person(new_workspace_id(), user.person.user))
    holder = directory.users.find(workspace, taken)
    recorded = directory.events(workspace)
    with pytest.raises(Stale):
        directory.users.change_address(before, some_sealed(3), old=left, new=taken, event=event)
    assert directory.users.get(user.person) == user
    assert directory.users.get(other.person) == other
    assert directory.users.find(workspace, old) == user.person.user
    assert directory.users.find(workspace, taken) == holder
    assert directory.events(workspace) == recorded


def test_of_eight_who_move_to_one_address_one_wins(directory: Directory) -> None:
    workspace, new = new_workspace_id(), some_digest()
    olds = [some_digest() for _ in range(8)]
    users = [directory.add_user(some_user(some_person(workspace)), address=old) for old in olds]

    def move(user: User, old: str) -> None:
        event = moved(user)
        directory.users.change_address(user, some_sealed(3), old=old, new=new, event=event)

    outcomes = at_once(
        [partial(wins, partial(move, user, old)) for user, old in zip(users, olds, strict=True)]
    )
    assert sum(outcomes) == 1
    assert directory.users.find(workspace, new) == users[outcomes.index(True)].person.user
    for user, old, won in zip(users, olds, outcomes, strict=True):
        assert directory.users.find(workspace, old) == (None if won else user.person.user)


def moved(user: User) -> AuditEvent:
    return some_event(user.person.workspace, action=AuditAction.EMAIL_CHANGED)


def test_of_eight_who_claim_one_address_one_wins(directory: Directory) -> None:
    workspace, address = new_workspace_id(), some_digest()
    rivals = [some_user(some_person(workspace)) for _ in range(8)]
    outcomes = at_once(
        [partial(wins, partial(directory.add_user, rival, address=address)) for rival in rivals]
    )
    assert sum(outcomes) == 1
    winner = rivals[outcomes.index(True)]
    assert directory.users.find(workspace, address) == UserId(winner.person.user)
    for rival in rivals:
        is_there = rival is winner
        assert (directory.users.get(rival.person) is not None) == is_there
        assert (directory.keys.of_user(rival.person) is not None) == is_there
    assert len(directory.events(workspace)) == 1


def link(directory: Directory, person: Person, subject: str) -> None:
    directory.users.link(person, Link(subject), some_event(person.workspace))


def test_a_subject_is_claimed_with_the_user_or_after(directory: Directory) -> None:
    first, second = some_digest(), some_digest()
    user = some_user()
    event = some_event(user.person.workspace)
    directory.users.create(
        user,
        address=some_digest(),
        keys=some_user_keys(user.person),
        event=event,
        link=Link(first),
    )
    link(directory, user.person, second)
    for subject in (first, second):
        assert directory.users.linked(user.person.workspace, subject) == user.person.user
    assert len(directory.events(user.person.workspace)) == 2
    assert directory.users.get(user.person) == replace(user, is_vouched_for=True)


def test_who_is_linked_later_is_vouched_for_from_then_on(directory: Directory) -> None:
    user, namesake = directory.add_user(), directory.add_user()
    link(directory, user.person, some_digest())
    assert directory.users.get(user.person) == replace(user, is_vouched_for=True)
    assert directory.users.get(namesake.person) == namesake


def test_a_taken_subject_is_stale_and_leaves_nothing(directory: Directory) -> None:
    user, subject = directory.add_user(), some_digest()
    link(directory, user.person, subject)
    before = directory.events(user.person.workspace)
    other = some_user(replace(user.person, user=new_user_id()))
    address = some_digest()
    with pytest.raises(Stale):
        directory.users.create(
            other,
            address=address,
            keys=some_user_keys(other.person),
            event=some_event(other.person.workspace),
            link=Link(subject),
        )
    assert directory.users.get(other.person) is None
    assert directory.users.find(other.person.workspace, address) is None
    for person in (user.person, directory.add_user(other).person):
        with pytest.raises(Stale):
            link(directory, person, subject)
    assert directory.users.linked(user.person.workspace, subject) == user.person.user
    assert len(directory.events(user.person.workspace)) == len(before) + 1


def test_nobody_who_is_not_there_is_linked(directory: Directory) -> None:
    person, subject = some_person(), some_digest()
    with pytest.raises(Stale):
        link(directory, person, subject)
    assert directory.users.linked(person.workspace, subject) is None


def test_next_door_a_subject_is_nobodys(directory: Directory) -> None:
    user, subject = directory.add_user(), some_digest()
    link(directory, user.person, subject)
    assert directory.users.linked(new_workspace_id(), subject) is None
    assert directory.users.linked(user.person.workspace, some_digest()) is None
    assert directory.users.linked(user.person.workspace, "a#b") is None
    # A claim of an address is none of a subject.
    assert directory.users.find(user.person.workspace, subject) is None


def test_other_personal_data_takes_the_place_of_what_stood(directory: Directory) -> None:
    user, after = directory.add_user(), some_sealed(7)
    event = some_event(user.person.workspace)
    directory.users.change_profile(user.person, before=user.profile, after=after, event=event)
    assert directory.users.get(user.person) == replace(user, profile=after)
    assert event in directory.events(user.person.workspace)
    before = directory.events(user.person.workspace)
    for person, stood in ((user.person, user.profile), (some_person(), after)):
        with pytest.raises(Stale):
            directory.users.change_profile(
                person, before=stood, after=some_sealed(8), event=some_event(person.workspace)
            )
    assert directory.events(user.person.workspace) == before
