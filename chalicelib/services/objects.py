"""Objects: decides where a sealed payload lies, and takes away what nothing points to any more."""

from contextlib import suppress

from chalicelib.domain.errors import Duplicate, StoreUnavailable
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.limits import MAX_INLINE_BYTES
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.domain.payloads import SealedPayload, object_place, payload_place
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.ports.sessions import PayloadStore
from chalicelib.domain.sessions import Head, SessionRef
from chalicelib.services.keys import Keys

_TRIES = 3


class Objects:
    """The bytes of payloads: in their row, or above what fits there in an object.

    An object is put before the transaction that points to it, and what that replaced is deleted
    after it: whoever stops in between leaves the old payload or the new one, and an object that
    a job removes a day later.
    """

    def __init__(self, *, store: ObjectStore, payloads: PayloadStore, keys: Keys) -> None:
        """Take the ports, and the service that seals."""
        self._store = store
        self._payloads = payloads
        self._keys = keys

    def seal(
        self, ref: SessionRef, plain: bytes, *, known: UserKeys | None = None
    ) -> Sealed | SealedObject:
        """Answer a payload sealed; a large one lies in its object by then, pointed to by nobody."""
        if len(plain) <= MAX_INLINE_BYTES:
            return self._keys.seal(payload_place(ref), plain, known=known)
        for _ in range(_TRIES):
            key = new_object_key()
            sealed = self._keys.seal(object_place(ref, key), plain, known=known)
            # A key is taken when the answer of the first try was lost: it is as good as no answer.
            with suppress(Duplicate):
                return SealedObject(
                    version=sealed.version,
                    key=key,
                    object_version=self._store.put(ref, key, sealed.ciphertext),
                    length=len(sealed.ciphertext),
                    sha256=sha256(sealed.ciphertext),
                )
        raise StoreUnavailable("The store of large payloads did not answer. Try again.")

    def open(self, payload: SealedPayload, *, known: UserKeys) -> bytes:
        """Open a payload wherever it lies.

        Raises `NotFound` for an object that is gone: its writer has replaced it since the row was
        read, so the row is to be read again.
        """
        ref, sealed = payload.ref, payload.sealed
        if isinstance(sealed, Sealed):
            return self._keys.open(payload_place(ref), sealed, known=known)
        body = Sealed(sealed.version, self._store.get(ref, sealed))
        return self._keys.open(object_place(ref, sealed.key), body, known=known)

    def of(self, head: Head) -> str | None:
        """Answer the key of the object that goes with a session; a small one asks nothing."""
        return self._payloads.object_of(head.ref) if head.size > MAX_INLINE_BYTES else None

    def discard(self, sealed: Sealed | SealedObject) -> None:
        """Take away the object of what was replaced, or never came to be pointed to."""
        if isinstance(sealed, SealedObject):
            self.remove(sealed.key)

    def remove(self, key: str | None) -> None:
        """Take an object away, if there is one; what had to be done is done by then."""
        if key is not None:
            # One that stays although nothing points to it is swept a day later.
            with suppress(StoreUnavailable):
                self._store.delete(key)
