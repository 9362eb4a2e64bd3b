"""Receipts: a request with an Idempotency-Key is done once, and answered again."""

import json

from chalicelib.domain.errors import IdempotencyReused, Unopenable
from chalicelib.domain.ids import SessionId, WorkspaceId
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.limits import (
    MAX_KEPT_BYTES,
    MAX_RECEIPT_BYTES,
    RECEIPT_SECONDS,
    TINY_ANSWER_BYTES,
)
from chalicelib.domain.payloads import JsonValue
from chalicelib.domain.ports.sessions import ReceiptStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Attempt, Receipt, ReceiptRef, Slip, receipt_place
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Partition, SessionRef
from chalicelib.services.keys import Keys


class Receipts:
    """What was done under which key; nothing of it can be read without the workspace's key."""

    def __init__(self, *, clock: Clock, store: ReceiptStore, keys: Keys) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys
        self._sums: Recent[tuple[Partition | WorkspaceId, int], int] = Recent(
            clock.monotonic, age=RECEIPT_SECONDS
        )

    def slip(self, of: Partition | SessionRef, attempt: Attempt) -> Slip:
        """Bind an attempt to a partition, and its request to the session that it is about."""
        partition, sid = (of.partition, of.sid) if isinstance(of, SessionRef) else (of, "")
        workspace = partition.workspace
        # The person is in the hash, so that equal keys of two people do not look alike.
        key = f"{partition.app}\0{partition.user}\0{attempt.key}"
        return Slip(
            ReceiptRef(partition, self._keys.digest(workspace, key, info="idempotency")),
            self._keys.digest(workspace, f"{sid}\0{attempt.request}", info="fingerprint"),
        )

    def known(self, slip: Slip | None, found: Receipt | None) -> Receipt | None:
        """Answer the receipt of the same request; raises `IdempotencyReused` for another's."""
        if slip is None or found is None or found.until <= self._clock.now():
            return None
        if found.fingerprint != slip.fingerprint:
            raise IdempotencyReused(
                "This Idempotency-Key was used with another request.",
                hint="A key belongs to one request and its repetitions. Make a new one.",
            )
        return found

    def of_creation(self, slip: Slip | None, sid: SessionId) -> Receipt | None:
        """Answer the receipt for a session; it holds no token, a repetition gets a new one."""
        if slip is None:
            return None
        return Receipt(slip.ref, slip.fingerprint, sid, at=self._clock.now())

    def of_write(
        self, slip: Slip, ref: SessionRef, *, version: int, answer: bytes | None, known: UserKeys
    ) -> Receipt:
        """Answer the receipt for a write, with what it answered if that is to be kept."""
        body = None
        if answer is not None:
            # With its own name inside, an answer opens under no other key of the same session.
            body = self._keys.seal(receipt_place(ref), _name(slip) + answer, known=known)
        return Receipt(
            slip.ref,
            slip.fingerprint,
            ref.sid,
            at=self._clock.now(),
            version=version,
            body=body,
        )

    def kept(self, partition: Partition, body: JsonValue, *, room: int) -> bytes | None:
        """Answer what is kept of an answer: all, or nothing where there is no room for it.

        What a process keeps in a day has to fit into the `room` that the workspace has left, and
        into the share of one person.
        """
        answer = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        size = len(answer)
        if size <= TINY_ANSWER_BYTES:
            return answer
        limits = (MAX_RECEIPT_BYTES, MAX_KEPT_BYTES - self._sum(partition))
        return answer if size <= min(*limits, room - self._sum(partition.workspace)) else None

    def count(self, receipt: Receipt | None) -> None:
        """Remember that a receipt was stored, with what it keeps."""
        if receipt is not None and receipt.body is not None:
            partition, size = receipt.ref.partition, len(receipt.body.ciphertext)
            for owner in (partition, partition.workspace):
                self._sums.keep((owner, self._day()), self._sum(owner) + size)

    def open(self, slip: Slip, ref: SessionRef, body: Sealed, *, known: UserKeys) -> JsonValue:
        """Open what a write answered; raises `Unopenable`."""
        plain, name = self._keys.open(receipt_place(ref), body, known=known), _name(slip)
        if not plain.startswith(name):
            raise Unopenable("This answer belongs to another request.")
        answer: JsonValue = json.loads(plain[len(name) :])
        return answer

    def keep(self, receipt: Receipt | None) -> None:
        """Remember a request that changed nothing else; raises `Stale` when its key is taken."""
        if receipt is not None:
            self._store.keep(receipt)

    def _sum(self, owner: Partition | WorkspaceId) -> int:
        return self._sums.get((owner, self._day())) or 0

    def _day(self) -> int:
        # A day by the calendar: around midnight it is twice as much at most.
        return self._clock.now() // RECEIPT_SECONDS


def _name(slip: Slip) -> bytes:
    return slip.ref.digest.encode()
