"""Payloads: brought in one round trip and opened for the one who may."""

from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import KeyNotFound, StoreUnavailable
from chalicelib.domain.key_pages import KeyPage, key_page
from chalicelib.domain.keys import KeyKind, UserKeys
from chalicelib.domain.payloads import (
    JsonValue,
    OpenPayload,
    decode,
    key_name,
    payload_place,
    seed_place,
)
from chalicelib.domain.ports.sessions import PayloadStore, Shelf
from chalicelib.domain.sessions import Head
from chalicelib.services.admission import Admission
from chalicelib.services.keys import Keys

_SEED_VERSION = 1
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What one read brought; `replaces` is the stored version, 0 while there is only a seed."""

    head: Head
    payload: OpenPayload
    replaces: int
    user_keys: UserKeys
    application: Application


class Payloads:
    """The data of one session at a time."""

    def __init__(self, *, store: PayloadStore, admission: Admission, keys: Keys) -> None:
        """Take the ports."""
        self._store = store
        self._admission = admission
        self._keys = keys

    def read(self, caller: SessionCaller) -> OpenPayload:
        """Answer the whole payload with its version; one round trip to the store."""
        return self.find(caller).payload

    def get(self, caller: SessionCaller, key: str) -> tuple[JsonValue, int]:
        """Answer the value of one key and the version; raises `KeyNotFound`."""
        name = key_name(key)
        payload = self.read(caller)
        if name not in payload.data:
            raise KeyNotFound("Nothing was written under this key.")
        return payload.data[name], payload.version

    def keys(self, caller: SessionCaller, *, prefix: str, after: str | None, limit: int) -> KeyPage:
        """Answer a page of the keys that start with `prefix`, with their sizes."""
        payload = self.read(caller)
        return key_page(
            payload.data, version=payload.version, prefix=prefix, after=after, limit=limit
        )

    def find(self, caller: SessionCaller) -> Found:
        """Admit the caller, and answer what their session holds."""
        for _ in range(_LOOKS):
            shelf = self._store.fetch(caller.token.access.ref, self._admission.extras(caller))
            self._admission.learn(caller, shelf)
            head, application = self._admission.admit(caller, shelf.head)
            # A batch is no snapshot: the first write or the end may come between its reads.
            if _is_whole(shelf, head):
                break
        return self._open(shelf, head, application)

    def _open(self, shelf: Shelf, head: Head, application: Application) -> Found:
        sealed, keys = shelf.payload, shelf.user_keys
        if keys is None:
            raise StoreUnavailable("The keys of this session are missing.")
        if sealed is not None:
            plain = self._keys.open(payload_place(head.ref), sealed.sealed, known=keys)
            return Found(
                head, OpenPayload(sealed.version, decode(plain)), sealed.version, keys, application
            )
        if head.seed is None:
            # A live head without a payload is a defect to alarm on, never an empty payload.
            raise StoreUnavailable("The payload of this session is missing.")
        plain = self._keys.open(seed_place(head.ref), head.seed, known=keys)
        return Found(head, OpenPayload(_SEED_VERSION, decode(plain)), 0, keys, application)


def _is_whole(shelf: Shelf, head: Head) -> bool:
    if shelf.payload is None:
        return head.seed is not None
    return shelf.user_keys is None or KeyKind.DK in shelf.user_keys.rings
