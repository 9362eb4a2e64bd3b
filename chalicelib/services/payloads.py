"""Payloads: brought in one round trip and opened for the one who may."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from chalicelib.domain.applications import Application
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.errors import KeyNotFound, NotFound, Unopenable
from chalicelib.domain.key_pages import KeyPage, key_page
from chalicelib.domain.keys import KeyKind
from chalicelib.domain.payloads import (
    IfNoneMatch,
    JsonValue,
    OpenPayload,
    Payload,
    PayloadText,
    SealedPayload,
    decode,
    key_name,
    seed_place,
)
from chalicelib.domain.ports.sessions import Extras, PayloadStore, Shelf
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head, SessionRef
from chalicelib.services.admission import Admission
from chalicelib.services.footholds import Footholds, Found
from chalicelib.services.keys import Keys
from chalicelib.services.objects import Objects
from chalicelib.services.usage import Usage

T = TypeVar("T")

_LOOKS = 3


class Payloads:
    """The data of one session at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: PayloadStore,
        admission: Admission,
        keys: Keys,
        objects: Objects,
        usage: Usage,
    ) -> None:
        """Take the ports, and the services below."""
        self._clock = clock
        self._store = store
        self._admission = admission
        self._footholds = Footholds(clock)
        self._keys = keys
        self._objects = objects
        self._usage = usage

    def read(self, caller: SessionCaller) -> OpenPayload:
        """Answer the whole payload with its version; a large one takes a second trip."""
        _, payload = self.opened(caller, self._admission.extras(caller))
        self._usage.settle()
        return payload

    def text(self, caller: SessionCaller, *, unless: IfNoneMatch) -> PayloadText:
        """Answer the whole payload as it was written; for who has it, nothing is opened."""

        def take(found: Found) -> str | None:
            return None if unless.has(found.version) else self._open(found).decode()

        found, text = self._taken(caller, self._admission.extras(caller), take)
        self._usage.settle()
        return PayloadText(found.version, text)

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

    def look(self, application: Application, ref: SessionRef, now: int) -> Payload | None:
        """Answer what a live session holds, for who counts and shows it to nobody."""
        for _ in range(_LOOKS):
            shelf = self._store.fetch(ref, Extras())
            if shelf.head is None or not shelf.head.is_live(now):
                return None
            if _is_whole(shelf, shelf.head):
                with suppress(NotFound):
                    return decode(
                        self._open(_found(shelf, shelf.head, application, self._clock.monotonic()))
                    )
        raise Unopenable("The payload of this session is missing.")

    def remembered(self, ref: SessionRef) -> Found | None:
        """Answer where a session stood lately, once; for who has it checked by a transaction."""
        return self._footholds.take(ref)

    def remember(self, found: Found) -> None:
        """Keep where a session stands after a write."""
        self._footholds.keep(found)

    def find(self, caller: SessionCaller, extras: Extras) -> Found:
        """Admit the caller, and answer what their session holds, in one round trip."""
        ref = caller.token.access.ref
        for _ in range(_LOOKS):
            shelf = self._store.fetch(ref, extras)
            self._admission.learn(caller, shelf)
            self._usage.learn(ref.partition.workspace, shelf.stored_bytes)
            head, application = self._admission.admit(caller, shelf.head)
            if shelf.user_keys is None and self._keys.are_there(ref.partition.workspace):
                # Between the end of the keys and that of the session there is a moment.
                raise SessionEnded("This session has ended with its account.")
            # A batch is no snapshot: the first write or the end may come between its reads.
            if _is_whole(shelf, head):
                break
        return self._footholds.keep(_found(shelf, head, application, self._clock.monotonic()))

    def opened(self, caller: SessionCaller, extras: Extras) -> tuple[Found, OpenPayload]:
        """Answer what the caller's session holds, and that opened."""
        found, plain = self._taken(caller, extras, self._open)
        return found, OpenPayload(found.version, decode(plain))

    def _taken(
        self, caller: SessionCaller, extras: Extras, take: Callable[[Found], T]
    ) -> tuple[Found, T]:
        for _ in range(_LOOKS):
            found = self.find(caller, extras)
            # An object that is gone was replaced after its row was read: look again.
            with suppress(NotFound):
                return found, take(found)
        raise Unopenable("The payload of this session is missing.")

    def _open(self, found: Found) -> bytes:
        if isinstance(found.held, SealedPayload):
            return self._objects.open(found.held, known=found.user_keys)
        return self._keys.open(seed_place(found.head.ref), found.held, known=found.user_keys)


def _found(shelf: Shelf, head: Head, application: Application, read_at: float) -> Found:
    held, keys = shelf.payload or head.seed, shelf.user_keys
    if keys is None:
        raise Unopenable("The keys of this session are missing.")
    if held is None:
        # A live head without a payload is a defect to alarm on, never an empty payload.
        raise Unopenable("The payload of this session is missing.")
    return Found(head, held, keys, application, read_at, shelf.receipt)


def _is_whole(shelf: Shelf, head: Head) -> bool:
    if shelf.payload is None and head.seed is None:
        return False
    is_under_dk = shelf.payload is not None or shelf.receipt is not None
    return not is_under_dk or shelf.user_keys is None or KeyKind.DK in shelf.user_keys.rings
