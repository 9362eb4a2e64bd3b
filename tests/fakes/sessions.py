"""Heads of sessions in memory, with the counters and payloads that change beside them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import RLock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import ShardFull, Stale
from chalicelib.domain.ids import AppId, SessionId, WorkspaceId
from chalicelib.domain.limits import QUOTA_SHARDS
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.directory import ApplicationStore, KeyStore, WorkspaceStore
from chalicelib.domain.ports.sessions import Extras, Latest, Shelf
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import Head, Partition, Person, SessionRef, SessionStatus
from tests.fakes.audit import MemoryAudit


class MemorySessions:
    """Answers `SessionStore`; `counts` and `stored` are by workspace and quota shard."""

    def __init__(
        self,
        *,
        audit: MemoryAudit,
        keys: KeyStore,
        workspaces: WorkspaceStore,
        applications: ApplicationStore,
    ) -> None:
        self.audit = audit
        self._keys = keys
        self._workspaces = workspaces
        self._applications = applications
        self.lock = RLock()
        self.heads: dict[SessionRef, Head] = {}
        self.payloads: dict[SessionRef, SealedPayload] = {}
        self.receipts: dict[ReceiptRef, Receipt] = {}
        self.counts: Counter[tuple[WorkspaceId, int]] = Counter()
        self.stored: Counter[tuple[WorkspaceId, int]] = Counter()
        self._newest: dict[Partition, Latest] = {}

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
        partition = head.ref.partition
        with self.lock:
            if head.ref in self.heads or self._stands(partition) != replace(latest, receipt=None):
                raise Stale
            if self.is_taken(receipt):
                raise Stale
            if self.counts[_shard(head)] >= shard_limit:
                raise ShardFull
            self.audit.append(event)
            self.heads[head.ref] = head
            self._newest[partition] = Latest(head.ref.sid, (latest.live or 0) + 1)
            self.counts[_shard(head)] += 1
            self.stored[_shard(head)] += head.size
            if payload is not None:
                self.payloads[head.ref] = payload
            self.put_receipt(receipt)

    def is_taken(self, receipt: Receipt | None) -> bool:
        """Tell whether another receipt, not past its time, stands in the way of one."""
        there = None if receipt is None else self.receipts.get(receipt.ref)
        return there is not None and receipt is not None and there.until > receipt.at

    def put_receipt(self, receipt: Receipt | None) -> None:
        if receipt is not None:
            self.receipts[receipt.ref] = receipt

    def find(self, workspace: WorkspaceId, sid: SessionId) -> SessionRef | None:
        with self.lock:
            found = (
                ref for ref in self.heads if (ref.partition.workspace, ref.sid) == (workspace, sid)
            )
            return next(found, None)

    def head(self, ref: SessionRef) -> Head | None:
        with self.lock:
            return self.heads.get(ref)

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        partition, workspace = ref.partition, ref.partition.workspace
        return Shelf(
            head=self.head(ref),
            payload=None,
            user_keys=self._keys.of_user(partition.person),
            workspace=self._workspaces.get(workspace) if extras.workspace else None,
            gate=self._workspaces.gate(workspace) if extras.gate else None,
            application=(
                self._applications.get(workspace, partition.app) if extras.application else None
            ),
            workspace_keys=self._keys.of_workspace(workspace) if extras.workspace_keys else None,
            receipt=None if extras.receipt is None else self.receipts.get(extras.receipt),
            stored_bytes=self.stored_bytes(workspace) if extras.stored_bytes else None,
        )

    def stored_bytes(self, workspace: WorkspaceId) -> int:
        with self.lock:
            return sum(self.stored[workspace, shard] for shard in range(QUOTA_SHARDS))

    def latest(self, partition: Partition, receipt: ReceiptRef | None = None) -> Latest:
        with self.lock:
            found = None if receipt is None else self.receipts.get(receipt)
            keys = self._keys.of_user(partition.person)
            return replace(self._stands(partition), receipt=found, user_keys=keys)

    def recount(self, partition: Partition, latest: Latest, *, live: int) -> None:
        with self.lock:
            if self._stands(partition) != replace(latest, receipt=None):
                raise Stale
            self._newest[partition] = Latest(latest.sid, live)

    def uncount(self, partition: Partition) -> None:
        """Forget how many there are, as in a row from before sessions were counted."""
        with self.lock:
            self._newest[partition] = replace(self._newest[partition], live=None)

    def _stands(self, partition: Partition) -> Latest:
        return self._newest.get(partition, Latest(None, 0))

    def of(self, partition: Partition) -> Sequence[Head]:
        with self.lock:
            found = [listed(head) for ref, head in self.heads.items() if ref.partition == partition]
        return sorted(found, key=lambda head: head.ref.sid)

    def of_person(self, person: Person) -> Sequence[Head]:
        with self.lock:
            return [
                listed(head) for ref, head in self.heads.items() if ref.partition.person == person
            ]

    def change_access(self, before: Head, after: Head, event: AuditEvent) -> None:
        with self.lock:
            there = self._unchanged(before)
            if not there.is_live(after.updated_at):
                raise Stale
            self.audit.append(event)
            self.heads[before.ref] = replace(
                there, rev=after.rev, dead=dict(after.dead), updated_at=after.updated_at
            )

    def mark_over(self, before: Head, after: Head, event: AuditEvent) -> None:
        with self.lock:
            there = self.heads.get(before.ref)
            if there is None or there.is_live(after.updated_at):
                raise Stale
            if (there.rev, there.dead) != (before.rev, before.dead):
                raise Stale
            self.audit.append(event)
            self.heads[before.ref] = replace(
                there, rev=after.rev, dead=dict(after.dead), updated_at=after.updated_at
            )

    def change_lifetime(self, before: Head, after: Head, event: AuditEvent) -> None:
        with self.lock:
            there = self._live(before)
            is_changed = (there.exp, there.seed) != (before.exp, before.seed)
            if is_changed or not there.is_live(after.updated_at):
                raise Stale
            self.audit.append(event)
            self.heads[before.ref] = replace(there, exp=after.exp, updated_at=after.updated_at)

    def end(self, head: Head, *, by: str, now: int, event: AuditEvent) -> None:
        with self.lock:
            self._unchanged(head)
            self._end(self._ending(head), by=by, now=now, event=event)

    def expire(self, head: Head, *, now: int, event: AuditEvent) -> None:
        with self.lock:
            there = self._ending(head)
            if there.is_live(now):
                raise Stale
            self._end(there, by="expiry", now=now, event=event)

    def drop(self, person: Person) -> None:
        """Forget a person, none of whose sessions lives."""
        with self.lock:
            heads = [head for ref, head in self.heads.items() if ref.partition.person == person]
            self.payloads = {r: p for r, p in self.payloads.items() if r.partition.person != person}
            self.receipts = {r: i for r, i in self.receipts.items() if r.partition.person != person}
            if any(head.status is SessionStatus.LIVE for head in heads):
                raise Stale
            for head in heads:
                del self.heads[head.ref]
            self._newest = {p: n for p, n in self._newest.items() if p.person != person}

    def begun(
        self, workspace: WorkspaceId, app: AppId, *, after: str, until: int
    ) -> Iterator[tuple[str, SessionRef]]:
        with self.lock:
            known = [
                (f"{head.created_at:010d}#{ref.sid}", ref)
                for ref, head in self.heads.items()
                if (ref.partition.workspace, ref.partition.app) == (workspace, app)
            ]
        yield from sorted(
            ((at, ref) for at, ref in known if at > f"{after}~" and int(at[:10]) <= until),
            key=lambda found: found[0],
        )

    def due(self, *, now: int, since: int, limit: int) -> Sequence[SessionRef]:
        with self.lock:
            found = [
                head
                for head in self.heads.values()
                if head.status is SessionStatus.LIVE and head.exp and since <= head.exp <= now
            ]
        return [head.ref for head in sorted(found, key=lambda head: head.exp)[:limit]]

    def _live(self, head: Head) -> Head:
        there = self.heads.get(head.ref)
        if there is None or there.status is not SessionStatus.LIVE:
            raise Stale
        return there

    def _ending(self, head: Head) -> Head:
        there = self._live(head)
        if there.size != head.size:
            raise Stale
        return there

    def _unchanged(self, head: Head) -> Head:
        there = self._live(head)
        if (there.rev, there.dead) != (head.rev, head.dead):
            raise Stale
        return there

    def _end(self, there: Head, *, by: str, now: int, event: AuditEvent) -> None:
        self.audit.append(event)
        self.heads[there.ref] = replace(
            there,
            status=SessionStatus.REVOKED,
            seed=None,
            updated_at=now,
            ended_at=now,
            ended_by=by,
        )
        self.payloads.pop(there.ref, None)
        stands = self._stands(there.ref.partition)
        if stands.live is not None:
            self._newest[there.ref.partition] = replace(stands, live=stands.live - 1)
        self.counts[_shard(there)] -= 1
        self.stored[_shard(there)] -= there.size


def listed(head: Head) -> Head:
    """Answer a head as lists bring it."""
    return replace(head, who=None, seed=None)


def _shard(head: Head) -> tuple[WorkspaceId, int]:
    return head.ref.partition.workspace, head.quota_shard
