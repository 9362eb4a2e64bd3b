"""What every store does with visitors who are waited for, and never with a neighbour."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.domain.erasures import Erasure
from chalicelib.domain.errors import Contended, Stale
from chalicelib.domain.ids import UserId, new_ulid, new_user_id, new_workspace_id
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserKind, UserStatus
from chalicelib.domain.visitors import Awaited
from tests.builders import NOW, some_event, some_person, some_sealed, some_user_keys
from tests.contracts.directory import at_once, some_digest, some_user, wins
from tests.contracts.stores import PLENTY, Stores

LATER = NOW + 1_000

next_door = pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param(lambda p: replace(p, workspace=new_workspace_id()), id="workspace"),
        pytest.param(lambda p: replace(p, user=new_user_id()), id="user"),
        pytest.param(lambda p: replace(p, user=UserId(p.user // 10 + 10**15)), id="similar"),
    ],
)


def waited_for(stores: Stores, person: Person | None = None, *, until: int = NOW) -> Awaited:
    awaited = Awaited(some_person() if person is None else person, until)
    stores.visitors.wait(awaited)
    return awaited


def visitor(stores: Stores, *, until: int = NOW) -> tuple[User, Awaited]:
    user = some_user(password=None, kind=UserKind.VISITOR)
    awaited = Awaited(user.person, until)
    stores.users.create(
        user,
        address=None,
        keys=some_user_keys(user.person),
        event=some_event(user.person.workspace),
        awaited=awaited,
    )
    return user, awaited


def erase(stores: Stores, user: User, awaited: Awaited | None = None) -> Erasure:
    erasure = Erasure(new_ulid(NOW * 1_000), user.person, NOW)
    stores.erasures.begin(
        erasure,
        profile=user.profile,
        address=None,
        events=[some_event(user.person.workspace)],
        awaited=awaited,
    )
    return erasure


def is_due(stores: Stores, awaited: Awaited, *, now: int) -> bool:
    return awaited in stores.visitors.due(now=now, limit=PLENTY)


def test_a_new_visitor_is_waited_for(stores: Stores) -> None:
    user, awaited = visitor(stores, until=LATER)
    assert stores.visitors.get(user.person) == awaited
    assert stores.visitors.get(some_person()) is None


def test_a_visitor_who_is_not_stored_is_not_waited_for(stores: Stores) -> None:
    user, awaited = visitor(stores)
    stores.visitors.forget(awaited)
    with pytest.raises(Stale):
        stores.users.create(
            user,
            address=None,
            keys=some_user_keys(user.person),
            event=some_event(user.person.workspace),
            awaited=awaited,
        )
    assert stores.visitors.get(user.person) is None


def test_nobody_is_due_before_their_time(stores: Stores) -> None:
    awaited = waited_for(stores)
    assert not is_due(stores, awaited, now=NOW)
    assert is_due(stores, awaited, now=NOW + 1)


def test_those_whose_time_is_over_longest_come_first(stores: Stores) -> None:
    made = [waited_for(stores, until=2_000_000 - age) for age in range(20)]
    found = stores.visitors.due(now=2_000_001, limit=PLENTY)
    assert [each for each in found if each in made] == made[::-1]
    assert list(stores.visitors.due(now=2_000_001, limit=3)) == made[:-4:-1]
    for each in made:
        stores.visitors.forget(each)


def test_who_comes_back_is_waited_for_longer(stores: Stores) -> None:
    before = waited_for(stores)
    after = waited_for(stores, before.person, until=LATER)
    assert stores.visitors.get(before.person) == after
    found = stores.visitors.due(now=LATER + 1, limit=PLENTY)
    assert [each for each in found if each.person == before.person] == [after]


def test_who_is_put_off_goes_behind_others(stores: Stores) -> None:
    before = waited_for(stores)
    after = stores.visitors.put_off(before, until=LATER)
    assert after == Awaited(before.person, LATER) == stores.visitors.get(before.person)
    assert not is_due(stores, before, now=LATER)
    assert is_due(stores, after, now=LATER + 1)


def test_what_does_not_stand_any_more_is_neither_put_off_nor_forgotten(stores: Stores) -> None:
    before = waited_for(stores)
    after = waited_for(stores, before.person, until=LATER)
    with pytest.raises(Stale):
        stores.visitors.put_off(before, until=NOW + 5)
    with pytest.raises(Stale):
        stores.visitors.forget(before)
    assert stores.visitors.get(before.person) == after
    stores.visitors.forget(after)
    assert stores.visitors.get(before.person) is None
    with pytest.raises(Stale):
        stores.visitors.put_off(after, until=NOW + 5)
    assert stores.visitors.get(before.person) is None


def test_an_account_is_waited_for_no_more(stores: Stores) -> None:
    user, _ = visitor(stores)
    after = replace(user, kind=UserKind.ACCOUNT, profile=some_sealed(3), password="$new$")
    event = some_event(user.person.workspace)
    stores.users.upgrade(user, after, address=some_digest(), event=event)
    assert stores.visitors.get(user.person) is None


def test_who_is_waited_for_no_longer_is_erased_with_that(stores: Stores) -> None:
    user, awaited = visitor(stores)
    erase(stores, user, awaited)
    assert stores.visitors.get(user.person) is None
    assert stores.keys.of_user(user.person) is None
    found = stores.users.get(user.person)
    assert found is not None
    assert found.status is UserStatus.ERASING


def test_who_came_back_is_not_erased(stores: Stores) -> None:
    user, awaited = visitor(stores)
    after = waited_for(stores, user.person, until=LATER)
    with pytest.raises(Stale):
        erase(stores, user, awaited)
    assert stores.visitors.get(user.person) == after
    assert stores.users.get(user.person) == user
    assert stores.keys.of_user(user.person) is not None
    assert stores.erasures.of(user.person) is None
    erase(stores, user, after)


def test_an_erasure_that_asks_nothing_leaves_no_row_behind(stores: Stores) -> None:
    user, _ = visitor(stores)
    erase(stores, user)
    stores.erasures.release(user.person)
    assert stores.visitors.get(user.person) is None


def test_of_a_return_and_an_erasure_at_one_moment_one_happens(stores: Stores) -> None:
    user, awaited = visitor(stores)
    later = Awaited(user.person, LATER)

    def put_off() -> bool:
        return settles(lambda: stores.visitors.put_off(awaited, until=later.until))

    done = at_once([put_off, lambda: settles(partial(erase, stores, user, awaited))])
    assert sorted(done) == [False, True]
    is_back = done[0]
    assert (stores.visitors.get(user.person) == later) is is_back
    assert (stores.keys.of_user(user.person) is not None) is is_back


def settles(attempt: Callable[[], object]) -> bool:
    """Tell whether an attempt was not refused, however often it collides."""
    while True:
        try:
            return wins(attempt)
        except Contended:
            continue


@next_door
def test_a_neighbour_is_never_touched(
    stores: Stores, neighbour: Callable[[Person], Person]
) -> None:
    mine = waited_for(stores)
    theirs = waited_for(stores, neighbour(mine.person), until=LATER)
    stores.visitors.forget(stores.visitors.put_off(mine, until=NOW + 5))
    assert stores.visitors.get(mine.person) is None
    assert stores.visitors.get(theirs.person) == theirs
