"""Erasures that cannot be finished: each has its turn, none keeps others waiting, all are told."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, cast

import pytest

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.limits import (
    ERASING_AGAIN_SECONDS,
    ERASING_LATE_SECONDS,
    ERASING_REST_SECONDS,
    SECOND_PASS_SECONDS,
)
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.jobs.erasures import ErasuresAreLate, finish_erasures
from tests.api.platform import Platform, Tenant
from tests.api.visitor import account
from tests.builders import ORIGIN, some_event
from tests.jobs.test_jobs import EVENT


@pytest.fixture
def tenant(platform: Platform) -> Tenant:
    return platform.tenant()


def erased(platform: Platform, tenant: Tenant, *names: str) -> list[User]:
    """People whose erasure has begun, one second after the other."""
    made = [account(platform, tenant.workspace, f"{name}@acme.example") for name in names]
    for user in made:
        actor = some_event(user.person.workspace).actor
        platform.services.erasing.erasures.erase(user.person, actor=actor, origin=ORIGIN)
        platform.adapters.clock.pause(1)
    return made


def spoil(platform: Platform, people: list[Person], error: Exception) -> Callable[[], None]:
    """Let the last step fail for some; answers how to let it be again."""
    store = platform.adapters.erasures
    clear = store.clear

    def failing(person: Person) -> None:
        if person in people:
            raise error
        clear(person)

    vars(store)["clear"] = failing
    return lambda: vars(store).pop("clear")


def finish(platform: Platform, *, limit: int = 9) -> Mapping[str, int]:
    return platform.services.erasing.remnants.finish(limit=limit)


def outcome(**counts: int) -> Mapping[str, int]:
    return {"found": 0, "finished": 0, "overtaken": 0, "late": 0, **counts}


def is_there(platform: Platform, user: User) -> bool:
    return platform.adapters.users.get(user.person) is not None


def test_those_that_fail_stand_behind_those_that_wait(platform: Platform, tenant: Tenant) -> None:
    one, two, three = erased(platform, tenant, "one", "two", "three")
    restore = spoil(platform, [one.person, two.person], StoreUnavailable("not now"))
    platform.adapters.clock.pause(SECOND_PASS_SECONDS)
    assert finish(platform, limit=2) == outcome(found=2, overtaken=2)
    assert finish(platform, limit=2) == outcome(found=1, finished=1)
    assert not is_there(platform, three)
    assert finish(platform, limit=2) == outcome()
    restore()
    platform.adapters.clock.pause(ERASING_AGAIN_SECONDS)
    assert finish(platform, limit=2) == outcome(found=2, finished=2)
    assert not is_there(platform, one)
    assert not is_there(platform, two)


def test_one_that_ends_the_run_is_behind_the_others_in_the_next(
    platform: Platform, tenant: Tenant
) -> None:
    one, two = erased(platform, tenant, "one", "two")
    spoil(platform, [one.person], ZeroDivisionError())
    platform.adapters.clock.pause(SECOND_PASS_SECONDS)
    with pytest.raises(ZeroDivisionError):
        finish(platform)
    assert finish(platform) == outcome(found=1, finished=1)
    assert is_there(platform, one)
    assert not is_there(platform, two)


def test_a_first_pass_is_followed_by_the_second_in_time(platform: Platform, tenant: Tenant) -> None:
    (one,) = erased(platform, tenant, "one")
    assert finish(platform) == outcome(found=1)
    assert finish(platform) == outcome()
    platform.adapters.clock.pause(SECOND_PASS_SECONDS - 1)
    assert finish(platform) == outcome(found=1, finished=1)
    assert not is_there(platform, one)


def test_tries_grow_rarer_and_never_stop(platform: Platform, tenant: Tenant) -> None:
    (one,) = erased(platform, tenant, "one")
    restore = spoil(platform, [one.person], StoreUnavailable("not now"))
    clock, tries = platform.adapters.clock, []
    begun = clock.now()
    while clock.now() < begun + 20 * ERASING_REST_SECONDS:
        clock.pause(300)
        if finish(platform)["overtaken"]:
            tries.append(clock.now())
    waits = [after - before for before, after in pairwise(tries)]
    assert waits == sorted(waits)
    assert waits[0] <= 2 * ERASING_AGAIN_SECONDS
    assert waits[-1] <= ERASING_REST_SECONDS + 300
    assert 20 < len(tries) < 40
    restore()
    clock.pause(ERASING_REST_SECONDS)
    assert finish(platform) == outcome(found=1, finished=1)


def test_what_is_late_is_recorded_and_rings(platform: Platform, tenant: Tenant) -> None:
    (one,) = erased(platform, tenant, "one")
    spoil(platform, [one.person], StoreUnavailable("not now"))
    count, clock = len(platform.events), platform.adapters.clock
    clock.pause(ERASING_LATE_SECONDS - 2)
    assert run()["late"] == 0
    assert platform.actions_since(count) == []
    clock.pause(ERASING_LATE_SECONDS)
    with pytest.raises(ErasuresAreLate):
        run()
    (event,) = platform.events[count:]
    erasure = platform.adapters.erasures.of(one.person)
    assert erasure is not None
    assert event.action is AuditAction.USER_ERASED
    assert (event.outcome, event.reason, event.subject) == ("failure", "remains", one.person.user)
    assert event.meta == {"record": erasure.id, "seconds": clock.now() - erasure.at}
    # Lambda repeats what failed: it is not due again, so nobody is told twice.
    assert run()["found"] == 0


def test_what_is_late_and_ends_well_is_nobodys_business(platform: Platform, tenant: Tenant) -> None:
    erased(platform, tenant, "one")
    platform.adapters.clock.pause(ERASING_LATE_SECONDS * 9)
    count = len(platform.events)
    assert run() == outcome(found=1, finished=1)
    assert platform.actions_since(count) == []


def run() -> Any:
    """Call the job as Lambda does."""
    return cast("Any", finish_erasures)(EVENT, None)
