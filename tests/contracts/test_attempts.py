"""What every login store does with failures to sign in."""

from functools import partial

import pytest

from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts
from tests.builders import NOW
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


def test_a_success_forgives(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    directory.login.count_failure(workspace, account, now=NOW)
    directory.login.forgive(workspace, account, now=NOW + 1)
    directory.login.forgive(workspace, account, now=NOW + 1)
    assert directory.login.attempts(workspace, account, now=NOW + 1) == NONE
    again = directory.login.count_failure(workspace, account, now=NOW + 2)
    assert again == Attempts(1, NOW + 2)


def test_an_account_and_an_address_of_one_hash_are_counted_apart(directory: Directory) -> None:
    workspace, hashed = new_workspace_id(), some_digest()
    directory.login.count_failure(workspace, f"acct:{hashed}", now=NOW)
    assert directory.login.attempts(workspace, f"addr:{hashed}", now=NOW) == NONE


def test_from_next_door_nothing_is_counted_or_forgiven(directory: Directory) -> None:
    workspace, account = new_workspace_id(), some_account()
    counted = directory.login.count_failure(workspace, account, now=NOW)
    neighbour, other = new_workspace_id(), some_account()
    assert directory.login.attempts(neighbour, account, now=NOW) == NONE
    assert directory.login.attempts(workspace, other, now=NOW) == NONE
    directory.login.forgive(neighbour, account, now=NOW)
    directory.login.forgive(workspace, other, now=NOW)
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
    assert directory.login.attempts(workspace, account, now=NOW) == Attempts(24, NOW)


def some_account() -> str:
    return f"acct:{some_digest()}"
