from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from chalicelib.domain.denials import Forbidden
from chalicelib.domain.limits import ANSWER_BEAT
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.paces import evenly, refused_evenly
from tests.fakes.surroundings import FakeClock

Pace = Callable[[Clock], AbstractContextManager[None]]

SPENT = [(0.0, 0), (0.001, 1), (0.24, 1), (ANSWER_BEAT, 1), (0.251, 2), (3.1, 13)]


@pytest.mark.parametrize(("spent", "beats"), SPENT)
def test_an_answer_comes_after_whole_beats(spent: float, beats: int) -> None:
    clock = FakeClock(start=0.0)
    with evenly(clock):
        clock.pause(spent)
    assert clock.monotonic() == pytest.approx(beats * ANSWER_BEAT)


@pytest.mark.parametrize(("spent", "beats"), SPENT)
def test_so_does_a_refusal(spent: float, beats: int) -> None:
    for pace in (evenly, refused_evenly):
        clock = FakeClock(start=0.0)

        def refuse(clock: FakeClock = clock, pace: Pace = pace) -> None:
            with pace(clock):
                clock.pause(spent)
                raise Forbidden("No.")

        with pytest.raises(Forbidden):
            refuse()
        assert clock.monotonic() == pytest.approx(beats * ANSWER_BEAT)


def test_whoever_is_let_in_does_not_wait() -> None:
    clock = FakeClock(start=0.0)
    with refused_evenly(clock):
        clock.pause(0.1)
    assert clock.monotonic() == pytest.approx(0.1)
