"""Writes: payloads changed without losing anybody's write."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import IfMatchRequired, Stale, VersionMismatch
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.payloads import (
    IfMatch,
    JsonValue,
    OpenPayload,
    Payload,
    SealedPayload,
    encode,
    key_name,
    merge_patch,
    payload_of,
    value_of,
)
from chalicelib.domain.ports.sessions import Extras, PayloadStore, PayloadWrite
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.admission import Admission
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.objects import Objects
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.payloads import Found, Payloads
from chalicelib.services.quotas import Quotas
from chalicelib.services.usage import Usage

T = TypeVar("T")


class Writes:
    """The changes of one payload at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: PayloadStore,
        admission: Admission,
        payloads: Payloads,
        objects: Objects,
        schemas: PayloadSchemas,
        trail: Trail,
        quotas: Quotas,
        usage: Usage,
    ) -> None:
        """Take the ports, and the services below."""
        self._clock = clock
        self._store = store
        self._admission = admission
        self._payloads = payloads
        self._objects = objects
        self._schemas = schemas
        self._trail = trail
        self._quotas = quotas
        self._usage = usage

    def replace(
        self, caller: SessionCaller, value: JsonValue, if_match: IfMatch | None
    ) -> OpenPayload:
        """Put a new payload in the place of the whole one."""
        fresh = payload_of(value)

        def step() -> OpenPayload:
            found = self._payloads.find(caller, self._extras(caller))
            _hold(found, if_match)
            return self._write(caller, found, fresh, AuditAction.PAYLOAD_REPLACED)

        return self._settled(step)

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
            found, before = self._payloads.opened(caller, self._extras(caller))
            _hold(found, if_match)
            data = edit(before.data)
            return before if data is None else self._write(caller, found, data, action)

        return self._settled(step)

    def _settled(self, step: Callable[[], T]) -> T:
        after = settled(self._clock, step)
        self._usage.settle()
        return after

    def _extras(self, caller: SessionCaller) -> Extras:
        # Who writes has to know what the workspace holds.
        workspace = caller.token.access.ref.partition.workspace
        extras = self._admission.extras(caller)
        return replace(extras, stored_bytes=not self._usage.knows(workspace))

    def _write(
        self, caller: SessionCaller, found: Found, data: Payload, action: AuditAction
    ) -> OpenPayload:
        access = caller.token.access
        self._schemas.hold(found.application, data)
        plain = encode(data, limit=found.application.payload_bytes)
        partition, growth = access.ref.partition, len(plain) - found.head.size
        self._quotas.admit(partition, caller.visit.origin, growth=growth)
        version = found.version + 1
        payload = SealedPayload(
            ref=access.ref,
            version=version,
            write_id=new_ulid(self._clock.millis()),
            sealed=self._objects.seal(access.ref, plain, known=found.user_keys),
        )
        event = self._trail.of_session(
            action,
            access.ref,
            actor=Actor(ActorKind.USER, access.ref.partition.user),
            origin=caller.visit.origin,
            meta={"version": version, "bytes": len(plain)},
        )
        write = PayloadWrite(
            payload=payload,
            replaces=found.replaces,
            access=access,
            exp=found.head.exp,
            size=len(plain),
            keys=len(data),
            now=self._clock.now(),
        )
        try:
            self._store.write(write, event)
        except Stale:
            self._objects.discard(payload.sealed)
            raise
        if isinstance(found.held, SealedPayload):
            self._objects.discard(found.held.sealed)
        self._usage.hold(partition.workspace, growth)
        return OpenPayload(version=version, data=data)


def _hold(found: Found, if_match: IfMatch | None) -> None:
    if if_match is None:
        if found.application.requires_if_match:
            raise IfMatchRequired("This application demands If-Match on every write.")
    elif not if_match.holds(found.version):
        raise VersionMismatch(f'The payload is at version "{found.version}" now.')
