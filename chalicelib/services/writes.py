"""Writes: payloads changed without losing anybody's write, and each of them once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import (
    Contended,
    DomainError,
    ReplayUnavailable,
    Stale,
    StoreUnavailable,
)
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.keys import KeyKind
from chalicelib.domain.payloads import (
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
from chalicelib.domain.receipts import Receipt
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
from chalicelib.services.wishes import Change, Terms, Try, Wish, Written

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
        change = Change(AuditAction.PAYLOAD_REPLACED, fresh, fresh, is_said=True)
        wish = self._wish(caller, terms)

        def step() -> Written:
            found = self._payloads.find(caller, self._extras(wish))
            done = self._done(wish, found, change)
            return done or self._write(wish, terms.held(found), change)

        done = self._at_once(wish, change)
        return self._settled(step) if done is None else done

    def patch(self, caller: SessionCaller, patch: JsonValue, terms: Terms) -> Written:
        """Apply a JSON Merge Patch (RFC 7396) to the whole payload."""
        payload_of(patch)

        def edit(before: Payload) -> Change:
            merged = payload_of(merge_patch(before, patch))
            return Change(AuditAction.PAYLOAD_PATCHED, merged, merged)

        return self._edit(caller, edit, terms)

    def set(self, caller: SessionCaller, key: str, value: JsonValue, terms: Terms) -> Written:
        """Write one key, beside whatever others write at the same time."""
        name, kept = key_name(key), value_of(value)

        def edit(before: Payload) -> Change:
            after = {**before, name: kept}
            return Change(AuditAction.PAYLOAD_KEY_SET, after, after)

        return self._edit(caller, edit, terms)

    def delete(self, caller: SessionCaller, key: str, terms: Terms) -> Written:
        """Remove one key and answer whether it was there; an absent one changes nothing."""
        name = key_name(key)

        def edit(before: Payload) -> Change:
            existed = name in before
            left = {k: v for k, v in before.items() if k != name} if existed else None
            return Change(AuditAction.PAYLOAD_KEY_DELETED, left, existed)

        return self._edit(caller, edit, terms)

    def _edit(
        self, caller: SessionCaller, edit: Callable[[Payload], Change], terms: Terms
    ) -> Written:
        wish = self._wish(caller, terms)

        def step() -> Written:
            found, before = self._payloads.opened(caller, self._extras(wish))
            done = self._done(wish, found)
            return done or self._write(wish, terms.held(found), edit(before.data))

        return self._settled(step)

    def _at_once(self, wish: Wish, change: Change) -> Written | None:
        """Write without reading, if nothing has to be asked; the transaction has the last word."""
        caller = wish.caller
        found = self._payloads.remembered(caller.token.access.ref)
        if found is None or self._extras(replace(wish, slip=None)) != Extras():
            return None
        try:
            _, application = self._admission.admit(caller, found.head)
            found = wish.terms.held(replace(found, application=application))
            written = self._write(wish, found, change)
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

    def _extras(self, wish: Wish) -> Extras:
        # Who writes has to know what the workspace holds.
        caller, slip = wish.caller, wish.slip
        extras = self._admission.extras(caller)
        return replace(
            extras,
            stored_bytes=not self._usage.knows(caller.token.access.ref.partition.workspace),
            receipt=None if slip is None else slip.ref,
        )

    def _wish(self, caller: SessionCaller, terms: Terms) -> Wish:
        if terms.attempt is None:
            return Wish(caller, terms, slip=None)
        ref = caller.token.access.ref
        if not self._keys.knows_digests(ref.partition.workspace):
            # Neither the store nor KMS is asked for a workspace's keys before its gate and the
            # session have let the caller in.
            self._payloads.find(caller, self._admission.extras(caller))
        return Wish(caller, terms, self._receipts.slip(ref, terms.attempt))

    def _done(self, wish: Wish, found: Found, change: Change | None = None) -> Written | None:
        """Answer what was written already: by this request unknowingly, or under its key."""
        mine = wish.tries.happened(found)
        if mine is not None:
            return self._finished(wish, mine)
        self._discard(wish.tries.missed(found.replaces))
        slip, done = wish.slip, self._receipts.known(wish.slip, found.receipt)
        if slip is None or done is None:
            return None
        version = done.version or found.version
        again = Written(version, None, status=done.status, is_replay=True)
        if change is not None and change.is_said:
            return replace(again, body=change.body)
        caller = wish.caller
        if done.body is not None:
            ref, keys = caller.token.access.ref, found.user_keys
            return replace(again, body=self._receipts.open(slip, ref, done.body, known=keys))
        payload = self._payloads.read(caller)
        if payload.version != version:
            raise ReplayUnavailable(
                f'This write was done as version "{version}". Its answer was not kept,'
                " and the payload was written again since.",
                hint="Read the session; do not repeat the write.",
            )
        return replace(again, body=payload.data)

    def _write(self, wish: Wish, found: Found, change: Change) -> Written:
        caller, access = wish.caller, wish.caller.token.access
        if change.data is None:
            self._receipts.keep(self._receipt(wish, found, change, version=found.version))
            return Written(found.version, change.body)
        self._schemas.hold(found.application, change.data)
        plain = encode(change.data, limit=found.application.payload_bytes)
        partition, growth = access.ref.partition, len(plain) - found.head.size
        self._quotas.admit(partition, caller.visit.origin, growth=growth)
        # The first write makes the key for payload and receipt.
        found = replace(found, user_keys=self._keys.completed(found.user_keys, KeyKind.DK))
        version = found.version + 1
        receipt = self._receipt(wish, found, change, version=version)
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
        sent = Try(payload, found, growth, receipt, Written(version, change.body))
        try:
            self._store.write(write, event)
        except Stale:
            self._discard([sent])
            raise
        except Contended:
            wish.tries.add(sent)
            raise
        head = replace(found.head, size=len(plain), seed=None)
        self._payloads.remember(replace(found, head=head, held=payload))
        return self._finished(wish, sent)

    def _receipt(self, wish: Wish, found: Found, change: Change, *, version: int) -> Receipt | None:
        if wish.slip is None:
            return None
        ref, answer = wish.caller.token.access.ref, None
        if not change.is_said:
            room = self._quotas.room(ref.partition.workspace)
            answer = self._receipts.kept(ref.partition, change.body, room=room)
        return self._receipts.of_write(
            wish.slip, ref, version=version, answer=answer, known=found.user_keys
        )

    def _finished(self, wish: Wish, done: Try) -> Written:
        """Take away what nothing points to any more, count, and answer."""
        missed = wish.tries.missed(done.payload.version)
        self._discard([one for one in missed if one is not done])
        if isinstance(done.over.held, SealedPayload):
            self._objects.discard(done.over.held.sealed)
        self._receipts.count(done.receipt)
        self._usage.hold(done.payload.ref.partition.workspace, done.growth)
        return done.written

    def _discard(self, tries: Iterable[Try]) -> None:
        for one in tries:
            self._objects.discard(one.payload.sealed)
