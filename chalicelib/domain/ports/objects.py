"""The port to objects: sealed payloads that fit in no item, each bound to its session."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from chalicelib.domain.objects import Listed, SealedObject, StoredObject
from chalicelib.domain.sessions import SessionRef


class ObjectStore(Protocol):
    """Objects with random keys; every method raises `StoreUnavailable` when none answers."""

    def put(self, ref: SessionRef, key: str, body: bytes) -> str:
        """Store the ciphertext of a session under a key and answer the object's version.

        A key is written once: raises `Duplicate` when it is taken, be it by a repetition of
        this very call whose answer was lost.
        """
        ...

    def get(self, ref: SessionRef, sealed: SealedObject) -> bytes:
        """Answer the bytes that a session's row points to, every one compared.

        Raises `NotFound` when the object is gone or another session's, `Unopenable` when it is
        not what was written.
        """
        ...

    def describe(self, key: str, version: str | None = None) -> StoredObject | None:
        """Answer whose object this is; `None` when it is gone or not one of ours.

        With a version it is that one, also after a deletion.
        """
        ...

    def delete(self, key: str) -> None:
        """Take an object away; one that is gone already stays so.

        For the recovery window of the tables its version can still be got by who points to it.
        """
        ...

    def uncover(self, key: str) -> None:
        """Take back every deletion of an object up to now; its newest version is there again."""
        ...

    def pages(self, *, after: str) -> Iterator[Sequence[Listed]]:
        """List the objects whose keys sort behind `after`, page by page, in order."""
        ...
