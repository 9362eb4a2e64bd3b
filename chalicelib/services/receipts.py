"""Receipts: a request with an Idempotency-Key is done once, and answered again."""

import json

from chalicelib.domain.errors import IdempotencyReused, Unopenable
from chalicelib.domain.ids import SessionId
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.limits import MAX_RECEIPT_BYTES
from chalicelib.domain.payloads import JsonValue
from chalicelib.domain.ports.sessions import ReceiptStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Attempt, Receipt, ReceiptRef, Slip, receipt_place
from chalicelib.domain.sessions import Partition, SessionRef
from chalicelib.services.keys import Keys


class Receipts:
    """What was done under which key; nothing of it can be read without the workspace's key."""

    def __init__(self, *, clock: Clock, store: ReceiptStore, keys: Keys) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys

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
        self, slip: Slip | None, ref: SessionRef, *, version: int, body: JsonValue, known: UserKeys
    ) -> Receipt | None:
        """Answer the receipt for a write, with what it answered unless that is too large."""
        if slip is None:
            return None
        # With its own name inside, an answer opens under no other key of the same session.
        answer = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        plain = _name(slip) + answer
        is_small = len(answer) <= MAX_RECEIPT_BYTES
        return Receipt(
            slip.ref,
            slip.fingerprint,
            ref.sid,
            at=self._clock.now(),
            version=version,
            body=self._keys.seal(receipt_place(ref), plain, known=known) if is_small else None,
        )

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


def _name(slip: Slip) -> bytes:
    return slip.ref.digest.encode()
