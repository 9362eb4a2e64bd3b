"""Challenges: what a person was asked to prove, kept for minutes, every try counted."""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.limits import CHALLENGE_SECONDS, CHALLENGE_TRIES
from chalicelib.domain.sessions import Person


class ChallengeKind(StrEnum):
    """What answering a challenge brings; one of another kind is as good as none."""

    RESET = "reset"
    TOTP = "totp"
    ENROLMENT = "enrolment"
    KEEPING = "keeping"
    ADDRESS = "address"
    PASSKEY = "passkey"
    NEW_PASSKEY = "new_passkey"
    PASSKEY_OFFER = "passkey_offer"
    UPGRADE = "upgrade"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question to one person; `bound` names what it was asked for, and nothing else takes it.

    `code` is the digest of what has to be typed, where something was mailed. A decoy, for
    nobody, looks the same and waits for what cannot be typed.
    """

    digest: str
    workspace: WorkspaceId
    kind: ChallengeKind
    user: UserId
    bound: str
    exp: int
    tries: int = 0
    code: str = field(repr=False, default="")
    method: str = ""
    amr: tuple[str, ...] = ()
    sealed: Sealed | None = None

    @property
    def person(self) -> Person:
        """Answer who was asked."""
        return Person(self.workspace, self.user)

    @property
    def begun_at(self) -> int:
        """Answer when it was asked; what waits less long counts as asked earlier."""
        return self.exp - CHALLENGE_SECONDS

    @property
    def tries_left(self) -> int:
        """Answer how many more tries there are."""
        return max(0, CHALLENGE_TRIES - self.tries)


def waiting_place(person: Person, name: str) -> Place:
    """Answer the only place in which opens what waits for a challenge of this digest."""
    return Place(
        workspace=person.workspace, user=person.user, kind=KeyKind.IK, purpose="login", row=name
    )
