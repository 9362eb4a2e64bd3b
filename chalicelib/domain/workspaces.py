"""Workspaces, their gates, and the operators who are members of them."""

from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.errors import WorkspaceSealed
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.limits import DEFAULT_PAYLOAD_QUOTA, DEFAULT_SESSION_QUOTA
from chalicelib.domain.tokens import SignIn


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


KEEPERS = frozenset({Role.OWNER, Role.ADMIN})  # who choose what holds for everybody there


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

    `require_mfa` lets nobody sign in with one factor, `require_sso` nobody without an upstream's
    word, but for the few whom `break_glass` names.
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
    require_sso: bool = False
    break_glass: tuple[UserId, ...] = ()

    @property
    def admits_visitors(self) -> bool:
        """Tell whether somebody may come uninvited, and without any proof of who they are."""
        return self.open_signup and not (self.require_mfa or self.require_sso)

    def is_named(self, user: UserId) -> bool:
        """Tell whether somebody may enter while no upstream answers."""
        return user in self.break_glass

    def without(self, user: UserId) -> "Workspace":
        """Answer it as it stands when somebody is not named any more."""
        return replace(self, break_glass=tuple(one for one in self.break_glass if one != user))

    def continues(self, sign_in: SignIn) -> bool:
        """Tell whether a sign-in of before is one that would be admitted now."""
        return (sign_in.is_twofold or not self.require_mfa) and self.trusts(sign_in)

    def trusts(self, sign_in: SignIn) -> bool:
        """Tell whether a sign-in came by a way that is open; emergencies are not prolonged."""
        return sign_in.is_federated or not self.require_sso


@dataclass(frozen=True, slots=True)
class Wish:
    """Settings as an operator wants them; what is `None` stays as it is."""

    require_mfa: bool | None = None
    open_signup: bool | None = None
    require_sso: bool | None = None
    break_glass: tuple[UserId, ...] | None = None

    def of(self, workspace: Workspace) -> Workspace:
        """Answer the workspace with what is wished for."""
        kept, wanted = workspace, self
        return replace(
            kept,
            require_mfa=kept.require_mfa if wanted.require_mfa is None else wanted.require_mfa,
            open_signup=kept.open_signup if wanted.open_signup is None else wanted.open_signup,
            require_sso=kept.require_sso if wanted.require_sso is None else wanted.require_sso,
            break_glass=kept.break_glass if wanted.break_glass is None else wanted.break_glass,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """A person of `console` with a role in a workspace."""

    workspace: WorkspaceId
    operator: UserId
    role: Role
    since: int
