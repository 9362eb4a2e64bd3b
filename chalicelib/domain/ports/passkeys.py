"""Ports to passkeys: where they are kept, and the ceremonies in which they are made and shown."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.keys import Sealed
from chalicelib.domain.passkeys import (
    Assertion,
    Attestation,
    Holder,
    Made,
    Passkey,
    RelyingParty,
    Shown,
)
from chalicelib.domain.payloads import Payload
from chalicelib.domain.sessions import Person


class PasskeyStore(Protocol):
    """Passkeys of people; each has one holder in its workspace."""

    def of(self, person: Person) -> Sequence[Passkey]:
        """Answer all passkeys of a person, the oldest first, read consistently."""
        ...

    def find(self, workspace: WorkspaceId, digest: str) -> Passkey | None:
        """Answer a passkey, whoever holds it, read consistently."""
        ...

    def add(self, passkey: Passkey, event: AuditEvent) -> None:
        """Store a passkey with its event; raises `Stale` when somebody has it already."""
        ...

    def use(self, passkey: Passkey, *, sign_count: int, is_backed_up: bool, now: int) -> None:
        """Remember a use; raises `Stale` when it is gone, or the count does not follow on."""
        ...

    def rename(self, passkey: Passkey, name: Sealed, event: AuditEvent) -> None:
        """Give a passkey another name, with its event; raises `Stale` when it is gone."""
        ...

    def remove(self, passkey: Passkey, event: AuditEvent, *, beside: Passkey | None = None) -> None:
        """Remove a passkey with its event; raises `Stale` when it is gone.

        So it does when another one is gone `beside` which it may not be.
        """
        ...


class Ceremonies(Protocol):
    """The ceremonies of WebAuthn (level 3, section 7), from our side of them.

    `challenge` is base64url, as it stands in what the browser signs.
    """

    def to_make(
        self,
        party: RelyingParty,
        *,
        challenge: str,
        holder: Holder,
        known: Sequence[Passkey],
    ) -> Payload:
        """Answer the options (JSON) by which a browser makes a passkey that is none of `known`."""
        ...

    def to_show(self, party: RelyingParty, *, challenge: str) -> Payload:
        """Answer the options (JSON) by which somebody chooses a passkey and shows it."""
        ...

    def made(self, party: RelyingParty, said: Attestation, *, challenge: str) -> Made | None:
        """Answer the passkey that was made; `None` for whatever does not prove it."""
        ...

    def shown(
        self, party: RelyingParty, said: Assertion, *, challenge: str, passkey: Passkey
    ) -> Shown | None:
        """Answer how a passkey was shown; `None` for whatever does not prove it."""
        ...
