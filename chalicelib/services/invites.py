"""Invites: operators ask somebody in by mail, and who shows one may make an account."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.denials import ChallengeEnded, Forbidden, RateLimited
from chalicelib.domain.errors import Duplicate, Fault, InvalidInput, NotFound, Stale
from chalicelib.domain.ids import (
    AppId,
    InviteId,
    UserId,
    WorkspaceId,
    digest,
    new_invite_id,
    new_secret,
)
from chalicelib.domain.invites import (
    INVITE_SECRET,
    Invite,
    Redemption,
    invite_cookie,
    invited_place,
    shown_digest,
)
from chalicelib.domain.oidc import LOGIN_PAGE
from chalicelib.domain.ports.invites import InviteStore
from chalicelib.domain.ports.surroundings import Clock, Mailer
from chalicelib.domain.workspaces import KEEPERS, Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.browsers import Cookies
from chalicelib.services.keys import Keys
from chalicelib.services.mails import invite_mail
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces

INVITES_PER_PAGE = 50
_OVER = "This invitation was used, taken back, or is over. Ask whoever invited you for another one."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invite with the address that it was sent to, while it keeps one."""

    invite: Invite
    email: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody is told who follows an invite's link."""

    workspace: Workspace
    application: Application | None
    email: str = field(repr=False)


