"""Whoever stops between two steps of a large payload leaves the old one or the new one, whole."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.errors import DomainError
from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES, ORPHAN_SECONDS
from chalicelib.domain.payloads import Payload
from chalicelib.domain.tokens import SignIn
from chalicelib.services.wishes import Terms
from chalicelib.settings import Settings
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.builders import ORIGIN
from tests.engines import Engine, dynamodb_local, moto_cloud
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.surroundings import FakeClock
from tests.services.deployments import Deployment, tenants_of
from tests.services.stopping import AtAnotherTime, Steps, Stopped, Stopping

__all__ = ["dynamodb_local", "moto_cloud"]  # fixtures


def large() -> Payload:
    return {secrets.token_hex(4): secrets.token_hex(300_000)}


def small() -> Payload:
    return {secrets.token_hex(4): secrets.token_hex(10)}


@dataclass
class World:
    """One person's session, its platform with a way to stop, and the same one started anew."""

    settings: Settings
    adapters: Adapters

    def __post_init__(self) -> None:
        self.services = Container(self.settings, self.adapters)
        tenant = next(tenants_of(self.services, payload_bytes=MAX_PAYLOAD_BYTES))
        self.arrival = Arrival(
            slug=tenant.workspace.slug,
            application=tenant.application,
            user=tenant.user,
            email=tenant.email,
            sign_in=SignIn(auth_time=self.adapters.clock.now()),
            visit=Visit(ORIGIN),
        )
        self.caller = self.begin(small())

    def begin(self, payload: Payload, services: Container | None = None) -> SessionCaller:
        services = services or self.services
        head = services.sessions.create(self.arrival, payload).head
        issued = services.grants.issue(self.arrival, head, grant=new_grant_id())
        return SessionCaller(issued.token, Visit(ORIGIN))

    def stopping(self, steps: Steps) -> Container:
        return Container(self.settings, cast("Adapters", Stopping(self.adapters, steps)))

    def read(self) -> Payload:
        return self.services.payloads.read(self.caller).data

    def put(self, payload: Payload, services: Container | None = None) -> None:
        (services or self.services).writes.replace(self.caller, payload, Terms())

    def objects(self) -> set[str]:
        return {each.key for page in self.adapters.objects.pages(after="") for each in page}

    def sweep(self, later: int) -> dict[str, int]:
        clock = FakeClock(self.adapters.clock.now() + later)
        services = Container(self.settings, cast("Adapters", AtAnotherTime(self.adapters, clock)))
        return dict(services.upkeep.orphans.sweep(limit=1_000, seconds=60))


@pytest.fixture(
    scope="module",
    params=["memory", "moto_cloud", pytest.param("dynamodb_local", marks=pytest.mark.slow)],
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "memory":
        yield World(Settings(stage="test", origin="https://flows.example"), MemoryAdapters())
        return
    engine: Engine = request.getfixturevalue(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made = Deployment(engine, engine.fresh_stage())
        yield World(made.settings, made.adapters)


Make = Callable[[], Payload]
BEFORE = ("before fetch", "after fetch", "before put", "after put", "before write")
AFTER = ("after write", "before delete", "after delete")


@pytest.mark.parametrize("step", [*BEFORE, *AFTER])
@pytest.mark.parametrize(("old", "new"), [(small, large), (large, large), (large, small)])
def test_a_write_that_stops_leaves_the_old_payload_or_the_new(
    world: World, step: str, old: Make, new: Make
) -> None:
    before, after = old(), new()
    world.put(before)
    steps = Steps(stop_at=step)
    is_stopped = _stops(lambda: world.put(after, world.stopping(steps)))
    assert is_stopped is (step in steps.reached)
    assert world.read() == (after if step in AFTER or not is_stopped else before)
    # Life goes on, and a day later nothing is left of it.
    last = large()
    world.put(last)
    assert world.sweep(ORPHAN_SECONDS - 60)["removed"] == 0
    world.sweep(ORPHAN_SECONDS + 60)
    assert world.read() == last
    assert len(world.objects()) == 1
    assert world.sweep(ORPHAN_SECONDS + 60) == {"seen": 1, "removed": 0, "strange": 0, "whole": 1}


def test_every_step_of_a_write_is_one_of_those_that_were_stopped_at(world: World) -> None:
    world.put(large())
    steps = Steps()
    world.put(large(), world.stopping(steps))
    assert steps.reached == [*BEFORE, *AFTER]


@pytest.mark.parametrize("step", ["before put", "after put", "before create", "after create"])
def test_a_session_that_stops_at_its_beginning_leaves_itself_or_nothing(
    world: World, step: str
) -> None:
    world.put(small())
    kept = large()
    steps = Steps(stop_at=step)
    assert _stops(lambda: world.begin(kept, world.stopping(steps)))
    assert world.sweep(ORPHAN_SECONDS + 60)["removed"] == (step in {"after put", "before create"})
    heads = world.adapters.sessions.of(world.arrival.partition)
    newest = max(heads, key=lambda head: head.created_at * 2 + (head.size > 500_000))
    if step == "after create":
        assert len(world.objects()) == 1
        issued = world.services.grants.issue(world.arrival, newest, grant=new_grant_id())
        begun = SessionCaller(issued.token, Visit(ORIGIN))
        assert world.services.payloads.read(begun).data == kept
        world.services.sessions.revoke(begun)
    assert world.objects() == set()


@pytest.mark.parametrize(
    "step",
    [
        *("before object_of", "after object_of", "before end"),
        *("after end", "before delete", "after delete"),
    ],
)
def test_an_end_that_stops_leaves_the_session_or_nothing_of_it(world: World, step: str) -> None:
    payload = large()
    begun = world.begin(payload)
    is_over = step in {"after end", "before delete", "after delete"}
    services = world.stopping(Steps(stop_at=step))
    assert _stops(lambda: services.sessions.revoke(begun))
    if is_over:
        with pytest.raises(SessionEnded):
            world.services.payloads.read(begun)
    else:
        assert world.services.payloads.read(begun).data == payload
        world.services.sessions.revoke(begun)
    world.put(small())
    world.sweep(ORPHAN_SECONDS + 60)
    assert world.objects() == set()


def test_a_write_that_was_refused_leaves_nothing_behind(world: World) -> None:
    world.put(small())
    too_late = Steps()
    stopping = world.stopping(too_late)
    port = cast("Any", stopping.adapters.payloads)
    fetch = port.fetch

    def overtaken(*arguments: object) -> object:
        shelf = fetch(*arguments)
        if "after put" not in too_late.reached:
            world.put({"n": 1})
        return shelf

    port.fetch = overtaken
    world.put(large(), stopping)
    assert too_late.reached.count("after put") == 2
    assert len(world.objects()) == 1
    world.put(small())
    assert world.objects() == set()


def _stops(work: Callable[[], object]) -> bool:
    try:
        work()
    except Stopped:
        return True
    except DomainError as error:
        raise AssertionError(error.code) from error
    return False
