"""What every store does with refresh families."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import (
    FamilyId,
    WorkspaceId,
    new_client_id,
    new_family_id,
    new_grant_id,
    new_workspace_id,
)
from chalicelib.domain.limits import REFRESH_SECONDS
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from tests.builders import NOW, some_partition, some_person, some_ref, some_sealed
from tests.contracts.directory import Directory, at_once, some_digest, wins

EXP = NOW + REFRESH_SECONDS


def test_a_family_comes_back_as_it_was(directory: Directory) -> None:
    family = some_family(
        previous=some_digest(),
        successor=some_sealed(2),
        sign_in=SignIn(NOW - 5, acr="sf:2", amr=("pwd", "otp")),
        key=some_digest(),
    )
    directory.refresh.add(family)
    assert there(directory, family) == family
    assert directory.refresh.of(family.ref.partition.person, now=NOW) == [family]


def test_a_family_ends_to_the_second(directory: Directory) -> None:
    family = added(directory)
    assert there(directory, family, now=EXP - 1) == family
    assert there(directory, family, now=EXP) is None
    assert directory.refresh.of(family.ref.partition.person, now=EXP) == []


def test_a_name_is_given_once(directory: Directory) -> None:
    family = added(directory)
    with pytest.raises(Stale):
        directory.refresh.add(some_family(id=family.id, ref=family.ref))
    assert there(directory, family) == family


def test_the_current_token_is_replaced(directory: Directory) -> None:
    before = added(directory)
    after = next_of(before)
    directory.refresh.rotate(before, after)
    assert there(directory, before) == after
    assert directory.refresh.of(before.ref.partition.person, now=NOW) == [after]


def test_a_token_that_is_not_the_current_one_is_replaced_by_nothing(directory: Directory) -> None:
    before = added(directory)
    after = next_of(before)
    directory.refresh.rotate(before, after)
    with pytest.raises(Stale):
        directory.refresh.rotate(before, next_of(before))
    assert there(directory, before) == after
    assert directory.refresh.of(before.ref.partition.person, now=NOW) == [after]


def test_an_ended_family_is_known_and_never_goes_on(directory: Directory) -> None:
    before = added(directory)
    after = next_of(before)
    directory.refresh.rotate(before, after)
    directory.refresh.end(after)
    ended = replace(after, is_ended=True, successor=None)
    assert there(directory, before) == ended
    assert directory.refresh.of(before.ref.partition.person, now=NOW) == []
    with pytest.raises(Stale):
        directory.refresh.rotate(after, next_of(after))
    directory.refresh.end(after)
    assert there(directory, before) == ended
    assert directory.refresh.of(before.ref.partition.person, now=NOW) == []


def test_what_was_never_there_is_neither_replaced_nor_ended(directory: Directory) -> None:
    family = some_family()
    with pytest.raises(Stale):
        directory.refresh.rotate(family, next_of(family))
    directory.refresh.end(family)
    assert there(directory, family) is None
    assert directory.refresh.of(family.ref.partition.person, now=NOW) == []


def test_a_person_has_their_own_families_and_nobody_elses(directory: Directory) -> None:
    person = some_person()
    own = [
        added(directory, ref=some_ref(some_partition(person.workspace, app, person.user)))
        for app in ("notes", "notes", "forms")
    ]
    colleague = some_person(person.workspace)
    added(directory, ref=some_ref(some_partition(person.workspace, "notes", colleague.user)))
    namesake = Person(new_workspace_id(), person.user)
    added(directory, ref=some_ref(some_partition(namesake.workspace, "notes", namesake.user)))
    found = directory.refresh.of(person, now=NOW)
    assert {one.id for one in found} == {one.id for one in own}
    directory.refresh.end(own[0])
    assert len(directory.refresh.of(person, now=NOW)) == 2
    assert len(directory.refresh.of(colleague, now=NOW)) == 1
    assert len(directory.refresh.of(namesake, now=NOW)) == 1


def test_from_next_door_nothing_is_found_replaced_or_ended(directory: Directory) -> None:
    mine = added(directory)
    neighbour = some_family(id=mine.id, current=mine.current)
    workspace = neighbour.ref.partition.workspace
    assert directory.refresh.get(workspace, mine.id, now=NOW) is None
    shorter = FamilyId(mine.id[:-1])
    assert directory.refresh.get(mine.ref.partition.workspace, shorter, now=NOW) is None
    with pytest.raises(Stale):
        directory.refresh.rotate(neighbour, next_of(neighbour))
    directory.refresh.end(neighbour)
    assert there(directory, mine) == mine
    directory.refresh.add(neighbour)
    directory.refresh.end(neighbour)
    assert there(directory, mine) == mine


def test_what_would_collide_when_joined_is_refused(directory: Directory) -> None:
    mine = added(directory)
    workspace = mine.ref.partition.workspace
    with pytest.raises(ValueError, match="not a part"):
        directory.refresh.get(WorkspaceId(f"{workspace}#RF"), mine.id, now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.refresh.get(workspace, FamilyId(f"RF#{mine.id}"), now=NOW)
    with pytest.raises(ValueError, match="not a part"):
        directory.refresh.add(replace(mine, id=FamilyId(f"x#{mine.id}")))


def test_of_eight_who_replace_one_token_one_does(directory: Directory) -> None:
    for _ in range(5):
        before = added(directory)
        rivals = [next_of(before) for _ in range(8)]
        outcomes = at_once(
            [partial(decided, partial(directory.refresh.rotate, before, one)) for one in rivals]
        )
        assert sum(outcomes) == 1
        assert there(directory, before) == rivals[outcomes.index(True)]
        assert directory.refresh.of(before.ref.partition.person, now=NOW) == [
            rivals[outcomes.index(True)]
        ]


def test_whoever_comes_first_an_end_is_the_end(directory: Directory) -> None:
    for _ in range(5):
        before = added(directory)
        rotations: list[Callable[[], object]] = [
            partial(decided, partial(directory.refresh.rotate, before, next_of(before)))
            for _ in range(4)
        ]
        ends: list[Callable[[], object]] = [partial(directory.refresh.end, before)] * 4
        at_once([*rotations, *ends])
        found = there(directory, before)
        assert found is not None
        assert found.is_ended
        assert directory.refresh.of(before.ref.partition.person, now=NOW) == []
        with pytest.raises(Stale):
            directory.refresh.rotate(found, next_of(found))


def decided(attempt: Callable[[], None]) -> bool:
    """Try until the store has decided."""
    while True:
        try:
            return wins(attempt)
        except Contended:
            continue


def there(directory: Directory, family: RefreshFamily, *, now: int = NOW) -> RefreshFamily | None:
    return directory.refresh.get(family.ref.partition.workspace, family.id, now=now)


def added(directory: Directory, **changes: object) -> RefreshFamily:
    family = some_family(**changes)
    directory.refresh.add(family)
    return family


def next_of(family: RefreshFamily) -> RefreshFamily:
    return family.rotated(some_digest(), successor=some_sealed(), exp=EXP + 9, now=NOW + 9)


def some_family(**changes: object) -> RefreshFamily:
    words: dict[str, Any] = {
        "id": new_family_id(),
        "ref": some_ref(),
        "client_id": new_client_id(),
        "grant": new_grant_id(),
        "scope": "openid offline_access",
        "sign_in": SignIn(NOW - 5),
        "current": some_digest(),
        "created_at": NOW,
        "rotated_at": NOW,
        "exp": EXP,
        **changes,
    }
    return RefreshFamily(**words)
