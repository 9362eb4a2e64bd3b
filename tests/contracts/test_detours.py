"""What every store of detours does."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.challenges import ChallengeKind
from chalicelib.domain.detours import Detour, DetourKind
from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from chalicelib.domain.limits import CHALLENGE_SECONDS
from tests.builders import NOW, some_person, some_sealed, some_user_keys
from tests.contracts.directory import Directory, at_once, some_digest

EXP = NOW + CHALLENGE_SECONDS


def opened(directory: Directory, **changes: Any) -> Detour:
    person = some_person()
    words: dict[str, Any] = {
        "digest": some_digest(),
        "workspace": person.workspace,
        "kind": DetourKind.OUT,
        "upstream": "acme",
        "issuer": "https://login.acme.example",
        "bound": some_digest(),
        "exp": EXP,
        "keys": some_user_keys(person),
        "sealed": some_sealed(),
        **changes,
    }
    detour = Detour(**words)
    directory.detours.open(detour)
    return detour


def at(directory: Directory, detour: Detour, *, now: int = NOW) -> Detour | None:
    return directory.detours.get(detour.workspace, detour.digest, kind=detour.kind, now=now)


@pytest.mark.parametrize("kind", DetourKind)
def test_a_detour_comes_back_as_it_was(directory: Directory, kind: DetourKind) -> None:
    detour = opened(directory, kind=kind)
    assert at(directory, detour) == detour


def test_it_ends_to_the_second(directory: Directory) -> None:
    detour = opened(directory)
    assert at(directory, detour, now=EXP - 1) == detour
    assert at(directory, detour, now=EXP) is None


def test_it_is_closed_once(directory: Directory) -> None:
    detour, other = opened(directory), opened(directory)
    assert directory.detours.close(detour)
    assert not directory.detours.close(detour)
    assert at(directory, detour) is None
    assert at(directory, other) == other


def test_of_eight_who_close_it_at_once_one_is_told_that_it_was_there(directory: Directory) -> None:
    detour = opened(directory)
    assert sum(at_once([partial(directory.detours.close, detour)] * 8)) == 1


def test_one_of_another_kind_is_as_good_as_none(directory: Directory) -> None:
    detour = opened(directory)
    other = replace(detour, kind=DetourKind.BACK)
    assert at(directory, other) is None
    assert not directory.detours.close(other)
    assert at(directory, detour) == detour


def test_it_is_neither_a_challenge_nor_an_account_in_waiting(directory: Directory) -> None:
    detour = opened(directory)
    wid, name = detour.workspace, detour.digest
    for kind in ChallengeKind:
        assert directory.challenges.get(wid, name, kind=kind, now=NOW) is None
        assert directory.challenges.count_try(wid, name, kind=kind, now=NOW) is None
    assert directory.login.sign_up(wid, name, now=NOW) is None
    assert directory.login.count_try(wid, name, now=NOW) is None


def test_next_door_there_is_none(directory: Directory) -> None:
    detour = opened(directory)
    assert at(directory, replace(detour, workspace=new_workspace_id())) is None
    assert at(directory, replace(detour, digest=some_digest())) is None
    assert not directory.detours.close(replace(detour, workspace=new_workspace_id()))
    with pytest.raises(ValueError, match="not a part"):
        at(directory, replace(detour, workspace=WorkspaceId("w#x")))
