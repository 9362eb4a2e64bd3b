"""Factors: what a person can show beside a password, and what a sign-in is worth by it."""

import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import FED, MFA, Acr, SignIn

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when it is copied
_HALF = 5  # letters; two halves have 49 bits, and their hash is keyed


class StepKind(StrEnum):
    """What a person is asked for after the first proof."""

    TOTP = "totp"
    ENROLMENT = "enrolment"
    RECOVERY_CODES = "recovery_codes"
    PASSKEY_OFFER = "passkey_offer"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a person has shown so far: methods of RFC 8176, and by what they began.

    `since` is when they showed it, where somebody else says so. `asked_at` is when what proves it
    was looked at, at the latest: who ends sign-ins after that ends what comes of it.
    """

    method: str
    amr: tuple[str, ...]
    since: int | None = None
    asked_at: int = 0

    @property
    def is_twofold(self) -> bool:
        """Tell whether two factors were shown, or one that is two."""
        return MFA in self.amr

    @property
    def is_federated(self) -> bool:
        """Tell whether an upstream vouched for the person."""
        return FED in self.amr

    def asked(self, at: int) -> "Proof":
        """Answer the proof as it was asked for, before anything of it was looked at."""
        return replace(self, asked_at=at)

    def with_word(self) -> "Proof":
        """Answer the proof beside an upstream's word."""
        return replace(self, amr=tuple(dict.fromkeys((*self.amr, FED))))

    def with_second(self, method: str) -> "Proof":
        """Answer the proof with a second factor."""
        return replace(self, amr=tuple(dict.fromkeys((*self.amr, method, MFA))))

    def at(self, now: int) -> SignIn:
        """Answer the sign-in that this proof is enough for."""
        one = Acr.ONE if self.amr else Acr.NONE
        acr = Acr.TWO if self.is_twofold else one
        auth_time = now if self.since is None else min(now, max(0, self.since))
        return SignIn(auth_time=auth_time, acr=acr.value, amr=self.amr)


BY_PASSWORD = Proof("password", ("pwd",))
BY_SIGN_UP = Proof("sign_up", ("pwd",))
# Nothing was shown, and nothing is claimed: no method, and a level of its own (Core 1.0, 2).
BY_VISIT = Proof("visitor", ())


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator (RFC 6238); `last_step` is the last half minute whose code was accepted."""

    id: str
    person: Person
    secret: Sealed
    last_step: int
    created_at: int


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """The keyed hashes of the codes that are left, for whoever lost the authenticator."""

    person: Person
    left: frozenset[str]
    created_at: int


@dataclass(frozen=True, slots=True)
class Factors:
    """All second factors of a person."""

    totp: Totp | None = None
    recovery: RecoveryCodes | None = None

    @property
    def are_any(self) -> bool:
        """Tell whether there is something to be asked for."""
        return self.totp is not None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A QR code: one path of dark squares, `size` squares wide and high."""

    size: int
    path: str = field(repr=False)


def totp_place(person: Person) -> Place:
    """Answer the only place in which the secret of a person's authenticator opens."""
    return Place(workspace=person.workspace, user=person.user, kind=KeyKind.IK, purpose="totp")


def new_recovery_codes() -> tuple[str, ...]:
    """Make the codes that a person keeps for the day the authenticator is lost."""
    return tuple(f"{_letters()}-{_letters()}" for _ in range(RECOVERY_CODES))


def plain_recovery_code(typed: str) -> str:
    """Answer a recovery code as it is hashed, however it was typed."""
    return "".join(char for char in typed.casefold() if char.isalnum())


def _letters() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_HALF))
