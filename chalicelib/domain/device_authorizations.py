"""Device authorizations (RFC 8628): what a device asks, and the code that leads a person there."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import POLL_SECONDS

# RFC 8628, 6.1: no vowels, so that no words come about, and nothing that looks like something else.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_HALF = 4


class AuthorizationStatus(StrEnum):
    """What became of it."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Asker:
    """When and from where a device asked, in words of ours: its own could say anything."""

    at: int
    program: str
    network: str | None


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """A device that waits for a person; `digest` is of the code that it keeps.

    `user_code` is the keyed hash of the one that the person types. `key` is the thumbprint of
    the one key that may redeem it. `interval` seconds have to be between two questions.
    """

    digest: str
    user_code: str
    workspace: WorkspaceId
    app: AppId
    client_id: str
    scope: str
    asker: Asker
    exp: int
    key: str | None = None
    status: AuthorizationStatus = AuthorizationStatus.PENDING
    interval: int = POLL_SECONDS
    polled_at: int = 0

    def is_early(self, now: int) -> bool:
        """Tell whether a device asks sooner than it was told to."""
        # Seconds are rounded, and a network may hurry one question and not the other.
        return self.polled_at > 0 and now - self.polled_at < self.interval - 1


@dataclass(frozen=True, slots=True)
class Started:
    """What a device is told: its own code, and the one that it shows to a person.

    `nonce` is for the next proof of a device that binds its tokens to a key.
    """

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    expires_in: int
    interval: int
    nonce: str | None = None


def new_user_code() -> str:
    """Make eight letters: 34 bits, which have to be guessed within minutes, and are counted."""
    return "".join(secrets.choice(ALPHABET) for _ in range(2 * _HALF))


def user_code_of(text: str) -> str | None:
    """Answer the eight letters of what was typed, however it was grouped, if they may be a code."""
    letters = "".join(char for char in text.upper() if char not in " -")
    is_code = len(letters) == 2 * _HALF and all(char in ALPHABET for char in letters)
    return letters if is_code else None


def grouped(user_code: str) -> str:
    """Answer a code as it is shown, in two groups."""
    return f"{user_code[:_HALF]}-{user_code[_HALF:]}"
