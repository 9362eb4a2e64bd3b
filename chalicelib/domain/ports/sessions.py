"""Ports to sessions and payloads; no method takes a bare id.

A change and its audit event are one transaction. A lost race raises `Stale`, a collision with
another transaction `Contended`; neither changed anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import AppId, SessionId, WorkspaceId
from chalicelib.domain.keys import UserKeys, WorkspaceKeys
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import Access, Head, Partition, Person, SessionRef
from chalicelib.domain.workspaces import Gate, Workspace


@dataclass(frozen=True, slots=True)
class Extras:
    """What rides along with a read: a receipt, and what the cached copy is too old of."""

    workspace: bool = False
    gate: bool = False
    application: bool = False
    workspace_keys: bool = False
    stored_bytes: bool = False
    receipt: ReceiptRef | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one read of a session found, all of it at once; what was not asked for is `None`."""

    head: Head | None
    payload: SealedPayload | None
    user_keys: UserKeys | None
    workspace: Workspace | None = None
    gate: Gate | None = None
    application: Application | None = None
    workspace_keys: WorkspaceKeys | None = None
    stored_bytes: int | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """How a partition stands for somebody at its door: its newest session, live or not.

    `live` is the number of sessions that were not ended; `None` where nobody has counted. The
    person's keys ride along: without them no session begins.
    """

    sid: SessionId | None
    live: int | None
    receipt: Receipt | None = None
    user_keys: UserKeys | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PayloadWrite:
    """A new payload in place of version `replaces` (0: there is a seed and no payload yet).

    `exp` is the session's, epoch seconds; 0 means kept. A receipt is written with it or not at all.
    """

    payload: SealedPayload
    replaces: int
    access: Access
    exp: int
    size: int
    keys: int
    now: int
    receipt: Receipt | None = None


class SessionStore(Protocol):
    """Heads of sessions."""

    def create(
        self,
        head: Head,
        *,
        payload: SealedPayload | None,
        latest: Latest,
        shard_limit: int,
        event: AuditEvent,
        receipt: Receipt | None = None,
    ) -> None:
        """Store a new session as the newest of its partition, count it, and keep its receipt.

        Its size is added to the workspace's stored bytes. Raises `Stale` when the partition no
        longer stands as `latest` says or the receipt's key is taken, and `ShardFull` when the
        counter of the head's shard stands at `shard_limit`.
        """
        ...

    def find(self, workspace: WorkspaceId, sid: SessionId) -> SessionRef | None:
        """Find a session of a workspace by index; read the head before acting."""
        ...

    def head(self, ref: SessionRef) -> Head | None:
        """Answer a head, read consistently."""
        ...

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        """Read head, user keys and the extras in one consistent round trip, and no payload."""
        ...

    def latest(self, partition: Partition, receipt: ReceiptRef | None = None) -> Latest:
        """Read a partition's newest session, its person's keys, and a receipt, in one round trip.

        It is consistent.
        """
        ...

    def recount(self, partition: Partition, latest: Latest, *, live: int) -> None:
        """Store how many sessions were not ended; raises `Stale` unless all is as `latest` says."""
        ...

    def of(self, partition: Partition) -> Sequence[Head]:
        """Answer every head of a partition, newest last, read consistently.

        Each comes without `who` and `seed`, which nobody needs of all of them: see `head`.
        """
        ...

    def of_person(self, person: Person) -> Sequence[Head]:
        """Answer every head of a person in all applications, read consistently; as `of` does."""
        ...

    def change_access(self, before: Head, after: Head, event: AuditEvent) -> None:
        """Store `rev` and `dead` of `after`, if `before` still stands and is live.

        Live it is at `after.updated_at`.
        """
        ...

    def mark_over(self, before: Head, after: Head, event: AuditEvent) -> None:
        """Store `rev` and `dead` of `after`, if `before` still stands and is over.

        Over it is at `after.updated_at`, ended or expired; nothing else of it changes.
        """
        ...

    def change_lifetime(self, before: Head, after: Head, event: AuditEvent) -> None:
        """Store `exp` of `after` for head and payload, if `before` still stands and is live.

        Live it is at `after.updated_at`; the first write of a payload is a change of what stands.
        """
        ...

    def end(self, head: Head, *, by: str, now: int, event: AuditEvent) -> None:
        """Revoke a live session, delete its payload and uncount it with its bytes.

        Raises `Stale` when it is not live, or its size, revision or dead grants are not those of
        `head`: it ends for whom it was read.
        """
        ...

    def expire(self, head: Head, *, now: int, event: AuditEvent) -> None:
        """End a session whose `exp` has come, as `end` does; raises `Stale`."""
        ...

    def begun(
        self, workspace: WorkspaceId, app: AppId, *, after: str, until: int
    ) -> Iterator[tuple[str, SessionRef]]:
        """Find the sessions of an application in the order of their beginning, by index.

        With each comes its position: ten digits of epoch seconds, `#` and its id. `after` is the
        beginning of a position; whatever begins with it is not found again. The index finds and
        never authorises: read the head before acting.
        """
        ...

    def due(self, *, now: int, since: int, limit: int) -> Sequence[SessionRef]:
        """Find at most `limit` sessions whose `exp` lies in `since` to `now`, by index.

        The index finds and never authorises: read the head before acting.
        """
        ...


class ReceiptStore(Protocol):
    """Receipts that stand beside no other change; reads of other stores bring them along."""

    def keep(self, receipt: Receipt) -> None:
        """Store a receipt; raises `Stale` when its key is taken by one that is not past."""
        ...


class PayloadStore(Protocol):
    """Sealed payloads."""

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        """Read head, payload, user keys and the extras in one consistent round trip."""
        ...

    def write(self, write: PayloadWrite, event: AuditEvent) -> None:
        """Store a payload if its session still admits the access, and clear the head's seed.

        Raises `Stale` when version, revision, grant or lifetime do not hold any more, or when
        the key of its receipt is taken; a write
        whose answer was lost and that did happen (its `write_id` stands) returns normally.
        """
        ...

    def object_of(self, ref: SessionRef) -> str | None:
        """Answer the key of the object to which a session's row points, read consistently.

        `None` when there is no row, or the payload lies in it; no ciphertext is read.
        """
        ...

    def repoint(self, ref: SessionRef, sealed: SealedObject, object_version: str) -> None:
        """Point a row to another version of the same object; the payload's version stays.

        Raises `Stale` when the row does not point to this object at this version any more.
        """
        ...
