"""What every login store does with the ends of sign-ins."""

from dataclasses import replace

import pytest

from chalicelib.domain.endings import Ending
from chalicelib.domain.ids import GrantId, new_browser_id, new_workspace_id, root_of
from chalicelib.domain.limits import ENDING_SECONDS
from chalicelib.domain.sessions import Person
from tests.builders import NOW, some_person
from tests.contracts.directory import Directory, some_digest


def noted(directory: Directory, person: Person, *, now: int = NOW) -> set[Ending]:
    return set(directory.login.endings(person, now=now))


def test_ends_come_back_as_they_were(directory: Directory) -> None:
    person = some_person()
    everything = Ending(person, NOW, but=some_digest())
    one = Ending(person, NOW - 5, root=root_of(new_browser_id()))
    for ending in (everything, one):
        directory.login.note_ending(ending)
    assert noted(directory, person) == {everything, one}


def test_a_later_end_takes_the_place_of_an_earlier_one(directory: Directory) -> None:
    person = some_person()
    first = Ending(person, NOW, but=some_digest())
    later = Ending(person, NOW + 5)
    for ending in (first, later):
        directory.login.note_ending(ending)
    assert noted(directory, person) == {later}


def test_they_are_forgotten_to_the_second(directory: Directory) -> None:
    ending = Ending(some_person(), NOW)
    directory.login.note_ending(ending)
    assert noted(directory, ending.person, now=NOW + ENDING_SECONDS - 1) == {ending}
    assert noted(directory, ending.person, now=NOW + ENDING_SECONDS) == set()


def test_nobody_else_s_are_found(directory: Directory) -> None:
    ending = Ending(some_person(), NOW)
    directory.login.note_ending(ending)
    assert noted(directory, some_person(ending.person.workspace)) == set()
    assert noted(directory, Person(new_workspace_id(), ending.person.user)) == set()


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    ending = Ending(some_person(), NOW, root=GrantId("g#ALL"))
    with pytest.raises(ValueError, match="not a part"):
        directory.login.note_ending(ending)
    assert noted(directory, ending.person) == set()


def test_the_end_of_all_covers_all_that_was_given_by_then() -> None:
    browser, ending = new_browser_id(), Ending(some_person(), NOW)
    assert ending.covers_code(root_of(browser), given_at=NOW)
    assert not ending.covers_code(root_of(browser), given_at=NOW + 1)
    own = replace(ending, root=root_of(browser))
    assert own.covers_code(GrantId(root_of(browser) + "a" * 10), given_at=NOW)
    assert not own.covers_code(root_of(new_browser_id()), given_at=NOW)
