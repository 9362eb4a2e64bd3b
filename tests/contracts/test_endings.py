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
    for but in (None, some_digest()):
        first, later = (Ending(person, at, but=but) for at in (NOW, NOW + 5))
        for ending in (first, later):
            directory.login.note_ending(ending)
        assert later in noted(directory, person)
        assert first not in noted(directory, person)


def test_what_one_end_spares_is_none_of_another_s(directory: Directory) -> None:
    person = some_person()
    ends = {Ending(person, NOW), *(Ending(person, NOW, but=some_digest()) for _ in range(2))}
    for ending in ends:
        directory.login.note_ending(ending)
    assert noted(directory, person) == ends


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
    person = some_person()
    for ending in (Ending(person, NOW, root=GrantId("g#ALL")), Ending(person, NOW, but="a#b")):
        with pytest.raises(ValueError, match="not a part"):
            directory.login.note_ending(ending)
    assert noted(directory, person) == set()


def test_the_end_of_all_covers_all_that_was_given_by_then() -> None:
    browser, ending = new_browser_id(), Ending(some_person(), NOW)
    assert ending.covers(root_of(browser), since=NOW)
    assert not ending.covers(root_of(browser), since=NOW + 1)
    own = replace(ending, root=root_of(browser))
    assert own.covers(GrantId(root_of(browser) + "a" * 10), since=NOW)
    assert not own.covers(root_of(new_browser_id()), since=NOW)
