"""What every user store does with visitors, and with the accounts that they add."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.erasures import Erasure
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import new_ulid, new_workspace_id
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserKind, UserStatus
from tests.builders import NOW, some_event, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest, some_user, wins
from tests.contracts.stores import Stores
from tests.contracts.test_invites import add, redemption, some_invite


def visitor(directory: Directory, person: Person | None = None) -> User:
    """Store a visitor."""
    made = some_user(person, password=None, kind=UserKind.VISITOR)
    directory.users.create(
        made,
        address=None,
        keys=some_user_keys(made.person),
        event=some_event(made.person.workspace, action=AuditAction.USER_CREATED),
    )
    return made


def account_of(before: User) -> User:
    return replace(before, kind=UserKind.ACCOUNT, profile=some_sealed(3), password="$new$")


def upgrade(directory: Directory, before: User, address: str | None = None, **words: Any) -> User:
    after = account_of(before)
    event = some_event(before.person.workspace, action=AuditAction.USER_UPGRADED)
    directory.users.upgrade(before, after, address=address or some_digest(), event=event, **words)
    return after


def test_a_visitor_is_found_by_person_alone(directory: Directory) -> None:
    made = visitor(directory)
    found = directory.users.get(made.person)
    assert found == made
    assert found is not None
    assert found.is_visitor
    assert directory.keys.of_user(made.person) is not None


def test_visitors_are_as_many_as_come(directory: Directory) -> None:
    workspace = new_workspace_id()
    made = [visitor(directory, some_person(workspace)) for _ in range(3)]
    assert [directory.users.get(each.person) for each in made] == made


def test_a_visitor_gets_an_account_under_the_same_number(directory: Directory) -> None:
    made, address = visitor(directory), some_digest()
    keys = directory.keys.of_user(made.person)
    after = upgrade(directory, made, address)
    assert directory.users.get(made.person) == after
    assert not after.is_visitor
    assert directory.users.find(made.person.workspace, address) == made.person.user
    assert directory.keys.of_user(made.person) == keys
    actions = [event.action.value for event in directory.events(made.person.workspace)]
    assert sorted(actions) == ["user.created", "user.upgraded"]


@pytest.mark.parametrize("why", ["taken", "an account", "changed", "suspended", "nobody"])
def test_what_does_not_stand_as_before_is_stale_and_changes_nothing(
    directory: Directory, why: str
) -> None:
    made, address = visitor(directory), some_digest()
    before = made
    if why == "taken":
        directory.add_user(some_user(some_person(made.person.workspace)), address=address)
    if why == "an account":
        made = upgrade(directory, made)
    if why == "changed":
        before = replace(made, profile=some_sealed(7))
    if why == "suspended":
        before = replace(made, status=UserStatus.SUSPENDED)
    if why == "nobody":
        before = replace(made, person=some_person(made.person.workspace))
    recorded = directory.events(made.person.workspace)
    with pytest.raises(Stale):
        upgrade(directory, before, address)
    assert directory.users.get(made.person) == made
    assert directory.events(made.person.workspace) == recorded
    if why != "taken":
        assert directory.users.find(made.person.workspace, address) is None


def test_an_account_is_no_visitor_to_be_upgraded(directory: Directory) -> None:
    user = directory.add_user()
    with pytest.raises(Stale):
        upgrade(directory, user)
    assert directory.users.get(user.person) == user


def test_next_door_nobody_is_upgraded(directory: Directory) -> None:
    made, address = visitor(directory), some_digest()
    other = replace(made, person=Person(new_workspace_id(), made.person.user))
    with pytest.raises(Stale):
        upgrade(directory, other, address)
    assert directory.users.get(made.person) == made
    assert directory.users.find(made.person.workspace, address) is None


def test_of_eight_visitors_who_want_one_address_one_has_it(directory: Directory) -> None:
    workspace, address = new_workspace_id(), some_digest()
    made = [visitor(directory, some_person(workspace)) for _ in range(8)]
    outcomes = at_once([partial(wins, partial(upgrade, directory, each, address)) for each in made])
    assert sum(outcomes) == 1
    assert directory.users.find(workspace, address) == made[outcomes.index(True)].person.user


def test_an_invite_is_redeemed_with_the_account_that_it_permits(directory: Directory) -> None:
    made = visitor(directory)
    invite = add(directory, some_invite(made.person.workspace))
    upgrade(directory, made, redemption=redemption(invite))
    found = directory.invites.get(invite.workspace, invite.digest)
    assert found == invite.redeemed(made.person.user)
    late = visitor(directory, some_person(made.person.workspace))
    with pytest.raises(Stale):
        upgrade(directory, late, redemption=redemption(invite))
    assert directory.users.get(late.person) == late


def test_no_address_reaches_into_a_neighbours_key(directory: Directory) -> None:
    with pytest.raises(ValueError, match="not a part"):
        upgrade(directory, visitor(directory), "a#b")


def test_an_invite_says_no_more_whose_account_it_made_once_that_is_erased(stores: Stores) -> None:
    made = some_user(password=None, kind=UserKind.VISITOR)
    workspace = made.person.workspace
    keys, event = some_user_keys(made.person), some_event(workspace)
    stores.users.create(made, address=None, keys=keys, event=event)
    invite = some_invite(workspace)
    stores.invites.add(invite, some_event(workspace))
    after = account_of(made)
    stores.users.upgrade(
        made,
        after,
        address=some_digest(),
        event=some_event(workspace),
        redemption=redemption(invite),
    )
    erasure = Erasure(new_ulid(NOW * 1_000), made.person, NOW)
    stores.erasures.begin(erasure, profile=after.profile, address=None, events=[])
    stores.erasures.release(made.person)
    found = stores.invites.get(workspace, invite.digest)
    assert found is not None
    assert found.redeemed_by is None
