"""Objects in memory, with their versions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.objects import Listed, SealedObject, StoredObject, sha256
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import SessionRef

_PAGE = 3


@dataclass(slots=True)
class _Kept:
    ref: SessionRef
    version: str
    body: bytes
    modified_at: int


@dataclass
class MemoryObjects:
    """Answers `ObjectStore`; can be told not to answer, and to forget what was deleted."""

    clock: Clock
    is_reachable: bool = True
    calls: list[str] = field(default_factory=list)
    there: dict[str, _Kept] = field(default_factory=dict)
    _versions: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def put(self, ref: SessionRef, key: str, body: bytes) -> str:
        self._asked("put_object")
        with self._lock:
            if key in self.there:
                raise Duplicate("An object has that key.")
            kept = _Kept(ref, new_ulid(self.clock.millis()), body, self.clock.now())
            self.there[key] = self._versions[key, kept.version] = kept
            return kept.version

    def get(self, ref: SessionRef, sealed: SealedObject) -> bytes:
        self._asked("get_object")
        kept = self._versions.get((sealed.key, sealed.object_version))
        if kept is None or kept.ref != ref:
            raise NotFound("No object has that key.")
        if not sealed.is_of(kept.body):
            raise Unopenable("An object differs from what was written.")
        return kept.body

    def describe(self, key: str, version: str | None = None) -> StoredObject | None:
        self._asked("head_object")
        kept = self.there.get(key) if version is None else self._versions.get((key, version))
        if kept is None:
            return None
        return StoredObject(kept.ref, kept.version, len(kept.body), sha256(kept.body))

    def delete(self, key: str) -> None:
        self._asked("delete_object")
        self.there.pop(key, None)

    def uncover(self, key: str) -> None:
        self._asked("list_object_versions")
        with self._lock:
            versions = [version for name, version in self._versions if name == key]
            if versions:
                # The last one written; ULIDs of one millisecond have no order.
                self.there[key] = self._versions[key, versions[-1]]

    def pages(self, *, after: str) -> Iterator[Sequence[Listed]]:
        while True:
            self._asked("list_objects_v2")
            keys = sorted(key for key in self.there if key > after)[:_PAGE]
            yield [Listed(key, self.there[key].modified_at) for key in keys]
            if len(keys) < _PAGE:
                return
            after = keys[-1]

    def forget(self) -> None:
        """Lose every version that was deleted, as the bucket does after some weeks."""
        self._versions = {(key, kept.version): kept for key, kept in self.there.items()}

    def _asked(self, operation: str) -> None:
        self.calls.append(operation)
        if not self.is_reachable:
            raise StoreUnavailable("The store of large payloads did not answer.")
