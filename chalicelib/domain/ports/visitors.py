"""Port to visitors who are waited for: until when somebody without an account may come back."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import Awaited


class VisitorStore(Protocol):
    """Who is waited for; an account that is added, and an erasure, end it in other stores."""

    def get(self, person: Person) -> Awaited | None:
        """Answer until when a visitor is waited for, read consistently."""
        ...

    def wait(self, awaited: Awaited) -> None:
        """Wait for a visitor, whatever stood before."""
        ...

    def due(self, *, now: int, limit: int) -> Sequence[Awaited]:
        """Find whom nobody waits for any more, from an index that lags; read before acting."""
        ...

    def put_off(self, awaited: Awaited, *, until: int) -> Awaited:
        """Wait for longer; raises `Stale` unless `awaited` still stands."""
        ...

    def forget(self, awaited: Awaited) -> None:
        """Wait for nobody any more; raises `Stale` unless `awaited` still stands."""
        ...
