"""Writes: payloads changed without losing anybody's write, and each of them once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import (
    Contended,
    DomainError,
    IfMatchRequired,
    ReplayUnavailable,
    Stale,
    StoreUnavailable,
    VersionMismatch,
)
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.payloads import (
    IfMatch,
    JsonValue,
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
from chalicelib.domain.receipts import Attempt, Slip
from chalicelib.services.admission import Admission
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.footholds import Found
from chalicelib.services.keys import Keys
from chalicelib.services.objects import Objects
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.payloads import Payloads
from chalicelib.services.quotas import Quotas
from chalicelib.services.receipts import Receipts
from chalicelib.services.usage import Usage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a write is asked for: which versions may be replaced, and under which key."""

    if_match: IfMatch | None = None
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers, at first or again, and the version that it made."""

    version: int
    body: JsonValue
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """What is to be stored, `None` for nothing, what is to be answered and recorded."""

    action: AuditAction
    data: Payload | None
    body: JsonValue


class Writes:
    """The changes of one payload at a time."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: PayloadStore,
        admission: Admission,
        payloads: Payloads,
        receipts: Receipts,
        objects: Objects,
        keys: Keys,
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
        self._receipts = receipts
        self._objects = objects
        self._keys = keys
        self._schemas = schemas
        self._trail = trail
        self._quotas = quotas
        self._usage = usage

    def replace(self, caller: SessionCaller, value: JsonValue, terms: Terms) -> Written:
        """Put a new payload in the place of the whole one."""
        fresh = payload_of(value)
        change = _Change(AuditAction.PAYLOAD_REPLACED, fresh, fresh)
        slip = self._slip(caller, terms.attempt)

        def step() -> Written:
            found = self._payloads.find(caller, self._extras(caller, slip))
            again = self._again(caller, slip, found)
            return again or self._write(caller, _held(found, terms), change, slip)

        done = self._at_once(caller, change, terms, slip)
        return self._settled(step) if done is None else done

    def patch(self, caller: SessionCaller, patch: JsonValue, terms: Terms) -> Written:
        """Apply a JSON Merge Patch (RFC 7396) to the whole payload."""
        payload_of(patch)

        def edit(before: Payload) -> _Change:
            merged = payload_of(merge_patch(before, patch))
            return _Change(AuditAction.PAYLOAD_PATCHED, merged, merged)

        return self._edit(caller, edit, terms)

    def set(self, caller: SessionCaller, key: str, value: JsonValue, terms: Terms) -> Written:
        """Write one key, beside whatever others write at the same time."""
        name, kept = key_name(key), value_of(value)

        def edit(before: Payload) -> _Change:
            after = {**before, name: kept}
            return _Change(AuditAction.PAYLOAD_KEY_SET, after, after)

        return self._edit(caller, edit, terms)

    def delete(self, caller: SessionCaller, key: str, terms: Terms) -> Written:
        """Remove one key and answer whether it was there; an absent one changes nothing."""
        name = key_name(key)

        def edit(before: Payload) -> _Change:
            existed = name in before
            left = {k: v for k, v in before.items() if k != name} if existed else None
            return _Change(AuditAction.PAYLOAD_KEY_DELETED, left, existed)

        return self._edit(caller, edit, terms)

    def _edit(
        self, caller: SessionCaller, edit: Callable[[Payload], _Change], terms: Terms
    ) -> Written:
        slip = self._slip(caller, terms.attempt)

        def step() -> Written:
            found, before = self._payloads.opened(caller, self._extras(caller, slip))
            again = self._again(caller, slip, found)
            return again or self._write(caller, _held(found, terms), edit(before.data), slip)

        return self._settled(step)

    def _at_once(
        self, caller: SessionCaller, change: _Change, terms: Terms, slip: Slip | None
    ) -> Written | None:
        """Write without reading, if nothing has to be asked; the transaction has the last word."""
        found = self._payloads.remembered(caller.token.access.ref)
        if found is None or self._extras(caller, None) != Extras():
            return None
        try:
            _, application = self._admission.admit(caller, found.head)
            found = _held(replace(found, application=application), terms)
            written = self._write(caller, found, change, slip)
        except StoreUnavailable:
            raise
        except (Stale, Contended, DomainError):
            # What is remembered refuses nobody: whatever is against it is judged anew.
            return None
        self._usage.settle()
        return written

    def _settled(self, step: Callable[[], T]) -> T:
        after = settled(self._clock, step)
        self._usage.settle()
        return after

    def _extras(self, caller: SessionCaller, slip: Slip | None) -> Extras:
        # Who writes has to know what the workspace holds.
        workspace = caller.token.access.ref.partition.workspace
        extras = self._admission.extras(caller)
        return replace(
            extras,
            stored_bytes=not self._usage.knows(workspace),
            receipt=None if slip is None else slip.ref,
        )

    def _slip(self, caller: SessionCaller, attempt: Attempt | None) -> Slip | None:
        if attempt is None:
            return None
        ref = caller.token.access.ref
        if not self._keys.knows(ref.partition.workspace):
            # Nothing is asked of a workspace's keys before its gate has let the caller in.
            self._payloads.find(caller, self._admission.extras(caller))
        return self._receipts.slip(ref, attempt)

    def _again(self, caller: SessionCaller, slip: Slip | None, found: Found) -> Written | None:
        done = self._receipts.known(slip, found.receipt)
        if slip is None or done is None:
            return None
        version = done.version or found.version
        if done.body is not None:
            ref, keys = caller.token.access.ref, found.user_keys
            body = self._receipts.open(slip, ref, done.body, known=keys)
            return Written(version, body, is_replay=True)
        payload = self._payloads.read(caller)
        if payload.version != version:
            raise ReplayUnavailable(
                f'This write was done as version "{version}". Its answer was too large to be kept,'
                " and the payload was written again since.",
                hint="Read the session; do not repeat the write.",
            )
        return Written(version, payload.data, is_replay=True)

    def _write(
        self, caller: SessionCaller, found: Found, change: _Change, slip: Slip | None
    ) -> Written:
        access = caller.token.access
        version = found.version if change.data is None else found.version + 1
        receipt = self._receipts.of_write(
            slip, access.ref, version=version, body=change.body, known=found.user_keys
        )
        if change.data is None:
            self._receipts.keep(receipt)
            return Written(version, change.body)
        self._schemas.hold(found.application, change.data)
        plain = encode(change.data, limit=found.application.payload_bytes)
        partition, growth = access.ref.partition, len(plain) - found.head.size
        self._quotas.admit(partition, caller.visit.origin, growth=growth)
        payload = SealedPayload(
            ref=access.ref,
            version=version,
            write_id=new_ulid(self._clock.millis()),
            sealed=self._objects.seal(access.ref, plain, known=found.user_keys),
        )
        event = self._trail.of_session(
            change.action,
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
            keys=len(change.data),
            now=self._clock.now(),
            receipt=receipt,
        )
        try:
            self._store.write(write, event)
        except Stale:
            self._objects.discard(payload.sealed)
            raise
        if isinstance(found.held, SealedPayload):
            self._objects.discard(found.held.sealed)
        self._usage.hold(partition.workspace, growth)
        head = replace(found.head, size=len(plain), seed=None)
        self._payloads.remember(replace(found, head=head, held=payload))
        return Written(version, change.body)


def _held(found: Found, terms: Terms) -> Found:
    """Answer what was found, if it may be written on these terms."""
    if terms.if_match is None:
        if found.application.requires_if_match:
            raise IfMatchRequired("This application demands If-Match on every write.")
    elif not terms.if_match.holds(found.version):
        raise VersionMismatch(f'The payload is at version "{found.version}" now.')
    return found
