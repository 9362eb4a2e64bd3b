"""Workspaces, their gates, and the operators who are members of them."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.errors import WorkspaceSealed
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.limits import DEFAULT_PAYLOAD_QUOTA, DEFAULT_SESSION_QUOTA


class GateStatus(StrEnum):
    """Whether the data of a workspace can be reached at all."""

    LIVE = "live"
    SEALED = "sealed"
    DELETING = "deleting"
    HELD = "held"


class Role(StrEnum):
    """What a member may do in a workspace, from most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    AUDITOR = "auditor"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Gate:
    """The switch in front of a workspace's data; `version` rises with every turn."""

    status: GateStatus
    version: int

    def admit(self) -> None:
        """Let a request pass; raises `WorkspaceSealed`."""
        if self.status in {GateStatus.SEALED, GateStatus.DELETING}:
            raise WorkspaceSealed("This workspace is sealed. Its data is intact.")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant. `open_signup` lets people without an invite make an account.

    `require_mfa` lets nobody sign in with one factor.
    It may hold `session_quota` live sessions, and payloads of `payload_quota` bytes in all.
    """

    id: WorkspaceId
    slug: str
    name: str
    created_at: int
    open_signup: bool = True
    session_quota: int = DEFAULT_SESSION_QUOTA
    payload_quota: int = DEFAULT_PAYLOAD_QUOTA
    require_mfa: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A person of `console` with a role in a workspace."""

    workspace: WorkspaceId
    operator: UserId
    role: Role
    since: int
