"""Wire shapes of invites: as operators make and list them, and as their links are followed."""

from typing import Literal, Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.login import ApplicationLook, WorkspaceName
from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.invites import InviteStatus
from chalicelib.domain.limits import INVITE_SECONDS, MAX_INVITE_SECONDS, MIN_LIFETIME
from chalicelib.services.invites import Invited, Welcome

_INVITE: dict[str, JsonValue] = {
    "inviteId": "iabcdefghij234567klmn",
    "email": "mira@demo.example",
    "appId": "notes",
    "status": "open",
    "createdAt": 1_795_000_000,
    "expiresAt": 1_795_604_800,
    "redeemedBy": None,
}


class InviteIn(Wire):
    """Somebody to be invited; `ttlSeconds` is a week unless it says otherwise."""

    model_config = shown({"email": "mira@demo.example", "appId": "notes"})

    email: str = Field(max_length=400)
    app_id: str | None = Field(alias="appId", default=None)
    ttl_seconds: int = Field(
        alias="ttlSeconds", default=INVITE_SECONDS, ge=MIN_LIFETIME, le=MAX_INVITE_SECONDS
    )


class InviteOut(Wire):
    """An invite, all but its secret; its address is forgotten when it is not open any more."""

    model_config = shown(_INVITE)

    invite_id: str = Field(alias="inviteId")
    email: str | None = Field(repr=False)
    app_id: str | None = Field(alias="appId")
    status: Literal["open", "expired", "redeemed", "revoked"]
    created_at: int = Field(alias="createdAt")
    expires_at: int = Field(alias="expiresAt")
    redeemed_by: int | None = Field(alias="redeemedBy")

    @classmethod
    def of(cls, invited: Invited, *, now: int) -> Self:
        """Answer an invite as it goes over the wire."""
        invite = invited.invite
        is_over = invite.status is InviteStatus.OPEN and not invite.is_open(now)
        return cls(
            invite_id=invite.id,
            email=invited.email,
            app_id=invite.app,
            status="expired" if is_over else invite.status.value,
            created_at=invite.created_at,
            expires_at=invite.exp,
            redeemed_by=invite.redeemed_by,
        )


class InvitesOut(Wire):
    """A page of invites, the newest first; `nextCursor` is null on the last."""

    model_config = shown({"items": [_INVITE], "nextCursor": None})

    items: list[InviteOut]
    next_cursor: str | None = Field(alias="nextCursor")


class InviteRevokedOut(Wire):
    """Which invite permits nothing any more."""

    model_config = shown({"revoked": True, "inviteId": "iabcdefghij234567klmn"})

    revoked: bool
    invite_id: str = Field(alias="inviteId")


class InviteShownIn(Wire):
    """The secret of an invite, as it stands in its link."""

    model_config = shown({"workspaceName": "demo", "invite": "sfi_Zk3v0Qd1m2X8y7Wc5Tn4Rb6Lh9Jf"})

    workspace_name: str = Field(alias="workspaceName", max_length=100)
    invite: str = Field(max_length=100, repr=False)


class WelcomeOut(Wire):
    """What somebody is invited to; `startAt` is where the application's own sign-in begins."""

    model_config = shown(
        {
            "workspace": {"name": "Demo"},
            "application": {"appId": "notes", "name": "Notes", "color": "#0c6b62"},
            "email": "mira@demo.example",
            "startAt": "https://notes.example",
        }
    )

    workspace: WorkspaceName
    application: ApplicationLook | None
    email: str = Field(repr=False)
    start_at: str | None = Field(alias="startAt")

    @classmethod
    def of(cls, welcome: Welcome) -> Self:
        """Answer a welcome as the page reads it."""
        application = welcome.application
        return cls(
            workspace=WorkspaceName(name=welcome.workspace.name),
            application=None if application is None else ApplicationLook.of(application),
            email=welcome.email,
            start_at=None if application is None else application.home,
        )
