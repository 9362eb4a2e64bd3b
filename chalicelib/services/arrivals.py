"""Arrivals: holds the names in a request against what an ID token proves."""

from collections.abc import Sequence

from chalicelib.domain.applications import Application
from chalicelib.domain.callers import Arrival, IdentityCaller
from chalicelib.domain.denials import (
    Forbidden,
    NotOwner,
    OriginNotAllowed,
    TokenInvalid,
    TokenSuperseded,
)
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import is_part
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head, SessionRef
from chalicelib.domain.tokens import SessionToken
from chalicelib.services.applications import Applications
from chalicelib.services.workspaces import Workspaces


class Arrivals:
    """Names grant nothing: each has to equal what the token proves."""

    def __init__(
        self,
        *,
        clock: Clock,
        workspaces: Workspaces,
        applications: Applications,
        sessions: SessionStore,
    ) -> None:
        """Take the ports, and the services that know the tenants and their clients."""
        self._clock = clock
        self._workspaces = workspaces
        self._applications = applications
        self._sessions = sessions

    def of(self, caller: IdentityCaller, workspace_name: str, app_id: str | None) -> Arrival:
        """Answer the person at the door of the named application; raises `Forbidden`."""
        if workspace_name != caller.token.slug:
            raise Forbidden("The ID token was issued by another workspace.")
        application = self.application(caller)
        if app_id is not None and app_id != application.id:
            raise Forbidden("The ID token was issued to another application.")
        return self._arrival(caller, application)

    def of_session(self, caller: IdentityCaller, session: SessionToken) -> Arrival:
        """Answer the person at the door of a session's application; raises `NotOwner`."""
        application = self.application(caller)
        if session.slug != caller.token.slug or session.client_id != application.client_id:
            raise NotOwner("This session belongs to somebody else.")
        return self._arrival(caller, application)

    def application(self, caller: IdentityCaller) -> Application:
        """Answer the application that an ID token was issued to; raises `Forbidden`."""
        workspace = self._workspaces.named(caller.token.slug)
        self._workspaces.admit(workspace.id)
        try:
            application = self._applications.client(workspace.id, caller.token.client_id)
        except NotFound as error:
            raise Forbidden("The application of this ID token is gone.") from error
        if caller.visit.page is not None and caller.visit.page not in application.origins:
            raise OriginNotAllowed("This page's origin is not registered for the application.")
        application.hold_bound(caller.token.key)
        return application

    def _arrival(self, caller: IdentityCaller, application: Application) -> Arrival:
        token = caller.token
        if not is_part(token.sid):
            raise TokenInvalid("This ID token names no session.")
        arrival = Arrival(
            slug=token.slug,
            application=application,
            user=token.user,
            email=token.email,
            sign_in=token.sign_in,
            visit=caller.visit,
            key=token.key,
        )
        # An ID token is no way around a sign-out, nor around the end of a stolen code's tokens.
        for head in self._witnesses(SessionRef(arrival.partition, token.sid)):
            if not head.honours(token.grant, given_at=token.iat):
                raise TokenSuperseded("This sign-in was signed out. Sign in again.")
        return arrival

    def _witnesses(self, ref: SessionRef) -> Sequence[Head]:
        head = self._sessions.head(ref)
        if head is not None and head.is_live(self._clock.now()):
            return [head]
        # A sign-out marks what is live. If this session was over by then, others know of it.
        return self._sessions.of(ref.partition)
