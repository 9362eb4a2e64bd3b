"""Adapters whose process can be made to end before or after any step of theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from chalicelib.wiring.ports import Adapters


class Stopped(Exception):
    """The process ended here."""


@dataclass
class Steps:
    """What was reached, and where to stop: the name of a step, each time it is met."""

    stop_at: str | None = None
    reached: list[str] = field(default_factory=list)

    def reach(self, step: str) -> None:
        self.reached.append(step)
        if step == self.stop_at:
            raise Stopped(step)


class _Watched:
    def __init__(self, port: object, steps: Steps) -> None:
        self._port = port
        self._steps = steps

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)

        def call(*arguments: object, **more: object) -> object:
            self._steps.reach(f"before {name}")
            answer: object = method(*arguments, **more)
            self._steps.reach(f"after {name}")
            return answer

        return call


class Stopping:
    """Answers `Adapters` by others; each step of data, visitors and erasures is watched."""

    def __init__(self, adapters: Adapters, steps: Steps) -> None:
        self._adapters = adapters
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapters, name)

    @cached_property
    def sessions(self) -> Any:
        return _Watched(self._adapters.sessions, self._steps)

    @cached_property
    def payloads(self) -> Any:
        return _Watched(self._adapters.payloads, self._steps)

    @cached_property
    def erasures(self) -> Any:
        return _Watched(self._adapters.erasures, self._steps)

    @cached_property
    def visitors(self) -> Any:
        return _Watched(self._adapters.visitors, self._steps)

    @cached_property
    def objects(self) -> Any:
        return _Watched(self._adapters.objects, self._steps)


class AtAnotherTime:
    """Answers `Adapters` by others, with another clock."""

    def __init__(self, adapters: Adapters, clock: object) -> None:
        self._adapters = adapters
        self.clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapters, name)
