"""What every store of challenges does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import CHALLENGE_SECONDS, CHALLENGE_TRIES
from tests.builders import NOW, some_person, some_sealed
from tests.contracts.directory import Directory, at_once, some_digest
from tests.contracts.test_sign_ups import some_sign_up

EXP = NOW + CHALLENGE_SECONDS


@pytest.mark.parametrize("kind", ChallengeKind)
def test_a_challenge_comes_back_as_it_was(directory: Directory, kind: ChallengeKind) -> None:
    challenge = opened(directory, kind=kind)
    assert at(directory, challenge) == challenge


def test_one_for_which_nothing_waits_comes_back_too(directory: Directory) -> None:
    challenge = opened(directory, sealed=None, code="", amr=(), method="")
    assert at(directory, challenge) == challenge


def test_opening_again_replaces_what_was_there(directory: Directory) -> None:
    first = opened(directory)
    count(directory, first)
    second = replace(first, code=some_digest(), exp=EXP + 5, sealed=None)
    directory.challenges.open(second)
    assert at(directory, second, now=EXP) == second


def test_it_ends_to_the_second(directory: Directory) -> None:
    challenge = opened(directory)
    assert at(directory, challenge, now=EXP - 1) == challenge
    assert at(directory, challenge, now=EXP) is None
    assert count(directory, challenge, now=EXP) is None
    assert count(directory, challenge, now=EXP - 1) == replace(challenge, tries=1)


def test_tries_are_counted_up_to_the_limit_and_no_further(directory: Directory) -> None:
    challenge = opened(directory)
    for number in range(1, CHALLENGE_TRIES + 1):
        assert count(directory, challenge) == replace(challenge, tries=number)
    assert count(directory, challenge) is None
    assert at(directory, challenge) == replace(challenge, tries=CHALLENGE_TRIES)


def test_it_is_closed_once(directory: Directory) -> None:
    challenge, other = opened(directory), opened(directory)
    assert directory.challenges.close(challenge)
    assert not directory.challenges.close(challenge)
    assert at(directory, challenge) is None
    assert count(directory, challenge) is None
    assert at(directory, other) == other


def test_one_that_was_never_there_is_not_closed(directory: Directory) -> None:
    challenge = some_challenge()
    assert not directory.challenges.close(challenge)
    assert count(directory, challenge) is None
    assert at(directory, challenge) is None


def test_from_next_door_nothing_is_found_counted_or_closed(directory: Directory) -> None:
    challenge = opened(directory)
    neighbour = replace(challenge, workspace=new_workspace_id())
    assert at(directory, neighbour) is None
    assert count(directory, neighbour) is None
    assert not directory.challenges.close(neighbour)
    assert at(directory, challenge) == challenge


@pytest.mark.parametrize("kind", ChallengeKind)
def test_one_of_another_kind_is_as_good_as_none(directory: Directory, kind: ChallengeKind) -> None:
    challenge = opened(directory, kind=kind)
    for other in set(ChallengeKind) - {kind}:
        taken = replace(challenge, kind=other)
        assert at(directory, taken) is None
        assert count(directory, taken) is None
        assert not directory.challenges.close(taken)
    assert at(directory, challenge) == challenge


def test_a_challenge_is_no_account_in_waiting_and_the_reverse(directory: Directory) -> None:
    challenge = opened(directory)
    workspace, digest = challenge.workspace, challenge.digest
    assert directory.login.sign_up(workspace, digest, now=NOW) is None
    assert directory.login.count_try(workspace, digest, now=NOW) is None
    assert at(directory, challenge) == challenge
    waiting = some_sign_up()
    directory.login.open_sign_up(waiting)
    same = some_challenge(workspace=waiting.workspace, digest=waiting.digest)
    assert at(directory, same) is None
    assert count(directory, same) is None
    assert not directory.challenges.close(same)
    assert directory.login.sign_up(waiting.workspace, waiting.digest, now=NOW) == waiting


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    challenge = some_challenge()
    with pytest.raises(ValueError, match="not a part"):
        at(directory, replace(challenge, workspace=WorkspaceId(f"{challenge.workspace}#CH")))
    with pytest.raises(ValueError, match="not a part"):
        count(directory, replace(challenge, digest=f"CH#{challenge.digest}"))
    with pytest.raises(ValueError, match="not a part"):
        directory.challenges.open(replace(challenge, digest=""))


def test_of_eight_who_try_at_once_no_more_than_the_limit_are_heard(directory: Directory) -> None:
    for _ in range(3):
        challenge = opened(directory)
        tries = at_once([partial(count, directory, challenge)] * 8)
        heard = [one.tries for one in tries if one is not None]
        assert sorted(heard) == list(range(1, CHALLENGE_TRIES + 1))


def test_of_eight_who_close_it_at_once_one_is_told_that_it_was_there(directory: Directory) -> None:
    for _ in range(3):
        challenge = opened(directory)
        assert sum(at_once([partial(directory.challenges.close, challenge)] * 8)) == 1


def at(directory: Directory, challenge: Challenge, *, now: int = NOW) -> Challenge | None:
    return directory.challenges.get(
        challenge.workspace, challenge.digest, kind=challenge.kind, now=now
    )


def count(directory: Directory, challenge: Challenge, *, now: int = NOW) -> Challenge | None:
    return directory.challenges.count_try(
        challenge.workspace, challenge.digest, kind=challenge.kind, now=now
    )


def opened(directory: Directory, **changes: object) -> Challenge:
    challenge = some_challenge(**changes)
    directory.challenges.open(challenge)
    return challenge


def some_challenge(**changes: object) -> Challenge:
    person = some_person()
    words: dict[str, Any] = {
        "digest": some_digest(),
        "workspace": person.workspace,
        "kind": ChallengeKind.RESET,
        "user": person.user,
        "bound": some_digest(),
        "exp": EXP,
        "code": some_digest(),
        "method": "password",
        "amr": ("pwd", "otp"),
        "sealed": some_sealed(2),
        **changes,
    }
    return Challenge(**words)
