"""Sealed payloads in memory."""

from dataclasses import replace

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.ports.sessions import Extras, PayloadWrite, Shelf
from chalicelib.domain.sessions import Head, SessionRef
from tests.fakes.sessions import MemorySessions


class MemoryPayloads:
    """Answers `PayloadStore`; the payloads stand beside the heads, under one lock."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        with self._sessions.lock:
            shelf = self._sessions.fetch(ref, extras)
            return replace(shelf, payload=self._sessions.payloads.get(ref))

    def write(self, write: PayloadWrite, event: AuditEvent) -> None:
        ref = write.payload.ref
        with self._sessions.lock:
            there = self._sessions.payloads.get(ref)
            head = self._sessions.heads.get(ref)
            version = 0 if there is None else there.version
            is_free = not self._sessions.is_taken(write.receipt)
            if head is None or version != write.replaces or not (is_free and _admits(head, write)):
                if there is not None and there.write_id == write.payload.write_id:
                    return
                raise Stale
            self._sessions.audit.append(event)
            self._sessions.payloads[ref] = write.payload
            self._sessions.put_receipt(write.receipt)
            self._sessions.heads[ref] = replace(
                head,
                size=write.size,
                keys=write.keys,
                updated_at=write.now,
                last_seen_at=write.now,
                seed=None,
            )

    def object_of(self, ref: SessionRef) -> str | None:
        payload = self._sessions.payloads.get(ref)
        if payload is None or not isinstance(payload.sealed, SealedObject):
            return None
        return payload.sealed.key

    def repoint(self, ref: SessionRef, sealed: SealedObject, object_version: str) -> None:
        with self._sessions.lock:
            there = self._sessions.payloads.get(ref)
            if there is None or not isinstance(there.sealed, SealedObject):
                raise Stale
            if (there.sealed.key, there.sealed.object_version) != (
                sealed.key,
                sealed.object_version,
            ):
                raise Stale
            now = replace(there.sealed, object_version=object_version)
            self._sessions.payloads[ref] = replace(there, sealed=now)


def _admits(head: Head, write: PayloadWrite) -> bool:
    return (
        head.is_live(write.now)
        and head.rev == write.access.rev
        and write.access.grant not in head.dead
        and (write.replaces > 0 or (head.seed is not None and head.exp == write.exp))
    )
