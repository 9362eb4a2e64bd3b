"""What every store of things that may be shown once does."""

from functools import partial

import pytest

from chalicelib.domain.ids import WorkspaceId, new_workspace_id
from tests.builders import NOW
from tests.contracts.directory import at_once, some_digest
from tests.contracts.stores import Stores

EXP = NOW + 120


def test_only_who_shows_it_first_is_told_so(stores: Stores) -> None:
    workspace, digest = new_workspace_id(), some_digest()
    assert claim(stores, workspace, digest)
    assert not claim(stores, workspace, digest)
    assert not claim(stores, workspace, digest, now=EXP - 1)
    assert claim(stores, workspace, some_digest())


def test_it_is_remembered_to_the_second(stores: Stores) -> None:
    workspace, digest = new_workspace_id(), some_digest()
    assert claim(stores, workspace, digest)
    assert claim(stores, workspace, digest, now=EXP, exp=EXP + 120)
    assert not claim(stores, workspace, digest, now=EXP + 119)


def test_what_was_shown_next_door_was_not_shown_here(stores: Stores) -> None:
    workspace, digest = new_workspace_id(), some_digest()
    assert claim(stores, workspace, digest)
    assert claim(stores, new_workspace_id(), digest)
    assert not claim(stores, workspace, digest)


def test_of_eight_who_show_it_at_once_one_is_the_first(stores: Stores) -> None:
    for _ in range(3):
        workspace, digest = new_workspace_id(), some_digest()
        assert sum(at_once([partial(claim, stores, workspace, digest)] * 8)) == 1


def test_what_would_collide_when_joined_is_refused(stores: Stores) -> None:
    with pytest.raises(ValueError, match="not a part"):
        claim(stores, WorkspaceId(f"{new_workspace_id()}#JTI"), some_digest())
    with pytest.raises(ValueError, match="not a part"):
        claim(stores, new_workspace_id(), f"JTI#{some_digest()}")


def claim(
    stores: Stores, workspace: WorkspaceId, digest: str, *, exp: int = EXP, now: int = NOW
) -> bool:
    return stores.replays.claim(workspace, digest, exp=exp, now=now)
