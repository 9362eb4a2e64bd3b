"""The dashboard: where people look after their account; every workspace has it, and stores none."""

from urllib.parse import quote

from chalicelib.domain.applications import Application
from chalicelib.domain.ids import AppId
from chalicelib.domain.workspaces import Workspace

CLIENT = "dashboard"  # what its tokens name, and a login that comes back to it; no client id is so
APP = AppId("_dashboard")  # no application can choose this id
_PAGE = "/app/self"


def dashboard_of(workspace: Workspace, *, origin: str) -> Application:
    """Answer the dashboard as an application: people know it by the name of their workspace."""
    return Application(
        workspace=workspace.id,
        id=APP,
        client_id=CLIENT,
        name=workspace.name,
        redirect_uris=(f"{origin}{_PAGE}?workspace={quote(workspace.slug)}",),
        post_logout_uris=(),
        created_at=workspace.created_at,
    )
