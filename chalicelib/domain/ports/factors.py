"""Ports to factors: where they are kept, how their codes are made, and how they are drawn."""

from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.factors import Drawing, Factors, RecoveryCodes, Totp
from chalicelib.domain.sessions import Person


class FactorStore(Protocol):
    """Second factors of people. A change and its event are one transaction."""

    def of(self, person: Person) -> Factors:
        """Answer all factors of a person, read consistently."""
        ...

    def put_totp(
        self, totp: Totp, recovery: RecoveryCodes, *, before: Totp | None, event: AuditEvent
    ) -> None:
        """Store an authenticator and its recovery codes in the place of those before.

        Raises `Stale` unless the authenticator before still stands.
        """
        ...

    def remove_totp(self, totp: Totp, event: AuditEvent) -> None:
        """Remove an authenticator and all recovery codes; raises `Stale` when it is gone."""
        ...

    def put_recovery(self, recovery: RecoveryCodes, *, of: Totp, event: AuditEvent) -> None:
        """Replace the recovery codes; raises `Stale` when their authenticator is gone."""
        ...

    def accept_step(self, totp: Totp, step: int) -> None:
        """Remember that the code of a half minute was used (RFC 6238, section 5.2).

        Raises `Stale` when it was used before, or a later one was.
        """
        ...

    def use_recovery(self, person: Person, digest: str, event: AuditEvent) -> None:
        """Strike one recovery code out; raises `Stale` when it is not there."""
        ...


class OneTimeCodes(Protocol):
    """Codes of authenticators (RFC 6238: SHA-1, six digits, half a minute)."""

    def new_secret(self) -> str:
        """Make a shared secret: 160 random bits, base32."""
        ...

    def step_of(self, secret: str, typed: str, *, now: int, after: int) -> int | None:
        """Answer the half minute whose code was typed: the present one, or a neighbour of it.

        Only those after `after` count; `None` when there is none.
        """
        ...

    def uri(self, secret: str, *, account: str, issuer: str) -> str:
        """Answer the address (`otpauth:`) by which an authenticator takes the secret."""
        ...

    def drawing(self, text: str) -> Drawing:
        """Answer a text as a QR code (ISO/IEC 18004)."""
        ...
