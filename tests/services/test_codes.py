from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.domain.clients import Credentials
from chalicelib.domain.denials import TokenSuperseded
from chalicelib.domain.ids import digest
from chalicelib.domain.oidc import Denied
from chalicelib.wiring.process import installed
from tests.api.platform import Platform
from tests.api.visitor import Visitor, account
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.surroundings import FakeClock


class Meanwhile(FakeClock):
    """While somebody waits, something else happens."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: list[Callable[[], None]] = []

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        while self.happens:
            self.happens.pop()()


@pytest.fixture
def clock() -> Meanwhile:
    return Meanwhile()


@pytest.fixture
def busy(clock: Meanwhile) -> Platform:
    adapters = MemoryAdapters()
    adapters.clock = clock
    return Platform(adapters)


def test_a_second_use_waits_for_the_first_and_ends_what_it_is_about_to_give(
    busy: Platform, clock: Meanwhile
) -> None:
    with installed(busy.services):
        tenant = busy.tenant()
        tenant.email = "anna@acme.example"
        tenant.user = account(busy, tenant.workspace, tenant.email).person.user
        visitor = Visitor(busy, tenant)
        text = visitor.code()
        # The first use has taken the code, and is not further yet.
        store = busy.adapters.login
        code = store.take_code(tenant.workspace.id, digest(text), now=clock.now())
        assert code is not None
        arrival = busy.arrival(tenant)
        heads = []

        def first_goes_on() -> None:
            heads.append(busy.services.sessions.enter(arrival, seed={}))
            store.remember_session(code, heads[0].ref.sid)

        clock.happens.append(first_goes_on)
        before = len(busy.events)
        assert visitor.exchange(text).json()["error"] == "invalid_grant"
        assert busy.actions_since(before) == ["session.created", "code.reused"]
        issued = busy.services.grants.issue(arrival, heads[0], grant=code.grant)
        stored = busy.adapters.sessions.head(heads[0].ref)
        assert stored is not None
        with pytest.raises(TokenSuperseded):
            stored.admit(issued.token.access, clock.now())


def test_a_second_use_does_not_wait_for_ever_and_not_at_all_when_the_first_is_over(
    busy: Platform, clock: Meanwhile
) -> None:
    with installed(busy.services):
        tenant = busy.tenant()
        visitor = Visitor(busy, tenant)
        account(busy, tenant.workspace, "anna@acme.example")
        tenant.email = "anna@acme.example"
        text = visitor.code()
        params = {
            "grant_type": "authorization_code",
            "client_id": tenant.application.client_id,
            "code": text,
            "redirect_uri": visitor.redirect_uri,
            "code_verifier": "a" * 43,
        }
        visit = busy.arrival(tenant).visit
        exchange = partial(
            busy.services.provider.token_endpoint.grant,
            "acme",
            params,
            Credentials(tenant.application.client_id),
            visit,
        )
        assert isinstance(exchange(), Denied)
        started = clock.monotonic()
        assert isinstance(exchange(), Denied)
        assert clock.monotonic() - started == pytest.approx(2.0, abs=0.01)
        clock.pause(120)
        started = clock.monotonic()
        assert isinstance(exchange(), Denied)
        assert clock.monotonic() == started
