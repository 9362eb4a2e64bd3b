"""Contention: repeats a step whose condition was overtaken by somebody else's write."""

import random
from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.errors import Contended, Stale, WriteConflict
from chalicelib.domain.limits import (
    WRITE_ATTEMPTS,
    WRITE_PAUSE_MAX,
    WRITE_PAUSE_MIN,
    WRITE_SECONDS,
)
from chalicelib.domain.ports.surroundings import Clock

T = TypeVar("T")


def settled(clock: Clock, step: Callable[[], T]) -> T:
    """Answer the step's result; it reads and decides anew on each of its bounded attempts.

    Raises `WriteConflict` after 12 attempts or 5 seconds, with full jitter in between.
    """
    give_up_at = clock.monotonic() + WRITE_SECONDS
    for _ in range(WRITE_ATTEMPTS):
        try:
            return step()
        except (Stale, Contended):
            if clock.monotonic() >= give_up_at:
                break
            clock.pause(random.uniform(WRITE_PAUSE_MIN, WRITE_PAUSE_MAX))  # noqa: S311 - jitter
    raise WriteConflict("Others are changing this at the same time. Try again.")
