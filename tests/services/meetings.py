"""Two who act at once on the same stores, their steps put in an order that a test chooses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, local
from typing import Any

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.attributes import Raw
from tests.api.platform import Platform
from tests.contracts.stores import Stores, bound, dynamo_stores, memory_stores
from tests.engines import Engine
from tests.fakes.adapters import MemoryAdapters

TICK = 0.3  # seconds of each step, so that seconds turn between any two of them
_PATIENCE = 30
# Settings, counters of guesses and records take no part in who finds whom.
_WATCHED = ("login", "challenges", "refresh", "device_authorizations", "sessions", "users")
_UNSEEN = {"attempts", "count_failure", "take_back"}
_TABLES = ("-login", "-sessions", "-directory")


class Turns:
    """Tells each step of a thread that takes part in a meeting."""

    def __init__(self) -> None:
        self._roles = local()

    def step(self) -> None:
        role = getattr(self._roles, "step", None)
        if role is not None:
            role()

    def sees(self, _: str, arguments: Raw) -> None:
        """Take each call to a table as a step."""
        if any(table in repr(arguments) for table in _TABLES):
            self.step()

    @contextmanager
    def taking(self, step: Callable[[], None]) -> Iterator[None]:
        self._roles.step = step
        try:
            yield
        finally:
            self._roles.step = None


class _Watched:
    def __init__(self, port: object, turns: Turns) -> None:
        self._port = port
        self._turns = turns

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)
        if name in _UNSEEN or not callable(method):
            return method

        def call(*arguments: object, **more: object) -> object:
            self._turns.step()
            return method(*arguments, **more)

        return call


class Shared(MemoryAdapters):
    """Answers `Adapters` by the stores of one backend, whose steps are told."""

    def __init__(self, stores: Stores, turns: Turns, *, is_memory: bool) -> None:
        super().__init__()
        self.turns = turns
        for name in Stores.__slots__:
            if name not in {"count", "uncount", "hold"}:
                port = getattr(stores, name)
                is_seen = is_memory and name in _WATCHED
                self.__dict__[name] = _Watched(port, turns) if is_seen else port


def platforms(engine: Engine | None) -> Iterator[Platform]:
    """A platform whose services all tell their steps."""
    turns = Turns()
    if engine is None:
        yield Platform(Shared(memory_stores(), turns, is_memory=True))
        return
    with bound(engine) as tables, pytest.MonkeyPatch.context():
        tables.on_call = turns.sees
        yield Platform(Shared(dynamo_stores(tables, SystemClock()), turns, is_memory=False))


def meet(
    platform: Platform,
    first: Callable[[], None],
    second: Callable[[], None],
    *,
    at: int,
    until: int | None,
) -> tuple[bool, bool]:
    """Go first to its step `at`, then second to its step `until`, then first to its end.

    `None` is the end of second. Answers which of them had that many steps.
    """
    turns: Turns = platform.adapters.turns  # type: ignore[attr-defined]
    stopped, go_on = Event(), Event()
    counts = {"first": 0, "second": 0}
    failures: list[BaseException] = []

    def run_second() -> None:
        try:
            with turns.taking(second_step):
                second()
        except BaseException as error:  # noqa: BLE001 - told to who waits for it
            failures.append(error)
        finally:
            stopped.set()

    thread = Thread(target=run_second)

    def second_step() -> None:
        platform.adapters.clock.pause(TICK)
        if counts["second"] == until:
            stopped.set()
            assert go_on.wait(_PATIENCE)
        counts["second"] += 1

    def first_step() -> None:
        platform.adapters.clock.pause(TICK)
        if counts["first"] == at:
            thread.start()
            assert stopped.wait(_PATIENCE)
        counts["first"] += 1

    try:
        with turns.taking(first_step):
            first()
    finally:
        go_on.set()
        if thread.ident is not None:
            thread.join(_PATIENCE)
    if failures:
        raise failures[0]
    return counts["first"] > at, until is not None and counts["second"] > until
