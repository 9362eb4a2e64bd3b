"""Passkeys in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.keys import Sealed
from chalicelib.domain.passkeys import Passkey, counts_on
from chalicelib.domain.sessions import Person
from tests.fakes.audit import MemoryAudit

_Named = tuple[WorkspaceId, str]


class MemoryPasskeys:
    """Answers `PasskeyStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._passkeys: dict[_Named, Passkey] = {}

    def of(self, person: Person) -> Sequence[Passkey]:
        with self._lock:
            held = [each for each in self._passkeys.values() if each.person == person]
        return sorted(held, key=lambda each: (each.created_at, each.id))

    def find(self, workspace: WorkspaceId, digest: str) -> Passkey | None:
        if not is_part(workspace) or not is_part(digest):
            raise ValueError("not a part of a key")
        with self._lock:
            return self._passkeys.get((workspace, digest))

    def add(self, passkey: Passkey, event: AuditEvent) -> None:
        name = _named(passkey)
        with self._lock:
            if name in self._passkeys:
                raise Stale
            self._audit.append(event)
            self._passkeys[name] = passkey

    def use(self, passkey: Passkey, *, sign_count: int, is_backed_up: bool, now: int) -> None:
        with self._lock:
            there = self._there(passkey)
            if not counts_on(there.sign_count, sign_count):
                raise Stale
            self._passkeys[_named(passkey)] = replace(
                there, sign_count=sign_count, is_backed_up=is_backed_up, last_used_at=now
            )

    def rename(self, passkey: Passkey, name: Sealed, event: AuditEvent) -> None:
        with self._lock:
            there = self._there(passkey)
            self._audit.append(event)
            self._passkeys[_named(passkey)] = replace(there, name=name)

    def remove(self, passkey: Passkey, event: AuditEvent, *, beside: Passkey | None = None) -> None:
        with self._lock:
            for each in (passkey, *(() if beside is None else (beside,))):
                self._there(each)
            self._audit.append(event)
            del self._passkeys[_named(passkey)]

    def drop(self, person: Person) -> int:
        """Forget a person; answers how many passkeys they had."""
        with self._lock:
            gone = [name for name, each in self._passkeys.items() if each.person == person]
            for name in gone:
                del self._passkeys[name]
        return len(gone)

    def _there(self, passkey: Passkey) -> Passkey:
        there = self._passkeys.get(_named(passkey))
        if there is None or there.person != passkey.person:
            raise Stale
        return there


def _named(passkey: Passkey) -> _Named:
    return passkey.person.workspace, passkey.digest
