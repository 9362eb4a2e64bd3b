"""Admission: lets a verified sessionToken pass only where the store agrees with it."""

from chalicelib.domain.applications import Application
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.denials import OriginNotAllowed, TokenInvalid
from chalicelib.domain.keys import UserKeys
from chalicelib.domain.ports.sessions import Extras, SessionStore, Shelf
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head, live
from chalicelib.domain.tokens import SessionToken
from chalicelib.services.applications import Applications
from chalicelib.services.keys import Keys
from chalicelib.services.workspaces import Workspaces


class Admission:
    """The one place in which issuer, gate, client, page and session are held against a token."""

    def __init__(
        self,
        *,
        clock: Clock,
        sessions: SessionStore,
        workspaces: Workspaces,
        applications: Applications,
        keys: Keys,
    ) -> None:
        """Take the ports and the services that remember settings for seconds."""
        self._clock = clock
        self._sessions = sessions
        self._workspaces = workspaces
        self._applications = applications
        self._keys = keys

    def extras(self, caller: SessionCaller) -> Extras:
        """Answer what has to ride along with the next read of the caller's session."""
        partition = caller.token.access.ref.partition
        return Extras(
            workspace=not self._workspaces.knows(partition.workspace),
            gate=not self._workspaces.knows_gate(partition.workspace),
            application=not self._applications.knows(partition.workspace, partition.app),
            workspace_keys=not self._keys.knows(partition.workspace),
        )

    def learn(self, caller: SessionCaller, shelf: Shelf) -> None:
        """Remember what rode along."""
        workspace = caller.token.access.ref.partition.workspace
        self._workspaces.learn(shelf.workspace, shelf.gate, of=workspace)
        if shelf.application is not None:
            self._applications.learn(shelf.application)
        if shelf.workspace_keys is not None:
            self._keys.learn(shelf.workspace_keys)

    def admit(self, caller: SessionCaller, head: Head | None) -> tuple[Head, Application]:
        """Answer the session and its application; raises for whatever does not fit.

        What concerns the token comes before what the data is.
        """
        application = self.application(caller.token)
        if caller.visit.page is not None and caller.visit.page not in application.origins:
            raise OriginNotAllowed(
                "This page's origin is not registered for the application.",
                hint="Register a redirect URI of this origin.",
            )
        now = self._clock.now()
        found = live(head, now)
        found.admit(caller.token.access, now)
        return found, application

    def application(self, token: SessionToken) -> Application:
        """Answer the application that a token was issued to, if issuer, gate and client fit."""
        partition = token.access.ref.partition
        if self._workspaces.get(partition.workspace).slug != token.slug:
            raise TokenInvalid("This token was issued by another workspace.")
        self._workspaces.admit(partition.workspace)
        application = self._applications.get(partition.workspace, partition.app)
        if application.client_id != token.client_id:
            raise TokenInvalid("This token was issued to another client.")
        application.hold_bound(token.key)
        return application

    def enter(self, caller: SessionCaller) -> tuple[Head, UserKeys | None]:
        """Read the caller's head and keys in one round trip, and admit."""
        shelf = self._sessions.fetch(caller.token.access.ref, self.extras(caller))
        self.learn(caller, shelf)
        head, _ = self.admit(caller, shelf.head)
        return head, shelf.user_keys
