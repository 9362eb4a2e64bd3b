"""Sealed payloads in DynamoDB: read in one round trip, written in one transaction."""

from dataclasses import replace
from functools import partial

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.heads import ttl_of
from chalicelib.adapters.dynamodb.layout import PAYLOADS, head_key, payload_key
from chalicelib.adapters.dynamodb.receipts import receipt_puts
from chalicelib.adapters.dynamodb.shelf import made, read_shelf
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put, Refused, Update
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.keys import Sealed
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.sessions import Extras, PayloadWrite, Shelf
from chalicelib.domain.sessions import SessionRef, SessionStatus

# The session itself says whether its token still admits, in the transaction that writes.
_ADMITS = (
    "#status = :live AND #rev = :rev AND attribute_not_exists(#dead.#gid)"
    " AND (#exp = :kept OR #exp > :now)"
)
# The attribute that holds a payload, and the one that must not stand beside it.
_INLINE = ("ct", "object")
_OUTSIDE = ("object", "ct")
_PAYLOAD = 1  # the number of the payload's write in its transaction


def payload_put(payload: SealedPayload, *, ttl: int | None) -> Put:
    """Answer the write of a session's first payload."""
    key = payload_key(payload.ref)
    return Put(
        table=PAYLOADS,
        item={
            "PK": key.pk,
            "SK": key.sk,
            "ver": payload.version,
            "writeId": payload.write_id,
            "ttl": ttl,
            **_bytes(payload.sealed),
        },
        condition=ABSENT,
    )


def payload_of(ref: SessionRef, item: Item) -> SealedPayload:
    """Answer the payload that an item holds."""
    return SealedPayload(
        ref=ref,
        version=item["ver"],
        write_id=item["writeId"],
        sealed=_sealed_of(item),
    )


class DynamoPayloads:
    """Answers `PayloadStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        payload = payload_key(ref)
        shelf, found = read_shelf(self._tables, ref, extras, payload)
        return replace(shelf, payload=made(partial(payload_of, ref), found.get(payload)))

    def write(self, write: PayloadWrite, event: AuditEvent) -> None:
        payload = _seeded(write) if write.replaces == 0 else _replaced(write)
        try:
            self._tables.transact(
                [_head(write), payload, audit_put(event), *receipt_puts(write.receipt)]
            )
        except Refused as refused:
            there = refused.found.get(_PAYLOAD)
            if there is None or there["writeId"] != write.payload.write_id:
                raise
            # The payload that stands in the way is this one: an earlier answer was lost.

    def object_of(self, ref: SessionRef) -> str | None:
        item = self._tables.get(payload_key(ref), only="object") or {}
        return item["object"]["key"] if "object" in item else None

    def repoint(self, ref: SessionRef, sealed: SealedObject, object_version: str) -> None:
        change = Update(
            key=payload_key(ref),
            change="SET #object.#version = :now",
            condition="#object.#key = :key AND #object.#version = :was",
            values={"now": object_version, "key": sealed.key, "was": sealed.object_version},
        )
        self._tables.update(change, answer="ALL_OLD")


def _head(write: PayloadWrite) -> Update:
    # A first payload takes the place of the seed, which must still be there, and lives as long as
    # the session was said to: its row has the same time to be swept.
    is_first = write.replaces == 0
    seeded = " AND attribute_exists(#seed) AND #exp = :exp" if is_first else ""
    return Update(
        key=head_key(write.payload.ref),
        change=(
            "SET #size = :size, #keys = :keys, #updatedAt = :now, #lastSeenAt = :now REMOVE #seed"
        ),
        condition=_ADMITS + seeded,
        values={
            "size": write.size,
            "keys": write.keys,
            "now": write.now,
            "live": SessionStatus.LIVE,
            "rev": write.access.rev,
            "kept": 0,
            **({"exp": write.exp} if is_first else {}),
        },
        names={"gid": write.access.grant},
    )


def _seeded(write: PayloadWrite) -> Put:
    return payload_put(write.payload, ttl=ttl_of(write.exp))


def _replaced(write: PayloadWrite) -> Update:
    here, gone = _INLINE if isinstance(write.payload.sealed, Sealed) else _OUTSIDE
    return Update(
        key=payload_key(write.payload.ref),
        change=(
            f"SET #ver = :ver, #writeId = :writeId, #dkv = :dkv, #{here} = :{here} REMOVE #{gone}"
        ),
        condition="#ver = :replaces",
        values={
            "ver": write.payload.version,
            "writeId": write.payload.write_id,
            "replaces": write.replaces,
            **_bytes(write.payload.sealed),
        },
    )


def _bytes(sealed: Sealed | SealedObject) -> Fields:
    if isinstance(sealed, Sealed):
        return {"dkv": sealed.version, "ct": sealed.ciphertext}
    pointer: Fields = {
        "key": sealed.key,
        "version": sealed.object_version,
        "length": sealed.length,
        "sha256": sealed.sha256,
    }
    return {"dkv": sealed.version, "object": pointer}


def _sealed_of(item: Item) -> Sealed | SealedObject:
    pointer = item.get("object")
    if pointer is None:
        return Sealed(item["dkv"], item["ct"])
    return SealedObject(
        version=item["dkv"],
        key=pointer["key"],
        object_version=pointer["version"],
        length=pointer["length"],
        sha256=pointer["sha256"],
    )
