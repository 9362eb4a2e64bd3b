"""Receipts: what is remembered of a request that its sender may repeat under one key."""

from dataclasses import dataclass, field

from chalicelib.domain.ids import SessionId, is_part
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.limits import RECEIPT_SECONDS
from chalicelib.domain.sessions import Partition, SessionRef


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request under an Idempotency-Key; `request` is all that has to be the same again."""

    key: str = field(repr=False)
    request: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceiptRef:
    """The only name of a receipt: the keyed hash of the sender's key, within one partition."""

    partition: Partition
    digest: str

    def __post_init__(self) -> None:
        """Refuse a digest that could reach into a neighbour's composite key."""
        if not is_part(self.digest):
            raise ValueError("not a digest")


@dataclass(frozen=True, slots=True)
class Slip:
    """An attempt, bound to whose it is: where its receipt belongs, and what has to fit."""

    ref: ReceiptRef
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One request that was done, `at` epoch seconds; `version` is the ETag that it answered.

    There is no body where it was too large, or where a token has to be made anew.
    """

    ref: ReceiptRef
    fingerprint: str
    sid: SessionId
    at: int
    status: int = 200
    version: int | None = None
    body: Sealed | None = None

    @property
    def until(self) -> int:
        """Answer from when on it is forgotten, to the second."""
        return self.at + RECEIPT_SECONDS


def receipt_place(ref: SessionRef) -> Place:
    """Answer the only place in which the answers of one session's receipts open."""
    return Place(
        workspace=ref.partition.workspace,
        user=ref.partition.user,
        kind=KeyKind.DK,
        purpose="idempotency",
        app=ref.partition.app,
        session=ref.sid,
    )
