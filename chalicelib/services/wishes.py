"""Wishes: what somebody wants written, on what terms, and what was sent for it so far."""

from dataclasses import dataclass, field

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import IfMatchRequired, VersionMismatch
from chalicelib.domain.payloads import IfMatch, IfNoneMatch, JsonValue, Payload, SealedPayload
from chalicelib.domain.receipts import Attempt, Receipt, Slip
from chalicelib.services.footholds import Found


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a write is asked for: which versions may be replaced, and under which key.

    `unless` are versions that must not be.
    """

    if_match: IfMatch | None = None
    unless: IfNoneMatch = field(default_factory=IfNoneMatch)
    attempt: Attempt | None = None

    def held(self, found: Found) -> Found:
        """Answer what was found, if it may be written on these terms."""
        if self.if_match is None:
            if found.application.requires_if_match:
                raise IfMatchRequired("This application demands If-Match on every write.")
        elif not self.if_match.holds(found.version):
            raise _mismatch(found)
        if self.unless.has(found.version):
            raise _mismatch(found)
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be stored, `None` for nothing, what is to be answered and recorded.

    `is_said` where the request itself says what is answered.
    """

    action: AuditAction
    data: Payload | None
    body: JsonValue
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers, at first or again, and the version that it made."""

    version: int
    body: JsonValue
    status: int = 200
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """One transaction: what it puts over what was found, and what is answered if it happened."""

    payload: SealedPayload
    over: Found
    growth: int
    receipt: Receipt | None
    written: Written


class Tries:
    """What a request has sent and was not told the truth of.

    A store that lost its answer and was asked again may speak of a conflict with the very
    transaction that it has done, or is about to do.
    """

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._open: list[Try] = []

    def add(self, one: Try) -> None:
        """Remember a transaction that may have happened, or happen yet."""
        self._open.append(one)

    def happened(self, found: Found) -> Try | None:
        """Answer the transaction whose payload is the one that was found."""
        held = found.held
        if not isinstance(held, SealedPayload):
            return None
        return next((one for one in self._open if one.payload.write_id == held.write_id), None)

    def missed(self, version: int) -> list[Try]:
        """Answer once, and forget, those that a stored version beyond theirs has shut out."""
        missed = [one for one in self._open if one.over.replaces < version]
        self._open = [one for one in self._open if one not in missed]
        return missed


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to write: whose, on what terms, and under which key."""

    caller: SessionCaller
    terms: Terms
    slip: Slip | None
    tries: Tries = field(default_factory=Tries)


def _mismatch(found: Found) -> VersionMismatch:
    return VersionMismatch(f'The payload is at version "{found.version}" now.')
