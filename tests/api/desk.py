"""The console with an operator at it, for the tests of its routes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.applications import Application
from chalicelib.domain.ids import UserId
from chalicelib.domain.workspaces import Member, Role, Workspace
from tests.api.platform import Answer, Platform, Tenant

MEMBER_TOKEN = "/api/v1/auth/member-token"
WORKSPACES = "/api/v1/workspaces"
APPLICATIONS = "/api/v1/applications"
FORMS = {"appId": "forms", "displayName": "Forms", "redirectUris": ["https://forms.example/"]}
MINE = {"workspaceName": "mine", "displayName": "Mine"}
BY_IDENTITY: list[tuple[str, str, Any]] = [
    ("POST", MEMBER_TOKEN, {"workspaceName": "acme"}),
    ("POST", WORKSPACES, MINE),
]
BY_MEMBER: list[tuple[str, str, Any]] = [
    ("GET", WORKSPACES, None),
    ("GET", APPLICATIONS, None),
    ("POST", APPLICATIONS, FORMS),
]
ALL = BY_IDENTITY + BY_MEMBER


@dataclass(frozen=True)
class Desk:
    """The console, an operator who owns `acme`, and a customer of `acme`."""

    platform: Platform
    console: Workspace
    manager: Application
    operator: UserId
    tenant: Tenant

    @property
    def workspace(self) -> Workspace:
        return self.tenant.workspace

    def id_token(self, user: UserId | None = None) -> str:
        person = Tenant(self.console, self.manager, user or self.operator, "olivia@acme.example")
        return self.platform.id_token(person)

    def token(self, role: Role = Role.OWNER) -> str:
        return self.platform.member_token(self.workspace, role)

    def credential(self, method: str, path: str) -> str:
        return self.token() if (method, path) in OF_MEMBERS else self.id_token()

    def unchanged(self, act: Callable[[], Answer]) -> Answer:
        """Call, and show that no workspace, no application and no event has come."""
        adapters = self.platform.adapters
        before = (len(self.platform.events), len(adapters.workspaces.gates), self._applications())
        answer = act()
        after = (len(self.platform.events), len(adapters.workspaces.gates), self._applications())
        assert after == before
        return answer

    def _applications(self) -> list[Application]:
        return list(self.platform.adapters.applications.of(self.workspace.id))


OF_MEMBERS = {(method, path) for method, path, _ in BY_MEMBER}


def desk_on(platform: Platform) -> Desk:
    """Prepare the console and make its operator an owner of a workspace."""
    console = platform.services.deployment.prepare()
    (manager,) = platform.adapters.applications.of(console.id)
    operator = platform.user(console, "olivia@acme.example")
    tenant = platform.tenant()
    owner = Member(workspace=tenant.workspace.id, operator=operator, role=Role.OWNER, since=0)
    platform.adapters.members.put(owner)
    return Desk(platform, console, manager, operator, tenant)
