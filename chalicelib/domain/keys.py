"""Keys of workspaces and users, and the places to which sealed data is bound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.ids import UserId, WorkspaceId


class Purpose(StrEnum):
    """What a workspace key is for; the purpose is in its KMS context, so IAM can tell them."""

    DATA = "data"
    IDENTITY = "identity"
    LOOKUP = "lookup"


class KeyKind(StrEnum):
    """The two keys of a user: payloads under `dk`, personal data under `ik`."""

    DK = "dk"
    IK = "ik"

    @property
    def purpose(self) -> Purpose:
        """Answer the workspace key that wraps this kind of user key."""
        return Purpose.DATA if self is KeyKind.DK else Purpose.IDENTITY


@dataclass(frozen=True, slots=True)
class WorkspaceKey:
    """One version of a workspace key, wrapped by KMS."""

    wrapped: bytes = field(repr=False)
    root_arn: str
    created_at: int
    state: str = "current"


@dataclass(frozen=True, slots=True)
class UserKey:
    """One version of a user key, wrapped under a version of a workspace key."""

    wrapped: bytes = field(repr=False)
    workspace_version: int


@dataclass(frozen=True, slots=True)
class WorkspaceRing:
    """All versions of one purpose's workspace key; `current` seals, the others still open."""

    current: int
    versions: Mapping[int, WorkspaceKey]


@dataclass(frozen=True, slots=True)
class UserRing:
    """All versions of one kind of user key; `current` seals, the others still open."""

    current: int
    versions: Mapping[int, UserKey]


@dataclass(frozen=True, slots=True)
class WorkspaceKeys:
    """Every key of a workspace."""

    workspace: WorkspaceId
    rings: Mapping[Purpose, WorkspaceRing]


@dataclass(frozen=True, slots=True)
class UserKeys:
    """Every key of a user; a kind is missing until its first use."""

    workspace: WorkspaceId
    user: UserId
    rings: Mapping[KeyKind, UserRing]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext (AWS Encryption SDK message) and the version of the user key that opens it."""

    version: int
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedApart:
    """What is sealed like a person's own and is nobody's: its keys lie beside it."""

    keys: UserKeys
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed thing lives: the opener compares every word of it with the message."""

    workspace: WorkspaceId
    user: UserId
    kind: KeyKind
    purpose: str
    app: str | None = None
    session: str | None = None
    object_key: str | None = None
    row: str | None = None

    def context(self) -> dict[str, str]:
        """Answer the encryption context, exactly as it must stand in the message."""
        context = {
            "sf:v": "1",
            "sf:purpose": self.purpose,
            "sf:workspace": self.workspace,
            "sf:user": str(self.user),
        }
        if self.app is not None:
            context["sf:application"] = self.app
        if self.session is not None:
            context["sf:session"] = self.session
        if self.object_key is not None:
            context["sf:object"] = self.object_key
        if self.row is not None:
            context["sf:row"] = self.row
        return context


def workspace_key_context(
    workspace: WorkspaceId, *, purpose: Purpose, version: int
) -> dict[str, str]:
    """Answer the KMS encryption context of a workspace key."""
    return {
        "sf:v": "1",
        "sf:workspace": workspace,
        "sf:purpose": purpose.value,
        "sf:version": str(version),
    }


def user_key_context(
    workspace: WorkspaceId,
    user: UserId,
    *,
    kind: KeyKind,
    version: int,
    workspace_version: int,
) -> dict[str, str]:
    """Answer the additional data of a user key, to be written as RFC 8785 JSON."""
    return {
        "sf:v": "1",
        "sf:workspace": workspace,
        "sf:user": str(user),
        "sf:purpose": kind.value,
        "sf:version": str(version),
        "sf:wkv": str(workspace_version),
    }
