"""What every login store does with accounts in waiting."""

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.keys import KeyKind
from chalicelib.domain.limits import CHALLENGE_SECONDS, CHALLENGE_TRIES
from chalicelib.domain.login import SignUp
from tests.builders import NOW, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest

EXP = NOW + CHALLENGE_SECONDS


def test_an_account_in_waiting_comes_back_as_it_was(directory: Directory) -> None:
    sign_up = opened(directory)
    assert directory.login.sign_up(sign_up.workspace, sign_up.digest, now=NOW) == sign_up


def test_keys_of_both_kinds_wait(directory: Directory) -> None:
    sign_up = some_sign_up()
    person = some_person(sign_up.workspace)
    keys = some_user_keys(person, KeyKind.IK, KeyKind.DK)
    waiting = replace(sign_up, user=person.user, keys=keys, invite=some_digest())
    directory.login.open_sign_up(waiting)
    assert directory.login.sign_up(sign_up.workspace, sign_up.digest, now=NOW) == waiting


def test_opening_again_replaces_what_was_there(directory: Directory) -> None:
    first = opened(directory)
    directory.login.count_try(first.workspace, first.digest, now=NOW)
    second = replace(first, code="654321", mails=2, exp=EXP + 5)
    directory.login.open_sign_up(second)
    assert directory.login.sign_up(first.workspace, first.digest, now=EXP) == second


def test_it_ends_to_the_second(directory: Directory) -> None:
    sign_up = opened(directory)
    workspace, digest = sign_up.workspace, sign_up.digest
    assert directory.login.sign_up(workspace, digest, now=EXP - 1) == sign_up
    assert directory.login.sign_up(workspace, digest, now=EXP) is None
    assert directory.login.count_try(workspace, digest, now=EXP) is None
    counted = directory.login.count_try(workspace, digest, now=EXP - 1)
    assert counted == replace(sign_up, tries=1)


def test_tries_are_counted_up_to_the_limit_and_no_further(directory: Directory) -> None:
    sign_up = opened(directory)
    count = partial(directory.login.count_try, sign_up.workspace, sign_up.digest, now=NOW)
    for number in range(1, CHALLENGE_TRIES + 1):
        assert count() == replace(sign_up, tries=number)
    assert count() is None
    found = directory.login.sign_up(sign_up.workspace, sign_up.digest, now=NOW)
    assert found == replace(sign_up, tries=CHALLENGE_TRIES)


def test_a_closed_one_is_gone_and_closing_again_changes_nothing(directory: Directory) -> None:
    sign_up, other = opened(directory), opened(directory)
    directory.login.close_sign_up(sign_up.workspace, sign_up.digest)
    directory.login.close_sign_up(sign_up.workspace, sign_up.digest)
    assert directory.login.sign_up(sign_up.workspace, sign_up.digest, now=NOW) is None
    assert directory.login.count_try(sign_up.workspace, sign_up.digest, now=NOW) is None
    assert directory.login.sign_up(other.workspace, other.digest, now=NOW) == other


def test_counting_what_is_not_there_makes_nothing(directory: Directory) -> None:
    workspace, digest = new_workspace_id(), some_digest()
    assert directory.login.count_try(workspace, digest, now=NOW) is None
    assert directory.login.sign_up(workspace, digest, now=NOW) is None


def test_from_next_door_nothing_is_found_counted_or_closed(directory: Directory) -> None:
    sign_up = opened(directory)
    neighbour = new_workspace_id()
    assert directory.login.sign_up(neighbour, sign_up.digest, now=NOW) is None
    assert directory.login.count_try(neighbour, sign_up.digest, now=NOW) is None
    directory.login.close_sign_up(neighbour, sign_up.digest)
    assert directory.login.sign_up(sign_up.workspace, sign_up.digest, now=NOW) == sign_up


def test_a_sign_up_is_no_code_and_no_browser(directory: Directory) -> None:
    sign_up = opened(directory)
    workspace, digest = sign_up.workspace, sign_up.digest
    assert directory.login.take_code(workspace, digest, now=NOW) is None
    assert directory.login.browser(workspace, digest, now=NOW) is None


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    sign_up = opened(directory)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.sign_up(WorkspaceId(f"{sign_up.workspace}#CH"), sign_up.digest, now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.count_try(sign_up.workspace, f"CH#{sign_up.digest}", now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.open_sign_up(replace(sign_up, digest=""))


def test_of_eight_who_guess_at_once_no_more_than_the_limit_are_heard(
    directory: Directory,
) -> None:
    for _ in range(3):
        sign_up = opened(directory)
        count = partial(directory.login.count_try, sign_up.workspace, sign_up.digest, now=NOW)
        heard = [one.tries for one in at_once([count] * 8) if one is not None]
        assert sorted(heard) == list(range(1, CHALLENGE_TRIES + 1))


def opened(directory: Directory, **changes: object) -> SignUp:
    sign_up = some_sign_up(**changes)
    directory.login.open_sign_up(sign_up)
    return sign_up


def some_sign_up(**changes: object) -> SignUp:
    person = some_person()
    words: dict[str, Any] = {
        "digest": some_digest(),
        "workspace": person.workspace,
        "code": "123456",
        "exp": EXP,
        "tries": 0,
        "mails": 1,
        "address": some_digest(),
        "keys": some_user_keys(person),
        "user": person.user,
        "profile": some_sealed(2),
        "password": "$argon2id$" + secrets.token_hex(),
        **changes,
    }
    return SignUp(**words)
