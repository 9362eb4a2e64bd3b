"""What every clock must do: the system's, and the one that tests move."""

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.ports.surroundings import Clock
from tests.fakes.surroundings import FakeClock


@pytest.fixture(params=[SystemClock, FakeClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_seconds_are_rounded_down(clock: Clock) -> None:
    before, now, after = clock.millis(), clock.now(), clock.millis()
    assert before // 1000 <= now <= after // 1000


def test_a_pause_lets_time_pass_on_both_hands(clock: Clock) -> None:
    millis, monotonic = clock.millis(), clock.monotonic()
    clock.pause(0.02)
    assert clock.monotonic() - monotonic >= 0.0199
    assert clock.millis() - millis >= 15


def test_the_time_is_ours(clock: Clock) -> None:
    assert 1_700_000_000 < clock.now() < 4_000_000_000
