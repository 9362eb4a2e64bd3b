"""An application on a server, which has to prove who it is: its secret, and requests with it."""

import base64
from dataclasses import dataclass
from urllib.parse import quote_plus

from chalicelib.domain.callers import MemberCaller, Visit
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.ids import new_user_id
from chalicelib.domain.workspaces import Member, Role
from tests.api.platform import Answer, Platform, Tenant
from tests.api.visitor import Visitor, account, post_form
from tests.builders import ORIGIN


@dataclass(frozen=True)
class Server:
    """A confidential client, and the browser of somebody who signs in at it."""

    visitor: Visitor
    secret: str

    @property
    def platform(self) -> Platform:
        return self.visitor.platform

    @property
    def tenant(self) -> Tenant:
        return self.visitor.tenant

    @property
    def client_id(self) -> str:
        return self.tenant.application.client_id

    @property
    def basic(self) -> dict[str, str]:
        return basic(self.client_id, self.secret)

    def post(self, endpoint: str, form: dict[str, str], **headers: str) -> Answer:
        """Ask an endpoint with the secret, unless other headers are given."""
        return post_form(f"/oidc/{self.visitor.slug}/{endpoint}", form, **(headers or self.basic))

    def tokens(self, **changes: str | None) -> dict[str, str]:
        """What a sign-in brings."""
        location = self.visitor.code(**changes)
        answer = self.visitor.exchange(location, headers=self.basic, client_id=None)
        assert answer.status == 200, answer
        found: dict[str, str] = answer.json()
        return found


def server_on(platform: Platform, tenant: Tenant | None = None) -> Server:
    """Register a server with a secret, and somebody who can sign in."""
    tenant = tenant or platform.tenant(kind=ClientKind.SERVER)
    tenant.email = "anna@acme.example"
    tenant.user = account(platform, tenant.workspace, tenant.email).person.user
    return Server(Visitor(platform, tenant), secret_of(platform, tenant))


def secret_of(platform: Platform, tenant: Tenant) -> str:
    """Make a secret as the owner would."""
    member = Member(tenant.workspace.id, new_user_id(), Role.OWNER, since=0)
    added = platform.services.desk.client_secrets.add(
        MemberCaller(member=member, visit=Visit(ORIGIN)), tenant.application.id
    )
    return added.text


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Both as RFC 6749, section 2.3.1, has them: encoded as in a form, then joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {base64.b64encode(joined.encode()).decode()}"}
