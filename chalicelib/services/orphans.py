"""Orphans: objects to which no row points, left by whoever stopped between two steps."""

from collections.abc import Iterator, Mapping

from chalicelib.domain.limits import ORPHAN_SECONDS
from chalicelib.domain.objects import Listed, new_object_key
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.ports.sessions import PayloadStore
from chalicelib.domain.ports.surroundings import Clock


class Orphans:
    """Removes them once it is certain that no transaction can come to point to them."""

    def __init__(self, *, clock: Clock, store: ObjectStore, payloads: PayloadStore) -> None:
        """Take the ports; nothing is remembered from run to run."""
        self._clock = clock
        self._store = store
        self._payloads = payloads

    def sweep(self, *, limit: int, seconds: float) -> Mapping[str, int]:
        """Look at objects until all were seen, or `limit` of them, or the time is over.

        A round begins anywhere: keys are spread evenly, so runs that reach a part of them each
        reach all of them together. `whole` is 1 when this one did.
        """
        give_up_at = self._clock.monotonic() + seconds
        seen = removed = strange = whole = 0
        for listed in self._round(new_object_key()):
            if seen == limit or self._clock.monotonic() >= give_up_at:
                break
            seen += 1
            if listed.modified_at > self._clock.now() - ORPHAN_SECONDS:
                continue  # its transaction may be on its way
            stored = self._store.describe(listed.key)
            if stored is None:
                strange += 1  # gone by now, or not one of ours, and so not ours to remove
            elif self._payloads.object_of(stored.ref) != listed.key:
                self._store.delete(listed.key)
                removed += 1
        else:
            whole = 1
        return {"seen": seen, "removed": removed, "strange": strange, "whole": whole}

    def _round(self, start: str) -> Iterator[Listed]:
        for page in self._store.pages(after=start):
            yield from page
        for page in self._store.pages(after=""):
            for listed in page:
                if listed.key > start:
                    return
                yield listed
