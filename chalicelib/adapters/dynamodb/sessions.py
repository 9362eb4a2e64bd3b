"""Heads of sessions in DynamoDB: each change with its counter and audit event, or not at all."""

from collections.abc import Iterator, Sequence
from functools import partial

from chalicelib.adapters.dynamodb.attributes import Fields
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.finds import find_begun, find_by_id, find_due
from chalicelib.adapters.dynamodb.heads import (
    LISTED,
    expiry_fields,
    head_of,
    head_put,
    ref_of,
    ttl_of,
)
from chalicelib.adapters.dynamodb.keys import user_keys_of
from chalicelib.adapters.dynamodb.layout import (
    SESSIONS,
    Key,
    head_key,
    payload_key,
    person_pk,
    quota_key,
    receipt_key,
    user_keys_key,
)
from chalicelib.adapters.dynamodb.newest import leave, newest_key, newest_put, stands
from chalicelib.adapters.dynamodb.payloads import payload_put
from chalicelib.adapters.dynamodb.receipts import receipt_puts
from chalicelib.adapters.dynamodb.shelf import found_receipt, made, read_shelf
from chalicelib.adapters.dynamodb.transactions import (
    PRESENT,
    Delete,
    Refused,
    Update,
    Write,
    changing,
)
from chalicelib.adapters.dynamodb.usage import add_bytes
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import ShardFull
from chalicelib.domain.ids import AppId, SessionId, WorkspaceId
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.sessions import Extras, Latest, Shelf
from chalicelib.domain.quotas import QuotaKind
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import Head, Partition, Person, SessionRef, SessionStatus

_QUOTA = 0  # the number of the counter's write in a creation
_LIVE = "#status = :live"
_UNEXPIRED = f"{_LIVE} AND (#exp = :kept OR #exp > :now)"
_OVER = "#status <> :live OR (#exp <> :kept AND #exp <= :now)"
# An end takes the bytes off that the head has at that moment, so they must be the ones it read.
_ENDS = f"{_LIVE} AND #size = :size"
_ADMITTED = f"{_ENDS} AND #rev = :rev AND #dead = :dead"
_EXPIRED = f"{_ENDS} AND #exp <> :kept AND #exp <= :now"


