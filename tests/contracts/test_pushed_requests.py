"""What every store of pushed requests does."""

from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.ids import WorkspaceId, new_client_id, new_workspace_id
from chalicelib.domain.limits import PUSHED_SECONDS
from chalicelib.domain.pushed_requests import PushedRequest
from tests.builders import NOW, some_sealed
from tests.contracts.directory import at_once, some_digest
from tests.contracts.stores import Stores

EXP = NOW + PUSHED_SECONDS


def test_a_request_comes_back_as_it_was_and_once(stores: Stores) -> None:
    pushed = added(stores)
    assert take(stores, pushed) == pushed
    assert take(stores, pushed) is None


def test_a_request_ends_to_the_second(stores: Stores) -> None:
    pushed = added(stores)
    assert take(stores, pushed, now=EXP) is None
    assert take(stores, pushed, now=EXP - 1) == pushed


def test_from_next_door_nothing_is_taken(stores: Stores) -> None:
    pushed = added(stores)
    assert take(stores, replace(pushed, workspace=new_workspace_id())) is None
    assert take(stores, replace(pushed, digest=some_digest())) is None
    assert take(stores, pushed) == pushed


def test_of_eight_who_take_it_at_once_one_does(stores: Stores) -> None:
    for _ in range(3):
        pushed = added(stores)
        found = at_once([partial(take, stores, pushed)] * 8)
        assert [one for one in found if one is not None] == [pushed]


def test_what_would_collide_when_joined_is_refused(stores: Stores) -> None:
    pushed = some_pushed()
    with pytest.raises(ValueError, match="not a part"):
        take(stores, replace(pushed, workspace=WorkspaceId(f"{pushed.workspace}#PAR")))
    with pytest.raises(ValueError, match="not a part"):
        stores.pushed_requests.add(replace(pushed, digest=f"PAR#{pushed.digest}"))


def take(stores: Stores, pushed: PushedRequest, *, now: int = NOW) -> PushedRequest | None:
    return stores.pushed_requests.take(pushed.workspace, pushed.digest, now=now)


def added(stores: Stores) -> PushedRequest:
    pushed = some_pushed()
    stores.pushed_requests.add(pushed)
    return pushed


def some_pushed() -> PushedRequest:
    return PushedRequest(
        digest=some_digest(),
        workspace=new_workspace_id(),
        client_id=new_client_id(),
        sealed=some_sealed(),
        exp=EXP,
    )
