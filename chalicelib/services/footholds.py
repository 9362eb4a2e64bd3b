"""Footholds: where sessions stood when this process last saw them, so that a write need not ask."""

from dataclasses import dataclass, replace

from chalicelib.domain.applications import Application
from chalicelib.domain.keys import KeyKind, Sealed, UserKeys
from chalicelib.domain.limits import WORKSPACE_KEY_AGE
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Receipt
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Head, SessionRef

_SEED_VERSION = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What one read brought, still sealed: until the first write the head's seed is all there is.

    `replaces` is the stored version, 0 while there is only a seed; `read_at` is monotonic.
    """

    head: Head
    held: SealedPayload | Sealed
    user_keys: UserKeys
    application: Application
    read_at: float
    receipt: Receipt | None = None

    @property
    def version(self) -> int:
        """Answer the ETag."""
        return self.held.version if isinstance(self.held, SealedPayload) else _SEED_VERSION

    @property
    def replaces(self) -> int:
        """Answer the version that a write has to find."""
        return self.held.version if isinstance(self.held, SealedPayload) else 0


class Footholds:
    """What was found lately, without ciphertext; it decides nothing.

    A transaction that starts from here has all that it stands on in its conditions, and who is
    refused reads. The keys of a user serve for a minute after they were read, however many
    writes follow each other.
    """

    def __init__(self, clock: Clock) -> None:
        """Take the clock."""
        self._clock = clock
        self._recent: Recent[SessionRef, Found] = Recent(clock.monotonic, age=WORKSPACE_KEY_AGE)

    def keep(self, found: Found) -> Found:
        """Remember what was found, or made by a write that began there, and answer it."""
        held = found.held
        # A seed is no foothold: the first write has to find the session's lifetime unchanged.
        if isinstance(held, SealedPayload) and KeyKind.DK in found.user_keys.rings:
            if isinstance(held.sealed, Sealed):
                held = replace(held, sealed=Sealed(held.sealed.version, b""))
            self._recent.keep(found.head.ref, replace(found, held=held, receipt=None))
        return found

    def take(self, ref: SessionRef) -> Found | None:
        """Answer what was found, and forget it: it serves once."""
        found = self._recent.get(ref)
        self._recent.forget(ref)
        if found is None or self._clock.monotonic() - found.read_at >= WORKSPACE_KEY_AGE:
            return None
        return found
