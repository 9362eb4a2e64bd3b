"""What a request costs the platform: every call of a port that takes time, in its order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from tests.fakes.surroundings import FakeClock

T = TypeVar("T")

DEAR = ("passwords", "root_key", "cipher", "signatures", "mailer")


@dataclass
class Work:
    """The calls of adapters whose clock stands still, so that no memory of a minute runs out."""

    calls: list[str] = field(default_factory=list)

    def adapters(self, settings: Settings) -> AwsAdapters:
        """The real adapters, watched."""
        made = AwsAdapters(settings)
        vars(made)["clock"] = FakeClock()
        for name in DEAR:
            vars(made)[name] = _Watched(getattr(made, name), name, self.calls)
        made.tables.on_call = self._store
        return made

    def of(self, request: Callable[[], T]) -> tuple[T, list[str]]:
        """What a request is answered, and the calls that it makes."""
        self.calls.clear()
        return request(), list(self.calls)

    def _store(self, operation: str, request: Mapping[str, Any]) -> None:
        self.calls.append(f"{operation} {' '.join(_rows(request))}")


class _Watched:
    """Stands before an adapter and writes down what is asked of it."""

    def __init__(self, port: Any, name: str, calls: list[str]) -> None:
        self._port = port
        self._name = name
        self._calls = calls

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._port, method)
        if not callable(real):
            return real

        def call(*args: Any, **words: Any) -> Any:
            self._calls.append(f"{self._name}.{method}")
            return real(*args, **words)

        return call


def _rows(request: Any) -> list[str]:
    # Which kinds of rows: a key without what is somebody's in it.
    if isinstance(request, list):
        return [row for part in request for row in _rows(part)]
    if not isinstance(request, Mapping):
        return []
    rows = [row for part in request.values() for row in _rows(part)]
    if "PK" in request and "SK" in request:
        rows.append(f"{_kind(request['PK'])}/{_kind(request['SK'])}")
    return rows


def _kind(attribute: Mapping[str, str]) -> str:
    words = attribute["S"].split("#")
    return "#".join(word for word in words if word.isupper() and word.isalpha())
