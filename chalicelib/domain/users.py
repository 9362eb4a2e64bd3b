"""Users: people of one workspace, and the rules of their passwords."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.errors import Fault, InvalidInput, NotFound
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import KeyKind, Place, Sealed
from chalicelib.domain.limits import MAX_PASSWORD, MIN_PASSWORD
from chalicelib.domain.sessions import Person


class UserStatus(StrEnum):
    """Whether the user may sign in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASING = "erasing"


class UserKind(StrEnum):
    """Whether a user has an account, or is a visitor who has none (yet)."""

    ACCOUNT = "account"
    VISITOR = "anonymous"


@dataclass(frozen=True, slots=True)
class Profile:
    """Personal data, sealed wherever it is stored; a visitor has no address."""

    email: str | None = field(repr=False)
    name: str | None = field(repr=False, default=None)
    email_verified: bool = True
    attributes: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def address(self) -> str:
        """Answer the address of an account; raises `NotFound` for a visitor's profile."""
        if self.email is None:
            raise NotFound("There is no account to do this with.")
        return self.email


@dataclass(frozen=True, slots=True)
class User:
    """A user as stored; `password` is an argon2id string with its own parameters.

    `is_vouched_for` says whether some upstream knows them.
    """

    person: Person
    status: UserStatus
    profile: Sealed
    password: str | None = field(repr=False)
    created_at: int
    is_vouched_for: bool = False
    kind: UserKind = UserKind.ACCOUNT

    @property
    def is_visitor(self) -> bool:
        """Tell whether it is somebody without an account."""
        return self.kind is UserKind.VISITOR


def profile_place(workspace: WorkspaceId, user: UserId) -> Place:
    """Answer the only place in which this user's profile opens."""
    return Place(workspace=workspace, user=user, kind=KeyKind.IK, purpose="profile")


def password_of(text: str, *, is_common: bool) -> str:
    """Answer the text as a new password (NIST SP 800-63B-4, 3.1.1.2); raises `InvalidInput`."""
    if len(text) < MIN_PASSWORD:
        fault = f"Use at least {MIN_PASSWORD} characters. A few words in a row work well."
    elif len(text) > MAX_PASSWORD:
        fault = f"Use at most {MAX_PASSWORD} characters."
    elif is_common:
        fault = "This password is on lists of known passwords. Choose another one."
    else:
        return text
    raise InvalidInput("That password cannot be used.", Fault("/password", fault))
