"""An erasure is exact for whoever comes next, and finished whoever stopped it where."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, day_of
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.denials import SessionEnded, TokenSuperseded
from chalicelib.domain.errors import DomainError, ErasureRefused, NotFound
from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.limits import (
    ERASING_AGAIN_SECONDS,
    MAX_PAYLOAD_BYTES,
    SECOND_PASS_SECONDS,
)
from chalicelib.domain.payloads import Payload
from chalicelib.domain.sessions import Person, SessionStatus
from chalicelib.domain.tokens import SignIn
from chalicelib.services.wishes import Terms
from chalicelib.settings import Settings
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.builders import ORIGIN, some_event, some_head, some_payload, some_ref
from tests.engines import Engine, dynamodb_local, moto_cloud
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.surroundings import FakeClock
from tests.services.deployments import Deployment, Tenant, tenants_of
from tests.services.stopping import AtAnotherTime, Steps, Stopped, Stopping

__all__ = ["dynamodb_local", "moto_cloud"]  # fixtures


@dataclass
class World:
    """Two people of one workspace, each with sessions, one of them large; one is to be erased."""

    settings: Settings
    adapters: Adapters

    def __post_init__(self) -> None:
        self.services = Container(self.settings, self.adapters)
        found = tenants_of(self.services, payload_bytes=MAX_PAYLOAD_BYTES)
        self.one, self.other = next(found), next(found)
        self.tokens = [self.begin(self.one, small()), self.begin(self.one, large())]
        self.neighbours = [self.begin(self.other, large())]

    @property
    def person(self) -> Person:
        return Person(self.one.workspace.id, self.one.user)

    def arrival(self, tenant: Tenant) -> Arrival:
        return Arrival(
            slug=tenant.workspace.slug,
            application=tenant.application,
            user=tenant.user,
            email=tenant.email,
            sign_in=SignIn(auth_time=self.adapters.clock.now()),
            visit=Visit(ORIGIN),
        )

    def begin(self, tenant: Tenant, payload: Payload) -> SessionCaller:
        arrival = self.arrival(tenant)
        head = self.services.sessions.create(arrival, payload).head
        issued = self.services.grants.issue(arrival, head, grant=new_grant_id())
        return SessionCaller(issued.token, Visit(ORIGIN))

    def erase(self, steps: Steps | None = None) -> Any:
        adapters = cast("Adapters", Stopping(self.adapters, steps or Steps()))
        return Container(self.settings, adapters).erasing.erasures.erase(
            self.person, actor=Actor(ActorKind.USER, self.person.user), origin=ORIGIN
        )

    def finish(self, *, after: int = SECOND_PASS_SECONDS, steps: Steps | None = None) -> Any:
        """What the job does, at a later time."""
        clock = FakeClock()
        clock.pause(self.adapters.clock.now() + after - clock.now())
        later = AtAnotherTime(Stopping(self.adapters, steps or Steps()), clock)
        return Container(self.settings, cast("Adapters", later)).erasing.remnants.finish(limit=9)

    def reads(self, caller: SessionCaller) -> Payload:
        return Container(self.settings, self.adapters).payloads.read(caller).data

    def is_refused(self, caller: SessionCaller) -> bool:
        try:
            self.reads(caller)
        except DomainError:
            return True
        return False

    def is_gone(self) -> bool:
        services = Container(self.settings, self.adapters)
        return (
            self.adapters.users.get(self.person) is None
            and self.adapters.keys.of_user(self.person) is None
            and services.hosted.users.found(self.one.workspace.id, self.one.email) is None
            and not self.adapters.sessions.of_person(self.person)
            and not self.adapters.erasures.objects(self.person)
            and all(self.is_refused(caller) for caller in self.tokens)
        )

    def is_neighbour_well(self) -> bool:
        return all(not self.is_refused(caller) for caller in self.neighbours)

    def objects(self) -> int:
        return sum(len(page) for page in self.adapters.objects.pages(after=""))


def small() -> Payload:
    return {secrets.token_hex(4): secrets.token_hex(10)}


def large() -> Payload:
    return {secrets.token_hex(4): secrets.token_hex(300_000)}


def in_memory() -> World:
    settings = Settings(stage="test", origin="https://flows.example")
    return World(settings, cast("Adapters", MemoryAdapters()))


@pytest.fixture(params=["memory", "engine"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same on each backend."""
    if request.param == "memory":
        return in_memory()
    engine: Engine = request.getfixturevalue("moto_cloud")
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    deployment = Deployment(engine, engine.fresh_stage())
    return World(deployment.settings, deployment.adapters)


def test_every_token_is_refused_at_once_and_the_keys_are_gone(world: World) -> None:
    certificate = world.erase()
    assert certificate.destroyed["sessions"] == 2
    assert world.adapters.keys.of_user(world.person) is None
    assert all(world.is_refused(caller) for caller in world.tokens)
    assert world.is_neighbour_well()
    assert {head.status for head in world.adapters.sessions.of_person(world.person)} == {
        SessionStatus.REVOKED
    }
    assert world.objects() == 1


