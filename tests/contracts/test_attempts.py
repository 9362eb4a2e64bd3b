"""What every login store does with failures to sign in."""

from functools import partial

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import LOCK_WINDOW, SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts
from tests.builders import NOW, some_event
from tests.contracts.directory import Directory, at_once, some_digest

NONE = Attempts(failures=0, last_at=0)


def test_at_first_there_are_none(directory: Directory) -> None:
    assert directory.login.attempts(new_workspace_id(), some_account(), now=NOW) == NONE


def test_each_failure_counts_and_the_last_one_has_its_time(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    first = directory.login.count_failure(workspace, account, now=NOW)
    second = directory.login.count_failure(workspace, account, now=NOW + 7)
    assert first == Attempts(1, NOW)
    assert second == Attempts(2, NOW + 7)
    assert directory.login.attempts(workspace, account, now=NOW + 8) == second


def test_a_new_window_begins_with_none(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    end = NOW - NOW % SIGN_IN_WINDOW + SIGN_IN_WINDOW
    counted = directory.login.count_failure(workspace, account, now=end - 1)
    assert directory.login.attempts(workspace, account, now=end - 1) == counted
    assert directory.login.attempts(workspace, account, now=end) == NONE
    assert directory.login.count_failure(workspace, account, now=end) == Attempts(1, end)


def test_windows_of_another_length_end_at_their_own_time(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    count = partial(directory.login.count_failure, workspace, account, window=LOCK_WINDOW)
    read = partial(directory.login.attempts, workspace, account, window=LOCK_WINDOW)
    end = NOW - NOW % LOCK_WINDOW + LOCK_WINDOW
    assert count(now=NOW) == Attempts(1, NOW)
    assert count(now=end - 1) == read(now=end - 1) == Attempts(2, end - 1)
    assert read(now=end) == NONE


@pytest.mark.parametrize("before", [0, 1, 7])
def test_a_try_is_taken_back_as_if_it_had_never_been(directory: Directory, before: int) -> None:
    workspace, account = new_workspace_id(), some_account()
    stood = NONE
    for _ in range(before):
        stood = directory.login.count_failure(workspace, account, now=NOW)
    counted = directory.login.count_failure(workspace, account, now=NOW + 9)
    directory.login.take_back(workspace, account, counted=counted, uncounted=stood, now=NOW + 9)
    assert directory.login.attempts(workspace, account, now=NOW + 9) == stood
    again = directory.login.count_failure(workspace, account, now=NOW + 10)
    assert again == Attempts(before + 1, NOW + 10)


def test_among_other_tries_one_is_taken_back(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    counted = directory.login.count_failure(workspace, account, now=NOW)
    directory.login.count_failure(workspace, account, now=NOW + 3)
    directory.login.take_back(workspace, account, counted=counted, uncounted=NONE, now=NOW)
    assert directory.login.attempts(workspace, account, now=NOW) == Attempts(1, NOW + 3)


def test_what_is_gone_is_not_taken_back(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    counted = Attempts(1, NOW)
    directory.login.take_back(workspace, account, counted=counted, uncounted=NONE, now=NOW)
    assert directory.login.attempts(workspace, account, now=NOW) == NONE


def test_failures_of_several_subjects_are_lifted_with_their_record(directory: Directory) -> None:
    workspace, account, other = new_workspace_id(), some_account(), some_account()
    directory.login.count_failure(workspace, account, now=NOW)
    directory.login.count_failure(workspace, other, now=NOW, window=LOCK_WINDOW)
    event = some_event(workspace, action=AuditAction.SIGNIN_UNLOCKED)
    subjects = [(account, SIGN_IN_WINDOW), (other, LOCK_WINDOW), (some_account(), LOCK_WINDOW)]
    directory.login.lift(workspace, subjects, event, now=NOW)
    assert directory.login.attempts(workspace, account, now=NOW) == NONE
    assert directory.login.attempts(workspace, other, now=NOW, window=LOCK_WINDOW) == NONE
    assert directory.events(workspace) == [event]


def test_an_account_and_an_address_of_one_hash_are_counted_apart(directory: Directory) -> None:
    workspace, hashed = new_workspace_id(), some_digest()
    directory.login.count_failure(workspace, f"acct:{hashed}", now=NOW)
    assert directory.login.attempts(workspace, f"addr:{hashed}", now=NOW) == NONE


def test_from_next_door_nothing_is_counted_taken_back_or_lifted(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    counted = directory.login.count_failure(workspace, account, now=NOW)
    neighbour, other = new_workspace_id(), some_account()
    assert directory.login.attempts(neighbour, account, now=NOW) == NONE
    assert directory.login.attempts(workspace, other, now=NOW) == NONE
    for place, subject in ((neighbour, account), (workspace, other)):
        directory.login.take_back(place, subject, counted=counted, uncounted=NONE, now=NOW)
        event = some_event(place, action=AuditAction.SIGNIN_UNLOCKED)
        directory.login.lift(place, [(subject, SIGN_IN_WINDOW)], event, now=NOW)
    assert directory.login.attempts(workspace, account, now=NOW) == counted


@pytest.mark.parametrize(
    "subject", ["", "acct:", "acct:#x", "nobody:abc", "acct:abc#1", "127.0.0.1", "acct:é"]
)
def test_what_is_no_subject_is_refused(directory: Directory, subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        directory.login.count_failure(new_workspace_id(), subject, now=NOW)


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    account = some_account()
    with pytest.raises(ValueError, match="not a"):
        directory.login.attempts(WorkspaceId(f"{new_workspace_id()}#ATT"), account, now=NOW)


def test_of_eight_who_fail_at_once_every_one_is_counted(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    for before in (0, 8, 16):
        count = partial(directory.login.count_failure, workspace, account, now=NOW)
        sums = sorted(one.failures for one in at_once([count] * 8))
        assert sums == list(range(before + 1, before + 9))
    counted = Attempts(24, NOW)
    assert directory.login.attempts(workspace, account, now=NOW) == counted
    undo = partial(
        directory.login.take_back, workspace, account, counted=counted, uncounted=Attempts(23, NOW)
    )
    at_once([partial(undo, now=NOW)] * 8)
    assert directory.login.attempts(workspace, account, now=NOW).failures == 16


def some_account() -> str:
    return f"acct:{some_digest()}"
