"""Repetitions: what was erased and came back with a backup is erased again."""

from collections.abc import Callable, Sequence

from chalicelib.domain.ports.erasures import ErasureStore
from chalicelib.domain.ports.surroundings import Clock

Report = Callable[[str], None]


class Repetitions:
    """By the records in audit trails, which no erasure takes away."""

    def __init__(
        self, *, clock: Clock, store: ErasureStore, trails: Sequence[ErasureStore]
    ) -> None:
        """Take the ports; `trails` are asked for records beside the store's own."""
        self._clock = clock
        self._store = store
        self._trails = (store, *trails)

    def run(self, *, since: int, report: Report) -> int:
        """Erase again whoever was erased from `since` on; answers how many had come back.

        Their keys are destroyed before this ends, and their names are free. What else came back
        is taken away by the job, as after a first erasure.
        """
        now = self._clock.now()
        found = (record for trail in self._trails for record in trail.done(since=since, until=now))
        records = {record.id: record for record in found}.values()
        back = [record.person for record in records if self._store.repeat(record)]
        self._store.unclaim(frozenset(back))
        report(f"erased again: {len(back)} of {len(records)} people who were erased since then")
        return len(back)
