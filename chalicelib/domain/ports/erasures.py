"""The port to erasures: what is left of people, taken away step by step, each step repeatable."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.erasures import Erasure, Remains
from chalicelib.domain.keys import Sealed
from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import Awaited


class ErasureStore(Protocol):
    """Everything that lies under the name of a person, and nothing that is a neighbour's."""

    def is_held(self, person: Person) -> bool:
        """Tell whether a hold lies on a person's keys, read consistently."""
        ...

    def begin(
        self,
        erasure: Erasure,
        *,
        profile: Sealed,
        address: str | None,
        events: Sequence[AuditEvent],
        awaited: Awaited | None = None,
    ) -> None:
        """Destroy a person's keys with the record of it, and refuse them from now on.

        Their address and upstreams' subjects are free with it. Raises `Stale` unless the profile
        still stands and the keys are there without a hold. With `awaited` it also has to stand
        that the visitor is waited for until then and no longer.
        """
        ...

    def of(self, person: Person) -> Erasure | None:
        """Answer an erasure that has begun and is not over, read consistently."""
        ...

    def under_way(self, *, now: int, limit: int) -> Sequence[Person]:
        """Find people whose erasure has begun, the first to begin first; read before acting.

        Those who were put off come when it is time, and behind whoever began before that.
        """
        ...

    def put_off(self, erasure: Erasure, *, until: int, event: AuditEvent | None = None) -> None:
        """Let an erasure be found later, with an audit event if any; raises `Stale` when over."""
        ...

    def sign_out(self, person: Person) -> Counter[Remains]:
        """Remove what a person is known by: sign-ins, refresh families, devices."""
        ...

    def release(self, person: Person) -> Counter[Remains]:
        """Remove what a person proves themselves with, and every name they claimed.

        The invite that they used says so no more.
        """
        ...

    def objects(self, person: Person) -> Sequence[str]:
        """Answer the keys of all objects to which a person's rows point."""
        ...

    def clear(self, person: Person) -> None:
        """Remove all rows of sessions and payloads; raises `Stale` where a session lives."""
        ...

    def close(self, erasure: Erasure) -> None:
        """Remove the person, as the last thing; raises `Stale` when that was done."""
        ...

    def done(self, *, since: int, until: int) -> Iterator[Erasure]:
        """Answer the records of a time (epoch seconds), in the order of their months."""
        ...

    def repeat(self, erasure: Erasure) -> bool:
        """Destroy keys that came back, and refuse the person again; answers whether any did.

        The record is kept here too, where it is not yet.
        """
        ...

    def unclaim(self, people: Collection[Person]) -> int:
        """Free the addresses that came back for people; answers how many. Reads a whole table."""
        ...
