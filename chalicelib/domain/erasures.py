"""Erasures: people whose keys are destroyed, so that nothing of theirs is read again."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.limits import KEY_BACKUP_SECONDS, KEY_COPIED_SECONDS, KEY_RECOVERY_SECONDS
from chalicelib.domain.sessions import Person


class Remains(StrEnum):
    """What is destroyed beside the keys, as it is counted."""

    SESSIONS = "sessions"
    SIGN_INS = "sign_ins"
    REFRESHES = "refreshes"
    DEVICES = "devices"
    PASSKEYS = "passkeys"
    AUTHENTICATORS = "authenticators"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The record that a person's keys were destroyed, by which a restore destroys them again.

    `id` is a ULID, `at` epoch seconds. The record outlives all else that names the person.
    """

    id: str
    person: Person
    at: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is told of an erasure: what it took along, and from when on no key is in any copy."""

    erasure: Erasure
    keys_gone_at: int
    destroyed: Counter[Remains] = field(default_factory=Counter, hash=False)


def keys_gone_at(erased_at: int, *, newest_backup: int | None) -> int:
    """Answer when the last copy of destroyed keys is gone: in recovery, or in a backup.

    `newest_backup` is when the newest key backup of the time before began. One that is not of
    the last day says nothing: another may be under way at this moment, and hold them.
    """
    is_newest = newest_backup is not None and erased_at - newest_backup < KEY_COPIED_SECONDS
    held_since = newest_backup if is_newest and newest_backup is not None else erased_at
    return max(erased_at + KEY_RECOVERY_SECONDS, held_since + KEY_BACKUP_SECONDS)
