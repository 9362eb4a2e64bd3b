"""Ports to what surrounds the product: time, mail, passwords, addresses, schemas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.errors import Fault
from chalicelib.domain.payloads import Payload


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> int:
        """Answer epoch seconds, rounded down."""
        ...

    def millis(self) -> int:
        """Answer epoch milliseconds."""
        ...

    def monotonic(self) -> float:
        """Answer seconds that never go back, for ages and waits."""
        ...

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one person, as text and as HTML."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Mailer(Protocol):
    """Sends mail."""

    def send(self, mail: Mail) -> None:
        """Hand a message over; raises `StoreUnavailable` when it was not accepted."""
        ...


class Passwords(Protocol):
    """Hashes passwords with argon2id (RFC 9106); parameters are stored with the hash."""

    def hash(self, password: str) -> str:
        """Answer the PHC string of a password, with a fresh salt."""
        ...

    def fits(self, stored: str | None, password: str) -> bool:
        """Compare; `None` costs the same work and never fits."""
        ...

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        ...

    def is_common(self, password: str) -> bool:
        """Tell whether a password is on the list of common and breached ones."""
        ...


class Addresses(Protocol):
    """Reads e-mail addresses."""

    def normalise(self, text: str) -> str:
        """Answer the one form of an address: NFC, case-folded, IDNA domain.

        Raises `InvalidInput` for what is no address. Dots and plus tags stay: they are the
        provider's business.
        """
        ...


class Schemas(Protocol):
    """Judges by JSON Schema 2020-12; a schema is its text, and refers to nothing outside."""

    def examine(self, schema: str) -> Sequence[Fault]:
        """Answer why a schema cannot be used: at most 20 faults, none for one that can."""
        ...

    def admits(self, schema: str, payload: Payload) -> bool:
        """Tell whether a payload fits a schema that was examined before."""
        ...

    def faults(self, schema: str, payload: Payload) -> Sequence[Fault]:
        """Answer where a payload does not fit: at most 20 faults, without any of its values."""
        ...
