"""What every login store does with authorisation codes."""

import secrets
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.ids import (
    AppId,
    WorkspaceId,
    new_client_id,
    new_grant_id,
    new_session_id,
    new_user_id,
    new_workspace_id,
)
from chalicelib.domain.limits import CODE_SECONDS, CODE_TOMBSTONE_SECONDS
from chalicelib.domain.login import AuthorizationCode
from chalicelib.domain.tokens import SignIn
from tests.builders import NOW, some_sealed
from tests.contracts.directory import Directory, at_once, some_digest

EXP = NOW + CODE_SECONDS
BURIED = EXP + CODE_TOMBSTONE_SECONDS


def test_a_code_comes_back_as_it_was(directory: Directory) -> None:
    code = some_code(
        nonce="größe", sign_in=SignIn(NOW - 5, acr="sf:2", amr=("pwd", "otp")), lifetime=300
    )
    directory.login.add_code(code)
    assert directory.login.take_code(code.workspace, code.digest, now=NOW) == code


def test_a_second_use_is_told_from_the_first(directory: Directory) -> None:
    code = added(directory)
    first = directory.login.take_code(code.workspace, code.digest, now=NOW)
    second = directory.login.take_code(code.workspace, code.digest, now=NOW)
    third = directory.login.take_code(code.workspace, code.digest, now=NOW)
    assert first == code
    assert second == third == replace(code, used=True)


def test_what_a_login_brought_leaves_the_row_at_the_first_use(directory: Directory) -> None:
    code = some_code(seed=some_sealed(), ttl_seconds=3_600)
    directory.login.add_code(code)
    take = partial(directory.login.take_code, code.workspace, code.digest, now=NOW)
    assert take() == code
    assert take() == replace(code, used=True, seed=None)


def test_a_second_use_finds_the_session_that_the_first_gave(directory: Directory) -> None:
    code = added(directory)
    sid = new_session_id(NOW * 1_000)
    directory.login.take_code(code.workspace, code.digest, now=NOW)
    directory.login.remember_session(code, sid)
    again = directory.login.take_code(code.workspace, code.digest, now=NOW + 1)
    assert again == replace(code, used=True, sid=sid)


def test_an_expired_code_still_says_that_it_expired(directory: Directory) -> None:
    code = added(directory)
    found = directory.login.take_code(code.workspace, code.digest, now=EXP)
    assert found == code


def test_a_used_code_is_reported_until_its_tombstone_ends(directory: Directory) -> None:
    code = added(directory)
    directory.login.take_code(code.workspace, code.digest, now=NOW)
    late = directory.login.take_code(code.workspace, code.digest, now=BURIED - 1)
    assert late == replace(code, used=True)
    assert directory.login.take_code(code.workspace, code.digest, now=BURIED) is None


def test_an_unused_code_is_nothing_when_its_tombstone_ends(directory: Directory) -> None:
    code = added(directory)
    assert directory.login.take_code(code.workspace, code.digest, now=BURIED) is None


def test_a_code_that_was_never_given_is_nothing_and_stays_nothing(directory: Directory) -> None:
    code = some_code()
    assert directory.login.take_code(code.workspace, code.digest, now=NOW) is None
    directory.login.remember_session(code, new_session_id(NOW * 1_000))
    assert directory.login.take_code(code.workspace, code.digest, now=NOW) is None


def test_from_next_door_a_code_is_nothing_and_stays_unused(directory: Directory) -> None:
    code = added(directory)
    neighbour = some_code(digest=code.digest)
    assert directory.login.take_code(neighbour.workspace, code.digest, now=NOW) is None
    assert directory.login.take_code(code.workspace, code.digest[:-1], now=NOW) is None
    directory.login.remember_session(neighbour, new_session_id(NOW * 1_000))
    assert directory.login.take_code(code.workspace, code.digest, now=NOW) == code


def test_one_digest_in_two_workspaces_is_two_codes(directory: Directory) -> None:
    mine = added(directory)
    theirs = some_code(digest=mine.digest)
    directory.login.add_code(theirs)
    assert directory.login.take_code(mine.workspace, mine.digest, now=NOW) == mine
    assert directory.login.take_code(theirs.workspace, theirs.digest, now=NOW) == theirs


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    code = added(directory)
    reaching = WorkspaceId(f"{code.workspace}#CODE")
    with pytest.raises(ValueError, match="not a part"):
        directory.login.take_code(reaching, code.digest, now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.take_code(code.workspace, f"CODE#{code.digest}", now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.login.add_code(replace(code, digest=f"x#CODE#{code.digest}"))


def test_of_eight_who_use_one_code_one_is_first(directory: Directory) -> None:
    for _ in range(5):
        code = added(directory)
        take = partial(directory.login.take_code, code.workspace, code.digest, now=NOW)
        found = at_once([take] * 8)
        assert sorted(one.used for one in found if one is not None) == [False] + [True] * 7


def added(directory: Directory) -> AuthorizationCode:
    code = some_code()
    directory.login.add_code(code)
    return code


def some_code(**changes: object) -> AuthorizationCode:
    words: dict[str, Any] = {
        "digest": some_digest(),
        "workspace": new_workspace_id(),
        "app": AppId("notes"),
        "client_id": new_client_id(),
        "user": new_user_id(),
        "redirect_uri": "https://notes.example/back?x=y",
        "scope": "openid",
        "nonce": None,
        "code_challenge": secrets.token_urlsafe(32),
        "sign_in": SignIn(NOW - 5),
        "grant": new_grant_id(),
        "exp": EXP,
        **changes,
    }
    return AuthorizationCode(**words)