class DynamoSessions:
    """Answers `SessionStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

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
        writes: list[Write] = [
            _count_up(head, shard_limit),
            newest_put(head.ref, before=latest),
            head_put(head),
            audit_put(event),
            *_bytes(head, head.size),
            *receipt_puts(receipt),
        ]
        if payload is not None:
            writes.append(payload_put(payload, ttl=ttl_of(head.exp)))
        try:
            self._tables.transact(writes)
        except Refused as refused:
            if refused.found.keys() == {_QUOTA}:
                raise ShardFull from refused
            raise

    def find(self, workspace: WorkspaceId, sid: SessionId) -> SessionRef | None:
        return find_by_id(self._tables, workspace, sid)

    def head(self, ref: SessionRef) -> Head | None:
        item = self._tables.get(head_key(ref))
        return None if item is None else head_of(ref, item)

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        shelf, _ = read_shelf(self._tables, ref, extras)
        return shelf

    def latest(self, partition: Partition, receipt: ReceiptRef | None = None) -> Latest:
        newest, keys = newest_key(partition), user_keys_key(partition.person)
        beside = [] if receipt is None else [receipt_key(receipt)]
        found = self._tables.get_all([newest, keys, *beside])
        user_keys = made(partial(user_keys_of, partition.person), found.get(keys))
        item, kept = found.get(newest), found_receipt(receipt, found)
        if item is None:
            return Latest(None, 0, kept, user_keys)
        return Latest(SessionId(item["sid"]), item.get("live"), kept, user_keys)

    def recount(self, partition: Partition, latest: Latest, *, live: int) -> None:
        condition, values = stands(latest)
        self._tables.update(
            Update(
                key=newest_key(partition),
                change="SET #live = :after",
                condition=condition,
                values={"after": live, **values},
            ),
            answer="ALL_OLD",
        )

    def of(self, partition: Partition) -> Sequence[Head]:
        return self._heads(partition.person, f"S#{partition.app}#")

    def of_person(self, person: Person) -> Sequence[Head]:
        return self._heads(person, "S#")

    def change_access(self, before: Head, after: Head, event: AuditEvent) -> None:
        self._change_access(before, after, event, stands=_UNEXPIRED)

    def mark_over(self, before: Head, after: Head, event: AuditEvent) -> None:
        self._change_access(before, after, event, stands=f"({_OVER})")

    def change_lifetime(self, before: Head, after: Head, event: AuditEvent) -> None:
        # A first payload is written with the `ttl` of the head that it found: whoever comes
        # second finds the seed there or gone, and reads again.
        seed = "attribute_not_exists(#seed)" if before.seed is None else "attribute_exists(#seed)"
        expiry = expiry_fields(after)
        head = Update(
            key=head_key(before.ref),
            change=changing({"exp": after.exp, "updatedAt": after.updated_at, **expiry}),
            condition=f"{_UNEXPIRED} AND #exp = :before AND {seed}",
            values={
                "exp": after.exp,
                "updatedAt": after.updated_at,
                **expiry,
                "before": before.exp,
                "now": after.updated_at,
                "kept": 0,
                "live": SessionStatus.LIVE,
            },
        )
        writes: list[Write] = [head, audit_put(event)]
        if before.seed is None:
            ttl: Fields = {"ttl": ttl_of(after.exp)}
            writes.append(
                Update(
                    key=payload_key(before.ref),
                    change=changing(ttl),
                    condition=PRESENT,
                    values=ttl,
                )
            )
        self._tables.transact(writes)

    def end(self, head: Head, *, by: str, now: int, event: AuditEvent) -> None:
        # Whose token let them in must still be let in: a renewal or sign-out may have come between.
        asked: Fields = {"rev": head.rev, "dead": head.dead}
        self._end(head, by=by, now=now, event=event, condition=_ADMITTED, values=asked)

    def expire(self, head: Head, *, now: int, event: AuditEvent) -> None:
        self._end(head, by="expiry", now=now, event=event, condition=_EXPIRED, values={"kept": 0})

    def begun(
        self, workspace: WorkspaceId, app: AppId, *, after: str, until: int
    ) -> Iterator[tuple[str, SessionRef]]:
        return find_begun(self._tables, workspace, app, after=after, until=until)

    def due(self, *, now: int, since: int, limit: int) -> Sequence[SessionRef]:
        return find_due(self._tables, now=now, since=since, limit=limit)

    def _change_access(self, before: Head, after: Head, event: AuditEvent, *, stands: str) -> None:
        change = Update(
            key=head_key(before.ref),
            change="SET #rev = :rev, #dead = :dead, #updatedAt = :now",
            condition=f"{stands} AND #rev = :oldRev AND #dead = :oldDead",
            values={
                "rev": after.rev,
                "dead": after.dead,
                "now": after.updated_at,
                "kept": 0,
                "live": SessionStatus.LIVE,
                "oldRev": before.rev,
                "oldDead": before.dead,
            },
        )
        self._tables.transact([change, audit_put(event)])

    def _end(
        self, head: Head, *, by: str, now: int, event: AuditEvent, condition: str, values: Fields
    ) -> None:
        ended = Update(
            key=head_key(head.ref),
            change=(
                "SET #status = :revoked, #endedAt = :now, #endedBy = :by, #updatedAt = :now,"
                " #ttl = :ttl REMOVE #seed, #expPK, #expSK"
            ),
            condition=condition,
            values={
                "revoked": SessionStatus.REVOKED,
                "live": SessionStatus.LIVE,
                "now": now,
                "by": by,
                "ttl": now + GRACE_SECONDS,
                "size": head.size,
                **values,
            },
        )
        writes: list[Write] = [
            ended,
            Delete(key=payload_key(head.ref)),
            _count_down(head),
            *_bytes(head, -head.size),
            audit_put(event),
        ]
        try:
            self._tables.transact([*writes, leave(head.ref.partition)])
        except Refused as refused:
            if refused.found.keys() != {len(writes)}:
                raise
            # Nobody has counted this partition yet; who counts it later finds one less.
            self._tables.transact(writes)

    def _heads(self, person: Person, beginning: str) -> Sequence[Head]:
        found = self._tables.query(
            SESSIONS,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": beginning},
            only=LISTED,
        )
        return [head_of(ref_of(item), item) for item in found]


def _count_up(head: Head, shard_limit: int) -> Update:
    first = "attribute_not_exists(#count) OR " if shard_limit > 0 else ""
    return Update(
        key=_quota(head, QuotaKind.SESSIONS),
        change="ADD #count :one",
        condition=f"{first}#count < :limit",
        values={"one": 1, "limit": shard_limit},
    )


def _count_down(head: Head) -> Update:
    return Update(
        key=_quota(head, QuotaKind.SESSIONS), change="ADD #count :one", values={"one": -1}
    )


def _bytes(head: Head, difference: int) -> list[Write]:
    return [add_bytes(_quota(head, QuotaKind.BYTES), difference)] if difference else []


def _quota(head: Head, kind: QuotaKind) -> Key:
    return quota_key(head.ref.partition.workspace, kind, head.quota_shard)