class Invites:
    """The way in for those whom a workspace asks in."""

    def __init__(
        self,
        *,
        clock: Clock,
        origin: str,
        store: InviteStore,
        users: Users,
        keys: Keys,
        guesses: Guesses,
        mailer: Mailer,
        workspaces: Workspaces,
        applications: Applications,
        trail: Trail,
    ) -> None:
        """Take the ports; `origin` is where the hosted login is."""
        self._clock = clock
        self._origin = origin
        self._store = store
        self._users = users
        self._keys = keys
        self._guesses = guesses
        self._mailer = mailer
        self._workspaces = workspaces
        self._applications = applications
        self._trail = trail

    def invite(
        self, caller: MemberCaller, *, email: str, app: AppId | None, seconds: int
    ) -> Invited:
        """Store an invite and mail its link; raises `Duplicate` where the address has an account.

        Nothing but the mail ever has the secret.
        """
        actor, workspace = _host(caller), self._workspaces.get(caller.member.workspace)
        place = workspace.name if app is None else self._applications.get(workspace.id, app).name
        address = self._users.normalise(email)
        claimed = self._users.address_of(workspace.id, address)
        if self._users.holder(workspace.id, claimed) is not None:
            raise Duplicate("Somebody has an account with this address here.")
        self._guesses.admit_invite(workspace.id)
        if not self._guesses.admits_mail(workspace.id, email=address):
            raise RateLimited("This address was written to several times just now.", seconds=900)
        secret, now = new_secret(INVITE_SECRET), self._clock.now()
        invite = Invite(
            id=new_invite_id(),
            workspace=workspace.id,
            digest=digest(secret),
            address=claimed,
            created_at=now,
            created_by=caller.member.operator,
            exp=now + seconds,
            email=self._keys.seal_apart(workspace.id, invited_place, address.encode()),
            app=app,
        )
        event = self._trail.event(
            AuditAction.INVITE_CREATED,
            workspace=workspace.id,
            actor=actor,
            origin=caller.visit.origin,
            app=app,
            meta={"invite": invite.id, "exp": invite.exp},
        )
        self._store.add(invite, event)
        # Behind '#' it is in no request, so in nobody's log, and no Referer tells of it.
        link = f"{self._origin}{LOGIN_PAGE}?workspace_name={workspace.slug}#invite={secret}"
        self._mailer.send(invite_mail(address, place=place, address=link, until=invite.exp))
        return Invited(invite, address)

    def of(
        self, caller: MemberCaller, *, before: str | None
    ) -> tuple[Sequence[Invited], str | None]:
        """Answer a page of invites, the newest first, and what the next page comes after."""
        _host(caller)
        found = self._store.of(caller.member.workspace, before=before, limit=INVITES_PER_PAGE + 1)
        page = found[:INVITES_PER_PAGE]
        last = page[-1].position if len(found) > len(page) else None
        return [Invited(invite, self._email(invite)) for invite in page], last

    def revoke(self, caller: MemberCaller, name: InviteId) -> Invite:
        """Take an invite back; raises `NotFound` where there is none that is open."""
        actor, invite = _host(caller), self._store.named(caller.member.workspace, name)
        if invite is None:
            raise NotFound("There is no such invite.")
        event = self._trail.event(
            AuditAction.INVITE_REVOKED,
            workspace=invite.workspace,
            actor=actor,
            origin=caller.visit.origin,
            app=invite.app,
            meta={"invite": invite.id},
        )
        try:
            self._store.revoke(invite, event)
        except Stale as error:
            raise NotFound("This invite is not open any more.") from error
        return invite.revoked()

    def welcome(self, slug: str, secret: str) -> Welcome:
        """Answer what an invite is for; raises `ChallengeEnded`."""
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        invite = self._open(workspace.id, secret)
        email = None if invite is None else self._email(invite)
        if invite is None or email is None:
            raise ChallengeEnded(_OVER)
        app = invite.app
        application = None if app is None else self._applications.get(workspace.id, app)
        return Welcome(workspace=workspace, application=application, email=email)

    def shown(self, workspace: WorkspaceId, cookies: Cookies) -> Invited | None:
        """Answer the open invite that a browser shows."""
        invite = self._open(workspace, cookies.get(invite_cookie(workspace), ""))
        email = None if invite is None else self._email(invite)
        return None if invite is None or email is None else Invited(invite, email)

    def permitting(self, workspace: WorkspaceId, address: str, cookies: Cookies) -> Invite | None:
        """Answer the open invite that a browser shows, if it is for this keyed hash."""
        invite = self._open(workspace, cookies.get(invite_cookie(workspace), ""))
        return invite if invite is not None and invite.address == address else None

    def admit(
        self, workspace: WorkspaceId, email: str, cookies: Cookies
    ) -> tuple[str, Invite | None]:
        """Answer the normalised address of an account to be, and the invite that permits it.

        Raises `Forbidden` where nobody may come uninvited and the browser shows no invite, and
        `InvalidInput` where that is for another address.
        """
        is_open = self.hold_open(workspace).open_signup
        if not is_open and self.shown(workspace, cookies) is None:
            raise Forbidden("New accounts here are by invitation only.")
        address = self._users.normalise(email)
        claimed = self._users.address_of(workspace, address)
        invite = self.permitting(workspace, claimed, cookies)
        if invite is None and not is_open:
            other = "the invitation is for another address"
            raise InvalidInput("Use the address that was invited.", Fault("/email", other))
        return address, invite

    def hold_open(self, workspace: WorkspaceId) -> Workspace:
        """Refuse accounts of a workspace that takes a provider's word alone: `Forbidden`."""
        found = self._workspaces.get(workspace)
        if found.require_sso:
            raise Forbidden("Accounts here are made by signing in at the organisation's provider.")
        return found

    def held(self, workspace: WorkspaceId, name: str | None) -> Invite | None:
        """Answer the invite that an account began with, if it is open still.

        Raises `ChallengeEnded` where nobody may come without one.
        """
        invite = self.kept(workspace, name)
        if invite is None and not self._workspaces.get(workspace).open_signup:
            raise ChallengeEnded(_OVER)
        return invite

    def kept(self, workspace: WorkspaceId, name: str | None) -> Invite | None:
        """Answer the invite that a sign-up began with, if it is open still."""
        invite = None if name is None else self._store.get(workspace, name)
        return invite if invite is not None and invite.is_open(self._clock.now()) else None

    def redemption(
        self, invite: Invite | None, user: UserId, *, origin: Origin, app: AppId | None
    ) -> Redemption | None:
        """Answer the use of an invite for the account that is about to be made."""
        if invite is None:
            return None
        event = self._trail.event(
            AuditAction.INVITE_REDEEMED,
            workspace=invite.workspace,
            actor=Actor(ActorKind.USER, user),
            origin=origin,
            subject=user,
            app=app,
            meta={"invite": invite.id},
        )
        return Redemption(invite, event)

    def _open(self, workspace: WorkspaceId, secret: str) -> Invite | None:
        return self.kept(workspace, shown_digest(secret))

    def _email(self, invite: Invite) -> str | None:
        kept = invite.email
        return None if kept is None else self._keys.open_apart(invited_place, kept).decode()


def _host(caller: MemberCaller) -> Actor:
    return caller.acting(KEEPERS, refusal="Only an owner or an admin invites people.")
