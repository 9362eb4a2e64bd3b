"""What is erased stays erased: in tables, in backups, and while others write at that moment."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import cast

import pytest

from chalicelib.domain.backups import BackupKind
from chalicelib.domain.browsers import cookie_name
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.errors import DomainError, Unopenable
from chalicelib.domain.factors import BY_PASSWORD
from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.keys import Sealed
from chalicelib.domain.limits import SECOND_PASS_SECONDS
from chalicelib.domain.payloads import payload_place
from chalicelib.domain.ports.sessions import Extras
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from chalicelib.services.wishes import Terms
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.api.platform import OWN_ORIGIN, send
from tests.builders import ORIGIN, some_event
from tests.contracts.test_passkeys import some_passkey
from tests.engines import Engine
from tests.fakes.surroundings import FakeClock
from tests.promises.cloud import Cloud, cloud_on
from tests.promises.traces import rows_of, unpacked
from tests.services.stopping import AtAnotherTime

PASSWORD = "a few words in a row"
# Rows of minutes, which every method compares with the clock and a sweeper takes away.
PASSING = ("#CODE#", "#CH#", "#ATT#")


@pytest.fixture(scope="module")
def cloud(engine: Engine) -> Iterator[Cloud]:
    with cloud_on(engine) as made:
        yield made


class Somebody:
    """A person with an account, sessions, a large payload, and a browser."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.email = f"{secrets.token_hex(6)}@demo.example"
        self.tokens = cloud.sign_up(self.email, PASSWORD, "Mira")
        services = cloud.services
        users = services.hosted.users
        uid = users.holder(cloud.workspace.id, users.address_of(cloud.workspace.id, self.email))
        assert uid is not None
        self.person = Person(cloud.workspace.id, uid)
        for body in ({"a": 1}, {"a": "x" * 400_000}, {"a": 2}):
            headers = {"idempotency-key": secrets.token_hex(8)}
            token = self.tokens["access_token"]
            assert (
                send("PUT", "/api/v1/sessions", token=token, body=body, headers=headers).status
                == 200
            )
        event = some_event(self.person.workspace)
        services.adapters.passkeys.add(some_passkey(person=self.person), event)

    def token(self) -> str:
        """Their own token, freshly signed in."""
        hosted = self.cloud.services.hosted
        begun = hosted.browsers.begin(
            self.person,
            BY_PASSWORD.asked(self.cloud.services.adapters.clock.now()),
            cookies={},
            app=None,
            visit=Visit(ORIGIN),
            is_known=True,
        )
        cookies = {cookie_name(self.person.workspace): begun.secret}
        return hosted.account.dashboard.enter("demo", cookies).text

    def arrival(self) -> Arrival:
        return Arrival(
            slug="demo",
            application=self.cloud.application,
            user=self.person.user,
            email=self.email,
            sign_in=SignIn(auth_time=self.cloud.services.adapters.clock.now()),
            visit=Visit(ORIGIN),
        )

    def caller(self) -> SessionCaller:
        token = self.cloud.services.tokens.read_session_token(self.tokens["access_token"])
        return SessionCaller(token=token, visit=Visit(ORIGIN))

    def erase(self) -> None:
        answer = send("DELETE", "/api/v1/self", token=self.token(), headers={"origin": OWN_ORIGIN})
        assert answer.status == 200, answer

    def finish(self) -> None:
        """What the job does, two minutes later."""
        services = self.cloud.services
        clock = FakeClock(services.adapters.clock.now() + SECOND_PASS_SECONDS)
        later = cast("Adapters", AtAnotherTime(services.adapters, clock))
        Container(services.settings, later).erasing.remnants.finish(limit=9)

    def traces(self) -> list[tuple[str, bytes]]:
        """Rows of any table that name them, the trail's aside."""
        needle = str(self.person.user).encode()
        return [
            (table, row)
            for table, row in rows_of(self.cloud.engine, self.cloud.stage)
            if needle in row and not table.endswith("-audit")
            if not (table.endswith("-login") and any(kind.encode() in row for kind in PASSING))
        ]


def test_after_an_erasure_no_row_names_the_person_but_those_of_the_trail(cloud: Cloud) -> None:
    one, other = Somebody(cloud), Somebody(cloud)
    beside = len(other.traces())
    assert {table.rpartition("-")[2] for table, _ in one.traces()} >= {
        *("directory", "sessions", "payloads", "keys", "login"),
    }
    one.erase()
    one.finish()
    assert one.traces() == []
    assert len(other.traces()) == beside
    assert send("GET", "/api/v1/sessions", token=other.tokens["access_token"]).json() == {"a": 2}
    assert cloud.try_password(one.email, PASSWORD).status == 403
    again = cloud.sign_up(one.email, PASSWORD, "Mira")
    assert send("GET", "/api/v1/sessions", token=again["access_token"]).json() == {}


def test_a_copy_of_what_was_sealed_does_not_open(cloud: Cloud) -> None:
    one = Somebody(cloud)
    ref = one.caller().token.access.ref
    shelf = cloud.services.adapters.payloads.fetch(ref, Extras())
    user = cloud.services.adapters.users.get(one.person)
    assert shelf.payload is not None
    assert isinstance(shelf.payload.sealed, Sealed)
    assert user is not None
    place = payload_place(ref)
    assert cloud.services.keys.open(place, shelf.payload.sealed)
    one.erase()
    anew = Container(cloud.services.settings, cloud.services.adapters)
    for services in (cloud.services, anew):
        with pytest.raises(Unopenable):
            services.keys.open(place, shelf.payload.sealed)
        with pytest.raises(Unopenable):
            services.hosted.users.profile(user)
    manifest = cloud.services.upkeep.backups.export(BackupKind.KEYS)
    vault = cloud.services.adapters.vaults[BackupKind.KEYS]
    held = b"".join(unpacked(vault.get(part.name)) for part in manifest.parts)
    assert str(one.person.user).encode() not in held
    one.finish()


def test_whoever_writes_at_that_moment_leaves_nothing(cloud: Cloud) -> None:
    one = Somebody(cloud)
    services, stop = cloud.services, Event()
    held_before = services.adapters.usage.counts(cloud.workspace.id).live_sessions

    def write() -> int:
        done = 0
        mine = Container(services.settings, services.adapters)
        while not stop.is_set():
            try:
                mine.writes.replace(one.caller(), {"n": done}, Terms())
            except DomainError:
                continue
            done += 1
        return done

    def begin() -> int:
        done = 0
        mine = Container(services.settings, services.adapters)
        while not stop.is_set():
            try:
                head = mine.sessions.create(one.arrival(), {"n": done}).head
                mine.grants.issue(one.arrival(), head, grant=new_grant_id())
            except DomainError:
                continue
            done += 1
        return done

    with ThreadPoolExecutor(6) as pool:
        work = [pool.submit(each) for each in (write, write, write, begin, begin, begin)]
        try:
            token = one.token()
            services.adapters.clock.pause(0.5)
            answer = send("DELETE", "/api/v1/self", token=token)
            services.adapters.clock.pause(0.5)
        finally:
            stop.set()
        done = [each.result() for each in work]
    assert answer.status == 200, answer
    assert sum(done[:3]) > 0
    assert sum(done[3:]) > 0
    with pytest.raises(DomainError):
        services.payloads.read(one.caller())
    one.finish()
    assert one.traces() == []
    held = services.adapters.usage.counts(cloud.workspace.id).live_sessions
    assert held == held_before - 1
