"""What every user store does with the links of people to providers elsewhere."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import new_workspace_id
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from tests.builders import NOW, some_event, some_person, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest, some_user, wins


def some_link(provider: str = "google") -> Link:
    return Link(some_digest(), provider, f"https://{provider}.example", NOW)


def linked(directory: Directory, person: Person, *links: Link) -> None:
    for link in links:
        directory.users.link(person, link, some_event(person.workspace))


def removal(person: Person) -> AuditEvent:
    return some_event(person.workspace, action=AuditAction.FACTOR_REMOVED)


def test_links_come_back_as_they_were_the_oldest_first(directory: Directory) -> None:
    user, first, second = some_user(), some_link(), some_link("entra")
    directory.users.create(
        user,
        address=some_digest(),
        keys=some_user_keys(user.person),
        event=some_event(user.person.workspace),
        link=first,
    )
    linked(directory, user.person, second)
    assert list(directory.users.links(user.person)) == [first, second]


def test_a_link_of_before_names_no_provider(directory: Directory) -> None:
    person, link = directory.add_user().person, Link(some_digest())
    linked(directory, person, link)
    assert list(directory.users.links(person)) == [link]


def test_who_is_known_nowhere_has_none(directory: Directory) -> None:
    assert list(directory.users.links(directory.add_user().person)) == []
    assert list(directory.users.links(some_person())) == []


def test_a_removed_link_is_nobodys_and_recorded(directory: Directory) -> None:
    user, gone, kept = directory.add_user(), some_link(), some_link("entra")
    person = user.person
    linked(directory, person, gone, kept)
    event = removal(person)
    directory.users.unlink(person, gone, event, among=[gone, kept])
    assert list(directory.users.links(person)) == [kept]
    assert directory.users.linked(person.workspace, gone.subject) is None
    assert directory.users.linked(person.workspace, kept.subject) == person.user
    assert directory.users.get(person) == replace(user, is_vouched_for=True)
    assert event in directory.events(person.workspace)


def test_who_loses_the_last_one_is_as_if_there_had_been_none(directory: Directory) -> None:
    user, link = directory.add_user(), some_link()
    linked(directory, user.person, link)
    directory.users.unlink(user.person, link, removal(user.person), among=[link])
    assert directory.users.get(user.person) == user
    assert list(directory.users.links(user.person)) == []
    # The same subject is free for anybody, and for the same one.
    linked(directory, user.person, link)
    assert list(directory.users.links(user.person)) == [link]


def test_a_link_that_does_not_stand_as_it_was_read_stays(directory: Directory) -> None:
    person, link, late = directory.add_user().person, some_link(), some_link("entra")
    linked(directory, person, link, late)
    before = directory.events(person.workspace)
    for among in ([link], [late, link], [link, late, some_link()]):
        with pytest.raises(Stale):
            directory.users.unlink(person, link, removal(person), among=among)
    assert list(directory.users.links(person)) == [link, late]
    assert directory.events(person.workspace) == before


def test_nobody_removes_a_neighbours_link(directory: Directory) -> None:
    person, link = directory.add_user().person, some_link()
    neighbour, own = (
        directory.add_user(some_user(some_person(person.workspace))).person,
        some_link(),
    )
    linked(directory, person, link)
    linked(directory, neighbour, own)
    elsewhere = Person(new_workspace_id(), person.user)
    for other in (neighbour, elsewhere):
        for among in ([link], [own], [own, link], []):
            with pytest.raises(Stale):
                directory.users.unlink(other, link, removal(other), among=among)
    assert list(directory.users.links(person)) == [link]
    assert list(directory.users.links(neighbour)) == [own]
    assert list(directory.users.links(elsewhere)) == []
    assert directory.users.linked(person.workspace, link.subject) == person.user


def test_of_two_that_are_removed_at_once_one_stays(directory: Directory) -> None:
    person, links = directory.add_user().person, [some_link(), some_link("entra")]
    linked(directory, person, *links)
    outcomes = at_once(
        [
            partial(
                wins,
                partial(directory.users.unlink, person, link, removal(person), among=links),
            )
            for link in links
        ]
    )
    assert sorted(outcomes) == [False, True]
    assert list(directory.users.links(person)) == [links[outcomes.index(False)]]
