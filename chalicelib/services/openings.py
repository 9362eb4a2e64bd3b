"""Openings: what the login's page has to show before anybody types."""

from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.users import Profile
from chalicelib.domain.visitors import Visiting
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.invites import Invited


@dataclass(frozen=True, slots=True)
class Opening:
    """The sheet as it opens; `person` is who the browser remembers."""

    workspace: Workspace
    application: Application
    request: AuthorizationRequest
    person: Profile | None
    invited: Invited | None
    visit: Visiting

    @property
    def makes_accounts(self) -> bool:
        """Tell whether somebody may make an account here and now."""
        workspace = self.workspace
        return not workspace.require_sso and (workspace.open_signup or self.invited is not None)
