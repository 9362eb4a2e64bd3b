"""Paces: lets what could tell of an account by its time be answered at a round moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.errors import DomainError
from chalicelib.domain.limits import ANSWER_BEAT
from chalicelib.domain.ports.surroundings import Clock


@contextmanager
def evenly(clock: Clock) -> Iterator[None]:
    """Let what is done inside take whole beats: a row that is there costs more than none."""
    started = clock.monotonic()
    try:
        yield
    finally:
        _wait(clock, started)


@contextmanager
def refused_evenly(clock: Clock) -> Iterator[None]:
    """Do the same for a refusal; whoever is let in need not wait."""
    started = clock.monotonic()
    try:
        yield
    except DomainError:
        _wait(clock, started)
        raise


def _wait(clock: Clock, started: float) -> None:
    clock.pause((started - clock.monotonic()) % ANSWER_BEAT)
