"""Visitors who are waited for, in memory."""

from collections.abc import Sequence
from threading import RLock

from chalicelib.domain.errors import Stale
from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import Awaited


class MemoryVisitors:
    """Answers `VisitorStore`; other fakes forget under its lock."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._awaited: dict[Person, Awaited] = {}

    def get(self, person: Person) -> Awaited | None:
        with self.lock:
            return self._awaited.get(person)

    def wait(self, awaited: Awaited) -> None:
        with self.lock:
            self._awaited[awaited.person] = awaited

    def due(self, *, now: int, limit: int) -> Sequence[Awaited]:
        with self.lock:
            found = [each for each in self._awaited.values() if each.until < now]
        return sorted(found, key=lambda each: each.until)[:limit]

    def put_off(self, awaited: Awaited, *, until: int) -> Awaited:
        with self.lock:
            self.hold(awaited)
            after = Awaited(awaited.person, until)
            self._awaited[awaited.person] = after
            return after

    def forget(self, awaited: Awaited) -> None:
        with self.lock:
            self.hold(awaited)
            del self._awaited[awaited.person]

    def hold(self, awaited: Awaited | None) -> None:
        """Refuse what does not stand any more."""
        if awaited is not None and self.get(awaited.person) != awaited:
            raise Stale

    def drop(self, person: Person) -> None:
        """Forget a person, as an upgrade and an erasure do."""
        with self.lock:
            self._awaited.pop(person, None)
