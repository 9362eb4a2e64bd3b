"""Wire shapes of the operators' routes."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.ids import UserId
from chalicelib.domain.limits import MAX_BREAK_GLASS, MAX_PAYLOAD_SECONDS, MIN_LIFETIME
from chalicelib.domain.quotas import Holding, QuotaKind
from chalicelib.domain.sessions import Head
from chalicelib.domain.workspaces import Wish, Workspace


def _displayable(text: str) -> str:
    # People are shown it at the login and in mails: it must not turn the words around it.
    if not text.isprintable() or text != text.strip():
        raise ValueError("printable characters, with no space at the ends")
    return text


def _lifetime(seconds: int) -> int:
    if 0 < seconds < MIN_LIFETIME:
        raise ValueError("0 (kept until revoked), or 60 seconds and more")
    return seconds


Lifetime = Annotated[int, AfterValidator(_lifetime)]
DisplayName = Annotated[str, AfterValidator(_displayable)]


class MemberTokenIn(Wire):
    """The workspace an operator wants to work in."""

    model_config = shown({"workspaceName": "demo"})

    workspace_name: str = Field(alias="workspaceName")


class MemberTokenOut(Wire):
    """A member token; `expiresIn` seconds."""

    model_config = shown(
        {
            "memberToken": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl",
            "workspaceName": "demo",
            "role": "owner",
            "expiresIn": 600,
        }
    )

    member_token: str = Field(alias="memberToken")
    workspace_name: str = Field(alias="workspaceName")
    role: str
    expires_in: int = Field(alias="expiresIn")


class WorkspaceIn(Wire):
    """A workspace to be created; the name in addresses never changes."""

    model_config = shown({"workspaceName": "acme", "displayName": "Acme", "openSignup": False})

    workspace_name: str = Field(alias="workspaceName")
    display_name: DisplayName = Field(alias="displayName", min_length=1, max_length=80)
    open_signup: bool = Field(alias="openSignup", default=True)


class WorkspaceOut(Wire):
    """A workspace."""

    model_config = shown(
        {
            "workspaceId": "wabcdefghij234567klmn",
            "workspaceName": "acme",
            "displayName": "Acme",
            "openSignup": False,
            "requireMfa": False,
            "requireSso": False,
            "breakGlass": [],
            "createdAt": 1_795_000_000,
        }
    )

    workspace_id: str = Field(alias="workspaceId")
    workspace_name: str = Field(alias="workspaceName")
    display_name: str = Field(alias="displayName")
    open_signup: bool = Field(alias="openSignup")
    require_mfa: bool = Field(alias="requireMfa")
    require_sso: bool = Field(alias="requireSso")
    break_glass: list[int] = Field(alias="breakGlass")
    created_at: int = Field(alias="createdAt")

    @classmethod
    def of(cls, workspace: Workspace) -> Self:
        """Answer a workspace as it goes over the wire."""
        return cls(
            workspace_id=workspace.id,
            workspace_name=workspace.slug,
            display_name=workspace.name,
            open_signup=workspace.open_signup,
            require_mfa=workspace.require_mfa,
            require_sso=workspace.require_sso,
            break_glass=list(workspace.break_glass),
            created_at=workspace.created_at,
        )


class WorkspacePatchIn(Wire):
    """Settings of a workspace to be changed; what is not named stays.

    `requireMfa` lets nobody sign in with one factor, `openSignup` lets people in uninvited.
    `requireSso`: people sign in by an identity provider of the workspace, and new ones come by
    none but that. `breakGlass`: the `userId` of up to five people who may still sign in by passkey,
    or by password and second factor; each time all of them are told. `requireSso` takes a provider
    by which somebody signed in, and one of the five who has a second factor.
    """

    model_config = shown(
        {"requireMfa": True, "openSignup": False},
        {"requireSso": True, "breakGlass": [4_503_599_627_370_497]},
    )

    require_mfa: bool | None = Field(alias="requireMfa", default=None)
    open_signup: bool | None = Field(alias="openSignup", default=None)
    require_sso: bool | None = Field(alias="requireSso", default=None)
    break_glass: list[Annotated[int, Field(ge=1, lt=2**53)]] | None = Field(
        alias="breakGlass", default=None, max_length=MAX_BREAK_GLASS
    )

    def wish(self) -> Wish:
        """Answer what is wished for."""
        people = self.break_glass
        return Wish(
            require_mfa=self.require_mfa,
            open_signup=self.open_signup,
            require_sso=self.require_sso,
            break_glass=None if people is None else tuple(sorted(map(UserId, set(people)))),
        )


class QuotaOut(Wire):
    """A quota and what is used of it; `used` may be more where the quota was lowered."""

    limit: int
    used: int

    @classmethod
    def of(cls, holding: Holding) -> Self:
        """Answer a quota as it goes over the wire."""
        return cls(limit=holding.limit, used=holding.used)


class QuotasOut(Wire):
    """Live sessions are counted exactly; bytes of payloads to within seconds."""

    sessions: QuotaOut
    payload_bytes: QuotaOut = Field(alias="payloadBytes")


class HeldWorkspaceOut(WorkspaceOut):
    """A workspace, and what it holds."""

    model_config = shown(
        {
            "workspaceId": "wabcdefghij234567klmn",
            "workspaceName": "acme",
            "displayName": "Acme",
            "openSignup": False,
            "requireMfa": False,
            "requireSso": False,
            "breakGlass": [],
            "createdAt": 1_795_000_000,
            "quotas": {
                "sessions": {"limit": 100_000, "used": 1_204},
                "payloadBytes": {"limit": 10_737_418_240, "used": 48_301_552},
            },
        }
    )

    quotas: QuotasOut

    @classmethod
    def holding(cls, workspace: Workspace, held: Mapping[QuotaKind, Holding]) -> Self:
        """Answer a workspace with its quotas as it goes over the wire."""
        return cls(
            **WorkspaceOut.of(workspace).model_dump(),
            quotas=QuotasOut(
                sessions=QuotaOut.of(held[QuotaKind.SESSIONS]),
                payload_bytes=QuotaOut.of(held[QuotaKind.BYTES]),
            ),
        )


class LifetimeIn(Wire):
    """When a session is to end: seconds from now, 0 for never."""

    model_config = shown({"ttlSeconds": 3600}, {"ttlSeconds": 0})

    ttl_seconds: Lifetime = Field(alias="ttlSeconds", ge=0, le=MAX_PAYLOAD_SECONDS)


class LifetimeOut(Wire):
    """When a session ends, in epoch seconds; null for never."""

    model_config = shown({"sessionId": "01JD7Q2M8YV3R4S5T6W7X8Y9ZA", "expiresAt": 1_795_000_000})

    session_id: str = Field(alias="sessionId")
    expires_at: int | None = Field(alias="expiresAt")

    @classmethod
    def of(cls, head: Head) -> Self:
        """Answer the end of a session as it goes over the wire."""
        return cls(session_id=head.ref.sid, expires_at=head.exp or None)
