"""Port to the browsers in which people signed in before."""

from collections.abc import Collection, Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.sessions import Person


class DeviceStore(Protocol):
    """Marks that end by themselves; every method compares their time, none trusts the sweeper."""

    def add(self, device: KnownDevice) -> None:
        """Store a person's mark on a browser."""
        ...

    def knows(self, person: Person, digest: str, *, now: int) -> bool:
        """Tell whether a browser bears a person's mark, read consistently."""
        ...

    def of(self, person: Person, *, now: int) -> Sequence[KnownDevice]:
        """Answer a person's browsers, the last used first, read consistently."""
        ...

    def remove(self, device: KnownDevice, event: AuditEvent) -> None:
        """Forget one browser with its event; raises `Stale` when it is gone."""
        ...

    def forget(self, person: Person, digest: str) -> None:
        """Forget one browser of a person."""
        ...

    def forget_others(self, person: Person, *, but: Collection[str]) -> None:
        """Forget every browser of a person but these."""
        ...
