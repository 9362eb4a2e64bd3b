"""Clients at the provider's own endpoints: which application asks, and that it is itself."""

from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.callers import Visit
from chalicelib.domain.clients import Credentials, fits
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.errors import NotFound
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.workspaces import Workspaces

_REFUSED = Denied(Denial.INVALID_CLIENT, "the client is unknown here, or its secret does not fit")


@dataclass(frozen=True, slots=True)
class Client:
    """An application in its workspace; one that keeps a secret has shown it."""

    workspace: Workspace
    application: Application


class Clients:
    """Client authentication (RFC 6749, section 2.3), the one for all endpoints."""

    def __init__(self, *, workspaces: Workspaces, applications: Applications) -> None:
        """Take the services that know workspaces and clients."""
        self._workspaces = workspaces
        self._applications = applications

    def authenticate(
        self, slug: str, credentials: Credentials | None, visit: Visit
    ) -> Client | Denied:
        """Answer the client, or why it is not let in.

        Raises `NotFound` and `WorkspaceSealed`, and `OriginNotAllowed` for a page of others.
        """
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        if credentials is None:
            return Denied(Denial.INVALID_REQUEST, "client_id is missing")
        try:
            application = self._applications.client(workspace.id, credentials.client_id)
        except NotFound:
            return _REFUSED
        if visit.page is not None and visit.page not in application.origins:
            raise OriginNotAllowed("This page's origin is not registered for the application.")
        return Client(workspace, application) if _is_proven(application, credentials) else _REFUSED


def _is_proven(application: Application, credentials: Credentials) -> bool:
    if not application.is_confidential:
        # A public client has no secret: whoever sends one takes it for another.
        return credentials.secret is None
    return credentials.secret is not None and fits(credentials.secret, application.secrets)
