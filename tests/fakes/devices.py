"""Known devices in memory."""

from collections.abc import Collection, Sequence
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import is_part
from chalicelib.domain.sessions import Person
from tests.fakes.audit import MemoryAudit


class MemoryDevices:
    """Answers `DeviceStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._devices: dict[tuple[Person, str], KnownDevice] = {}
        self.reads = 0

    def add(self, device: KnownDevice) -> None:
        with self._lock:
            self._devices[_named(device.person, device.digest)] = device

    def knows(self, person: Person, digest: str, *, now: int) -> bool:
        with self._lock:
            self.reads += 1
            found = self._devices.get(_named(person, digest))
        return found is not None and now < found.exp

    def of(self, person: Person, *, now: int) -> Sequence[KnownDevice]:
        with self._lock:
            own = [each for name, each in self._devices.items() if name[0] == person]
        found = [each for each in own if now < each.exp]
        return sorted(found, key=lambda each: (-each.exp, each.digest))

    def remove(self, device: KnownDevice, event: AuditEvent) -> None:
        name = _named(device.person, device.digest)
        with self._lock:
            if name not in self._devices:
                raise Stale
            self._audit.append(event)
            del self._devices[name]

    def forget(self, person: Person, digest: str) -> None:
        with self._lock:
            self._devices.pop(_named(person, digest), None)

    def forget_others(self, person: Person, *, but: Collection[str]) -> None:
        with self._lock:
            for name in list(self._devices):
                if name[0] == person and name[1] not in but:
                    del self._devices[name]

    def drop(self, person: Person) -> int:
        """Forget a person; answers how many marks they had."""
        with self._lock:
            gone = [name for name in self._devices if name[0] == person]
            for name in gone:
                del self._devices[name]
        return len(gone)


def _named(person: Person, digest: str) -> tuple[Person, str]:
    if not is_part(digest):
        raise ValueError("not a part of a key")
    return person, digest
