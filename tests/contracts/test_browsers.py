"""What every login store does with browser sign-ins."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, new_browser_id, new_workspace_id
from chalicelib.domain.limits import SSO_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from tests.builders import NOW, some_event, some_person
from tests.contracts.directory import Directory, at_once, some_digest

EXP = NOW + SSO_SECONDS


def test_a_sign_in_comes_back_as_it_was(directory: Directory) -> None:
    browser = some_browser(sign_in=SignIn(NOW - 9, acr="sf:2", amr=("pwd", "otp", "mfa")))
    add(directory, browser)
    assert at(directory, browser) == browser


def test_it_ends_to_the_second(directory: Directory) -> None:
    browser = some_browser()
    add(directory, browser)
    assert at(directory, browser, now=EXP - 1) == browser
    assert at(directory, browser, now=EXP) is None


def test_a_sign_in_is_recorded(directory: Directory) -> None:
    browser = some_browser()
    event = some_event(browser.person.workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(browser, event)
    assert directory.events(browser.person.workspace) == [event]


def test_without_its_record_there_is_no_sign_in(directory: Directory) -> None:
    browser = some_browser()
    event = some_event(browser.person.workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.audit.append(event)
    with pytest.raises(Stale):
        directory.login.add_browser(browser, event)
    assert at(directory, browser) is None


def test_all_of_a_person_end_but_one(directory: Directory) -> None:
    person = some_person()
    kept, *others = (some_browser(person=person) for _ in range(3))
    stranger = some_browser(person=some_person(person.workspace))
    for browser in (kept, *others, stranger):
        add(directory, browser)
    directory.login.end_browsers(person, but=kept.digest)
    assert [at(directory, browser) for browser in others] == [None, None]
    assert at(directory, kept) == kept
    assert at(directory, stranger) == stranger
    directory.login.end_browsers(person)
    assert at(directory, kept) is None


def test_all_of_a_person_are_listed_the_newest_first_and_nobody_elses(
    directory: Directory,
) -> None:
    person = some_person()
    own = [some_browser(person=person, sign_in=SignIn(NOW - age)) for age in (5, 60, 3)]
    over = replace(some_browser(person=person), exp=NOW)
    for browser in (*own, over):
        add(directory, browser)
    add(directory, some_browser(person=some_person(person.workspace)))
    add(directory, some_browser(person=Person(new_workspace_id(), person.user)))
    newest_first = [own[2], own[0], own[1]]
    assert directory.login.browsers_of(person, now=NOW) == newest_first
    directory.login.end_browser(person.workspace, own[0].digest)
    assert directory.login.browsers_of(person, now=NOW) == [own[2], own[1]]
    assert directory.login.browsers_of(person, now=EXP) == []


def test_a_sign_out_is_recorded_once(directory: Directory) -> None:
    browser = some_browser()
    add(directory, browser)
    events = [
        some_event(browser.person.workspace, action=AuditAction.SESSION_LOGGED_OUT)
        for _ in range(2)
    ]
    directory.login.sign_out_browser(browser, events[0])
    assert at(directory, browser) is None
    with pytest.raises(Stale):
        directory.login.sign_out_browser(browser, events[1])
    found = [event.id for event in directory.events(browser.person.workspace)]
    assert events[0].id in found
    assert events[1].id not in found


def test_an_ended_one_is_gone_and_ending_again_changes_nothing(directory: Directory) -> None:
    browser = some_browser()
    other = some_browser(person=browser.person)
    add(directory, browser)
    add(directory, other)
    directory.login.end_browser(browser.person.workspace, browser.digest)
    directory.login.end_browser(browser.person.workspace, browser.digest)
    assert at(directory, browser) is None
    assert at(directory, other) == other


def test_every_one_of_a_person_ends_and_nobody_elses(directory: Directory) -> None:
    person = some_person()
    own = [some_browser(person=person) for _ in range(5)]
    colleague = some_browser(person=some_person(person.workspace))
    namesake = some_browser(person=Person(new_workspace_id(), person.user))
    for browser in (*own, colleague, namesake):
        add(directory, browser)
    directory.login.end_browsers(person)
    assert [at(directory, browser) for browser in own] == [None] * 5
    assert at(directory, colleague) == colleague
    assert at(directory, namesake) == namesake
    directory.login.end_browsers(person)
    again = some_browser(person=person)
    add(directory, again)
    assert at(directory, again) == again


def test_one_digest_in_two_workspaces_is_two_browsers(directory: Directory) -> None:
    mine = some_browser()
    theirs = replace(some_browser(), digest=mine.digest)
    add(directory, mine)
    add(directory, theirs)
    directory.login.end_browser(theirs.person.workspace, theirs.digest)
    assert at(directory, mine) == mine
    assert at(directory, theirs) is None


def test_from_next_door_nothing_is_found_or_ended(directory: Directory) -> None:
    browser = some_browser()
    add(directory, browser)
    neighbour = new_workspace_id()
    assert directory.login.browser(neighbour, browser.digest, now=NOW) is None
    digest = browser.digest[:-1]
    assert directory.login.browser(browser.person.workspace, digest, now=NOW) is None
    directory.login.end_browser(neighbour, browser.digest)
    directory.login.end_browsers(some_person(neighbour))
    assert at(directory, browser) == browser


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    browser = some_browser()
    add(directory, browser)
    reaching = WorkspaceId(f"{browser.person.workspace}#SSO")
    with pytest.raises(ValueError, match="not a part"):
        directory.login.browser(reaching, browser.digest, now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.end_browser(browser.person.workspace, f"SSO#{browser.digest}")
    with pytest.raises(ValueError, match="not a part"):
        add(directory, replace(browser, digest=f"x#SSO#{browser.digest}"))


def test_of_eight_browsers_of_one_person_every_one_is_kept(directory: Directory) -> None:
    person = some_person()
    browsers = [some_browser(person=person) for _ in range(8)]
    at_once([partial(add, directory, browser) for browser in browsers])
    assert [at(directory, browser) for browser in browsers] == browsers
    assert len(directory.events(person.workspace)) == 8
    directory.login.end_browsers(person)
    assert [at(directory, browser) for browser in browsers] == [None] * 8


def add(directory: Directory, browser: BrowserSignIn) -> None:
    event = some_event(browser.person.workspace, action=AuditAction.SIGNIN_SUCCEEDED)
    directory.login.add_browser(browser, event)


def at(directory: Directory, browser: BrowserSignIn, *, now: int = NOW) -> BrowserSignIn | None:
    return directory.login.browser(browser.person.workspace, browser.digest, now=now)


def some_browser(*, person: Person | None = None, sign_in: SignIn | None = None) -> BrowserSignIn:
    return BrowserSignIn(
        digest=some_digest(),
        id=new_browser_id(),
        person=some_person() if person is None else person,
        sign_in=SignIn(NOW) if sign_in is None else sign_in,
        exp=EXP,
        agent="Firefox on Mac",
    )
