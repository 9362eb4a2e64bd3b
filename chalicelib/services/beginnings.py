"""Beginnings: new sessions, which are counted before they stand."""

import zlib
from dataclasses import replace

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.callers import Arrival
from chalicelib.domain.denials import TokenSuperseded
from chalicelib.domain.errors import PayloadTooLarge, SessionQuota, ShardFull, Stale
from chalicelib.domain.ids import new_session_id, new_ulid
from chalicelib.domain.keys import UserKeys
from chalicelib.domain.limits import MAX_INLINE_BYTES, MAX_LIVE_SESSIONS, QUOTA_SHARDS
from chalicelib.domain.payloads import (
    Payload,
    SealedPayload,
    encode,
    seed_place,
    who_place,
)
from chalicelib.domain.ports.sessions import Latest, SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Receipt, Slip
from chalicelib.domain.sessions import Head, Partition, SessionRef, SessionStatus
from chalicelib.services.audit import Trail
from chalicelib.services.expiry import Expiry
from chalicelib.services.keys import Keys
from chalicelib.services.objects import Objects
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.quotas import Quotas
from chalicelib.services.receipts import Receipts
from chalicelib.services.usage import Usage


class Beginnings:
    """One try each: whoever was overtaken gets `Stale`, and looks at the partition again."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: SessionStore,
        schemas: PayloadSchemas,
        receipts: Receipts,
        keys: Keys,
        objects: Objects,
        expiry: Expiry,
        trail: Trail,
        quotas: Quotas,
        usage: Usage,
    ) -> None:
        """Take the ports, and the services below."""
        self._clock = clock
        self._store = store
        self._schemas = schemas
        self._receipts = receipts
        self._keys = keys
        self._objects = objects
        self._expiry = expiry
        self._trail = trail
        self._quotas = quotas
        self._usage = usage

    def with_seed(
        self, arrival: Arrival, seed: Payload, *, ttl_seconds: int | None, latest: Latest
    ) -> Head:
        """Begin a session whose first data lies sealed in its head."""
        self._schemas.hold_first(arrival.application, seed)
        keys = _there(latest)
        draft = self._draft(arrival, ttl_seconds=ttl_seconds, known=keys)
        plain = self._encoded(arrival, seed)
        if len(plain) > MAX_INLINE_BYTES:
            raise PayloadTooLarge(
                f"The payload of a sign-in may have {MAX_INLINE_BYTES} bytes.",
                hint="Sign in with less, and write the rest with the sessionToken.",
            )
        head = replace(
            draft,
            seed=self._keys.seal(seed_place(draft.ref), plain, known=keys),
            size=len(plain),
            keys=len(seed),
        )
        return self._store_new(arrival, head, payload=None, latest=latest)

    def with_payload(
        self,
        arrival: Arrival,
        data: Payload,
        *,
        ttl_seconds: int | None,
        latest: Latest,
        slip: Slip | None,
    ) -> Head:
        """Begin a session with its payload, and the receipt of the request that brought it."""
        self._schemas.hold_first(arrival.application, data)
        keys = _there(latest)
        draft = self._draft(arrival, ttl_seconds=ttl_seconds, known=keys)
        plain = self._encoded(arrival, data)
        payload = SealedPayload(
            ref=draft.ref,
            version=1,
            write_id=new_ulid(self._clock.millis()),
            sealed=self._objects.seal(draft.ref, plain, known=keys),
        )
        head = replace(draft, size=len(plain), keys=len(data))
        receipt = self._receipts.of_creation(slip, head.ref.sid)
        try:
            return self._store_new(arrival, head, payload=payload, latest=latest, receipt=receipt)
        except (Stale, SessionQuota):
            self._objects.discard(payload.sealed)
            raise

    def _draft(self, arrival: Arrival, *, ttl_seconds: int | None, known: UserKeys) -> Head:
        now = self._clock.now()
        sid = new_session_id(self._clock.millis())
        ref = SessionRef(arrival.partition, sid)
        lifetimes = [s for s in (arrival.application.payload_seconds, ttl_seconds) if s]
        who = arrival.email
        return Head(
            ref=ref,
            status=SessionStatus.LIVE,
            exp=now + min(lifetimes) if lifetimes else 0,
            rev=1,
            created_at=now,
            updated_at=now,
            last_seen_at=now,
            quota_shard=zlib.crc32(sid.encode()) % QUOTA_SHARDS,
            who=None if who is None else self._keys.seal(who_place(ref), who.encode(), known=known),
        )

    def _encoded(self, arrival: Arrival, data: Payload) -> bytes:
        plain = encode(data, limit=arrival.application.payload_bytes)
        # An empty payload is no growth: people sign in to a workspace that is full.
        growth = len(plain) if data else 0
        self._quotas.admit(arrival.partition, arrival.visit.origin, growth=growth)
        return plain

    def _store_new(
        self,
        arrival: Arrival,
        head: Head,
        *,
        payload: SealedPayload | None,
        latest: Latest,
        receipt: Receipt | None = None,
    ) -> Head:
        partition, origin = arrival.partition, arrival.visit.origin
        self._make_room(partition, origin, latest)
        for room in self._quotas.rooms(partition, origin, first=head.quota_shard):
            placed = replace(head, quota_shard=room.shard)
            event = self._trail.of_session(
                AuditAction.SESSION_CREATED,
                head.ref,
                actor=Actor(ActorKind.USER, arrival.user),
                origin=origin,
            )
            try:
                self._store.create(
                    placed,
                    payload=payload,
                    latest=latest,
                    shard_limit=room.limit,
                    event=event,
                    receipt=receipt,
                )
            except ShardFull:
                continue
            self._usage.count(partition.workspace, placed.size)
            return placed
        raise Stale

    def _make_room(self, partition: Partition, origin: Origin, latest: Latest) -> None:
        """See that a partition takes one more; raises `Stale` after something was put right."""
        if latest.live is not None and latest.live < MAX_LIVE_SESSIONS:
            return
        now = self._clock.now()
        heads = self._store.of(partition)
        standing = [head for head in heads if head.status is SessionStatus.LIVE]
        due = [head.ref for head in standing if not head.is_live(now)]
        if ended := sum(map(self._expiry.end, due)):
            raise Stale(f"{ended} sessions were due")
        if len(standing) != latest.live:
            self._store.recount(partition, latest, live=len(standing))
            raise Stale("the sessions were counted anew")
        raise self._quotas.crowded(partition, origin, used=len(standing))


def _there(latest: Latest) -> UserKeys:
    """Answer the keys that were read for this very beginning; a copy at hand might be of before."""
    if latest.user_keys is None:
        raise TokenSuperseded("This account is no more.")
    return latest.user_keys
