"""Payloads: opened for the one who may, changed without losing anybody's write."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import (
    IfMatchRequired,
    KeyNotFound,
    StoreUnavailable,
    VersionMismatch,
)
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.key_pages import KeyPage, key_page
from chalicelib.domain.keys import KeyKind, UserKeys
from chalicelib.domain.payloads import (
    IfMatch,
    JsonValue,
    OpenPayload,
    Payload,
    SealedPayload,
    decode,
    encode,
    key_name,
    merge_patch,
    payload_of,
    payload_place,
    seed_place,
    value_of,
)
from chalicelib.domain.ports.sessions import PayloadStore, PayloadWrite, Shelf
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head
from chalicelib.services.admission import Admission
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.keys import Keys

_SEED_VERSION = 1
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class _Found:
    head: Head
    payload: OpenPayload
    replaces: int
    user_keys: UserKeys
    application: Application


class Payloads:
    """The data of one session at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: PayloadStore,
        admission: Admission,
        keys: Keys,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._admission = admission
        self._keys = keys
        self._trail = trail

    def read(self, caller: SessionCaller) -> OpenPayload:
        """Answer the whole payload with its version; one round trip to the store."""
        return self._find(caller).payload

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

    def replace(
        self, caller: SessionCaller, value: JsonValue, if_match: IfMatch | None
    ) -> OpenPayload:
        """Put a new payload in the place of the whole one."""
        fresh = payload_of(value)
        return self._change(caller, lambda _: fresh, AuditAction.PAYLOAD_REPLACED, if_match)

    def patch(
        self, caller: SessionCaller, patch: JsonValue, if_match: IfMatch | None
    ) -> OpenPayload:
        """Apply a JSON Merge Patch (RFC 7396) to the whole payload."""
        payload_of(patch)

        def merged(payload: Payload) -> Payload:
            return payload_of(merge_patch(payload, patch))

        return self._change(caller, merged, AuditAction.PAYLOAD_PATCHED, if_match)

    def set(
        self, caller: SessionCaller, key: str, value: JsonValue, if_match: IfMatch | None
    ) -> OpenPayload:
        """Write one key, beside whatever others write at the same time."""
        name, kept = key_name(key), value_of(value)
        return self._change(
            caller, lambda payload: {**payload, name: kept}, AuditAction.PAYLOAD_KEY_SET, if_match
        )

    def delete(
        self, caller: SessionCaller, key: str, if_match: IfMatch | None
    ) -> tuple[bool, OpenPayload]:
        """Remove one key and tell whether it was there; an absent one changes nothing."""
        name = key_name(key)
        existed = False

        def without(payload: Payload) -> Payload | None:
            nonlocal existed
            existed = name in payload
            return {k: v for k, v in payload.items() if k != name} if existed else None

        after = self._change(caller, without, AuditAction.PAYLOAD_KEY_DELETED, if_match)
        return existed, after

    def _change(
        self,
        caller: SessionCaller,
        edit: Callable[[Payload], Payload | None],
        action: AuditAction,
        if_match: IfMatch | None,
    ) -> OpenPayload:
        def step() -> OpenPayload:
            found = self._find(caller)
            _hold(found, if_match)
            data = edit(found.payload.data)
            return found.payload if data is None else self._write(caller, found, data, action)

        return settled(self._clock, step)

    def _write(
        self, caller: SessionCaller, found: _Found, data: Payload, action: AuditAction
    ) -> OpenPayload:
        access = caller.token.access
        plain = encode(data, limit=found.application.payload_bytes)
        version = found.payload.version + 1
        payload = SealedPayload(
            ref=access.ref,
            version=version,
            write_id=new_ulid(self._clock.millis()),
            sealed=self._keys.seal(payload_place(access.ref), plain, known=found.user_keys),
        )
        event = self._trail.of_session(
            action,
            access.ref,
            actor=Actor(ActorKind.USER, access.ref.partition.user),
            origin=caller.visit.origin,
            meta={"version": version, "bytes": len(plain)},
        )
        self._store.write(
            PayloadWrite(
                payload=payload,
                replaces=found.replaces,
                access=access,
                exp=found.head.exp,
                size=len(plain),
                keys=len(data),
                now=self._clock.now(),
            ),
            event,
        )
        return OpenPayload(version=version, data=data)

    def _find(self, caller: SessionCaller) -> _Found:
        for _ in range(_LOOKS):
            shelf = self._store.fetch(caller.token.access.ref, self._admission.extras(caller))
            self._admission.learn(caller, shelf)
            head, application = self._admission.admit(caller, shelf.head)
            # A batch is no snapshot: the first write or the end may come between its reads.
            if _is_whole(shelf, head):
                break
        return self._open(shelf, head, application)

    def _open(self, shelf: Shelf, head: Head, application: Application) -> _Found:
        sealed, keys = shelf.payload, shelf.user_keys
        if keys is None:
            raise StoreUnavailable("The keys of this session are missing.")
        if sealed is not None:
            plain = self._keys.open(payload_place(head.ref), sealed.sealed, known=keys)
            return _Found(
                head, OpenPayload(sealed.version, decode(plain)), sealed.version, keys, application
            )
        if head.seed is None:
            # A live head without a payload is a defect to alarm on, never an empty payload.
            raise StoreUnavailable("The payload of this session is missing.")
        plain = self._keys.open(seed_place(head.ref), head.seed, known=keys)
        return _Found(head, OpenPayload(_SEED_VERSION, decode(plain)), 0, keys, application)


def _is_whole(shelf: Shelf, head: Head) -> bool:
    if shelf.payload is None:
        return head.seed is not None
    return shelf.user_keys is None or KeyKind.DK in shelf.user_keys.rings


def _hold(found: _Found, if_match: IfMatch | None) -> None:
    if if_match is None:
        if found.application.requires_if_match:
            raise IfMatchRequired("This application demands If-Match on every write.")
    elif not if_match.holds(found.payload.version):
        raise VersionMismatch(f'The payload is at version "{found.payload.version}" now.')