def test_two_minutes_later_nothing_of_the_person_is_left(world: World) -> None:
    world.erase()
    assert world.finish(after=SECOND_PASS_SECONDS - 5)["finished"] == 0
    assert not world.is_gone()
    assert world.finish()["finished"] == 1
    assert world.is_gone()
    assert world.finish() == {"found": 0, "finished": 0, "overtaken": 0, "late": 0}
    assert world.is_neighbour_well()
    assert world.objects() == 1


def test_it_is_recorded_with_the_keys(world: World) -> None:
    certificate = world.erase()
    events = world.adapters.audit.of_day(world.person.workspace, day_of(certificate.erasure.at))
    told = [e for e in events if e.action in {AuditAction.USER_ERASED, AuditAction.KEY_DESTROYED}]
    assert {event.action for event in told} == {AuditAction.USER_ERASED, AuditAction.KEY_DESTROYED}
    for event in told:
        assert event.subject == world.person.user
        assert event.meta == {"record": certificate.erasure.id}
    at = certificate.erasure.at
    assert certificate.erasure in list(world.adapters.erasures.done(since=at, until=at))


def test_asked_again_it_is_the_same_erasure(world: World) -> None:
    first = world.erase()
    again = world.erase()
    assert again.erasure == first.erasure
    assert not +again.destroyed
    world.finish()
    with pytest.raises(NotFound):
        world.erase()


def test_what_began_meanwhile_is_found_by_the_second_pass(world: World) -> None:
    world.erase()
    partition = world.arrival(world.one).partition
    head = some_head(some_ref(partition), size=32)
    world.adapters.sessions.create(
        head,
        payload=some_payload(head.ref),
        latest=world.adapters.sessions.latest(partition),
        shard_limit=9,
        event=some_event(head.ref),
    )
    assert world.finish()["finished"] == 1
    assert world.is_gone()
    assert world.adapters.usage.counts(world.person.workspace).live_sessions == 1


def test_a_process_that_knew_the_keys_begins_no_session(world: World) -> None:
    arrival = world.arrival(world.one)
    world.erase()
    for begin in (
        lambda: world.services.sessions.create(arrival, small()),
        lambda: world.services.sessions.get_or_create(arrival, small()),
        lambda: world.services.sessions.enter(arrival, seed={}),
    ):
        with pytest.raises(TokenSuperseded):
            begin()
    assert not [
        head
        for head in world.adapters.sessions.of_person(world.person)
        if head.status is SessionStatus.LIVE
    ]


def test_between_the_end_of_the_keys_and_that_of_the_session_nothing_is_told(
    world: World,
) -> None:
    with pytest.raises(Stopped):
        world.erase(Steps("after begin"))
    for caller in world.tokens:
        with pytest.raises(SessionEnded):
            world.reads(caller)
    assert world.is_neighbour_well()


def test_a_process_that_knew_the_keys_writes_nothing(world: World) -> None:
    caller = world.tokens[0]
    world.services.writes.replace(caller, small(), Terms())
    world.erase()
    with pytest.raises(SessionEnded):
        world.services.writes.replace(caller, small(), Terms())


@pytest.mark.parametrize("world", ["memory"], indirect=True)
def test_whoever_is_held_is_kept(world: World) -> None:
    cast("MemoryAdapters", world.adapters).erasures.hold(world.person)
    with pytest.raises(ErasureRefused, match="legal hold"):
        world.erase()
    assert not any(world.is_refused(caller) for caller in world.tokens)


def test_whoever_stops_it_anywhere_leaves_it_to_the_job() -> None:
    for step in steps_of(lambda world, steps: world.erase(steps)):
        world = in_memory()
        with pytest.raises(Stopped):
            world.erase(Steps(step))
        if world.adapters.erasures.of(world.person) is None:
            assert world.adapters.keys.of_user(world.person) is not None, step
            assert not any(world.is_refused(caller) for caller in world.tokens), step
            world.erase()
        world.finish(after=1)
        assert all(world.is_refused(caller) for caller in world.tokens), step
        assert world.finish()["finished"] == 1, step
        assert world.is_gone(), step
        assert world.is_neighbour_well(), step
        assert world.objects() == 1, step


def test_whoever_stops_the_job_anywhere_leaves_it_to_the_next() -> None:
    def go(world: World, steps: Steps) -> None:
        world.erase()
        world.finish(steps=steps)

    for step in steps_of(go):
        world = in_memory()
        world.erase()
        with pytest.raises(Stopped):
            world.finish(steps=Steps(step))
        # It was put behind others before it was tried.
        world.finish(after=SECOND_PASS_SECONDS + ERASING_AGAIN_SECONDS)
        assert world.is_gone(), step
        assert world.is_neighbour_well(), step
        assert world.objects() == 1, step


def steps_of(go: Callable[[World, Steps], object]) -> Iterator[str]:
    steps = Steps()
    go(in_memory(), steps)
    assert len(steps.reached) > 8
    yield from dict.fromkeys(steps.reached)
