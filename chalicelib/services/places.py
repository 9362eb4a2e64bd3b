"""Places: what people sign in to, an application or their own account."""

from chalicelib.domain.applications import Application
from chalicelib.domain.dashboard import APP, dashboard_of
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.workspaces import Workspaces


class Places:
    """The applications that are registered, and the one that needs not be."""

    def __init__(self, *, origin: str, workspaces: Workspaces, applications: Applications) -> None:
        """Take the platform's origin, and what knows tenants and clients."""
        self._origin = origin
        self._workspaces = workspaces
        self._applications = applications

    def of(self, workspace: WorkspaceId, app: AppId) -> Application:
        """Answer where a checked request leads; raises `NotFound`."""
        if app == APP:
            return self.dashboard(self._workspaces.get(workspace))
        return self._applications.get(workspace, app)

    def dashboard(self, workspace: Workspace) -> Application:
        """Answer a workspace's dashboard."""
        return dashboard_of(workspace, origin=self._origin)
