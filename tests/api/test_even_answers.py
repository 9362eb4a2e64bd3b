"""Where a row that is there costs more than none, the answer comes at the same moment."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.limits import ANSWER_BEAT, FREE_TRIES
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.wiring.process import installed
from tests.api.own import home_at
from tests.api.platform import Answer, Platform
from tests.api.visitor import Visitor, account
from tests.fakes.adapters import MemoryAdapters
from tests.fakes.surroundings import FakeClock
from tests.fakes.users import MemoryUsers

T = TypeVar("T")

FOUND = 0.007  # seconds that a row costs which is there


class SlowUsers(MemoryUsers):
    """Answers `UserStore`, and takes its time over what it finds."""

    clock: FakeClock

    def find(self, workspace: WorkspaceId, address: str) -> UserId | None:
        return self._after(super().find(workspace, address))

    def get(self, person: Person) -> User | None:
        return self._after(super().get(person))

    def _after(self, found: T) -> T:
        if found is not None:
            self.clock.pause(FOUND)
        return found


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    adapters = MemoryAdapters()
    users = SlowUsers(
        audit=adapters.audit,
        keys=adapters.keys,
        invites=adapters.invites,
        visitors=adapters.visitors,
    )
    users.clock = adapters.clock
    vars(adapters)["users"] = users
    platform = Platform(adapters)
    with installed(platform.services):
        tenant = platform.tenant()
        tenant.email = "anna@acme.example"
        tenant.user = account(platform, tenant.workspace, tenant.email).person.user
        yield Visitor(platform, tenant)


def wrong_password(visitor: Visitor, email: str) -> Answer:
    return visitor.sign_in(email, "other words entirely")


def delayed(visitor: Visitor, email: str) -> Answer:
    for _ in range(FREE_TRIES):
        wrong_password(visitor, email)
    return wrong_password(visitor, email)


def forgotten(visitor: Visitor, email: str) -> Answer:
    return visitor.step("password/forgot", email=email)


def sign_up_again(visitor: Visitor, email: str) -> Answer:
    challenge = visitor.sign_up(email).json()["challenge"]
    return visitor.step("sign-up/resend", challenge=challenge)


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (wrong_password, 403),
        (delayed, 429),
        (forgotten, 200),
        (Visitor.sign_up, 200),
        (sign_up_again, 200),
    ],
)
def test_what_could_tell_of_an_account_takes_whole_beats(
    visitor: Visitor, ask: Callable[[Visitor, str], Answer], status: int
) -> None:
    clock = visitor.platform.adapters.clock
    for email in ("nobody@acme.example", visitor.tenant.email):
        started = clock.monotonic()
        assert ask(visitor, email).status == status
        beats = (clock.monotonic() - started) / ANSWER_BEAT
        assert beats == pytest.approx(round(beats), abs=1e-4)
        # What was found took its time; nothing at all takes none.
        assert (beats > 0) is (email == visitor.tenant.email)


def test_whoever_is_let_in_does_not_wait(visitor: Visitor) -> None:
    clock = visitor.platform.adapters.clock
    started = clock.monotonic()
    assert visitor.sign_in().status == 200
    assert clock.monotonic() - started < ANSWER_BEAT / 2


def test_an_address_to_move_to_is_no_oracle_either(visitor: Visitor) -> None:
    home = home_at(visitor.platform, visitor.tenant)
    clock = visitor.platform.adapters.clock
    account(visitor.platform, visitor.tenant.workspace, "ben@acme.example")
    spent = []
    for email in ("nobody@acme.example", "ben@acme.example"):
        started = clock.monotonic()
        assert home.ask("POST", "/email", {"email": email}).status == 200
        spent.append(clock.monotonic() - started)
    assert spent[0] == pytest.approx(spent[1], abs=1e-4)
