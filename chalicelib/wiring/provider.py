"""The services of the OpenID provider's endpoints, on top of the hosted login's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.admission import Admission
    from chalicelib.services.applications import Applications
    from chalicelib.services.asked_sign_outs import AskedSignOuts
    from chalicelib.services.client_grants import ClientGrants
    from chalicelib.services.clients import Clients
    from chalicelib.services.dpop import Dpop
    from chalicelib.services.grants import Grants
    from chalicelib.services.introspection import Introspection
    from chalicelib.services.oidc import Oidc
    from chalicelib.services.people import People
    from chalicelib.services.revocation import Revocation
    from chalicelib.services.token_endpoint import TokenEndpoint
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.visits import Visits
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.ports import Adapters


class OpenIdProvider:
    """Where a client sends browsers, and what it asks for itself."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        workspaces: "Workspaces",
        applications: "Applications",
        admission: "Admission",
        grants: "Grants",
        tokens: "Tokens",
        dpop: "Callable[[], Dpop]",
        visits: "Callable[[], Visits]",
        hosted: "HostedLogin",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._workspaces = workspaces
        self._applications = applications
        self._admission = admission
        self._grants = grants
        self._tokens = tokens
        self._dpop = dpop
        self._visits = visits
        self._hosted = hosted

    @cached_property
    def oidc(self) -> "Oidc":
        from chalicelib.services.oidc import Oidc

        return Oidc(
            workspaces=self._workspaces,
            authorization=self._hosted.passages.authorization,
            visits=self._visits,
            login=self._hosted.login,
            tokens=self._tokens,
            pushed_requests=self._hosted.passages.pushed_requests,
        )

    @cached_property
    def sign_outs(self) -> "AskedSignOuts":
        from chalicelib.services.asked_sign_outs import AskedSignOuts

        return AskedSignOuts(
            workspaces=self._workspaces,
            authorization=self._hosted.passages.authorization,
            browsers=self._hosted.browsers,
            visitors=self._hosted.guests.visitors,
            tokens=self._tokens,
        )

    @cached_property
    def clients(self) -> "Clients":
        from chalicelib.services.clients import Clients

        return Clients(workspaces=self._workspaces, applications=self._applications)

    @cached_property
    def token_endpoint(self) -> "TokenEndpoint":
        from chalicelib.domain.oidc import DEVICE_CODE
        from chalicelib.services.token_endpoint import TokenEndpoint

        passages = self._hosted.passages
        ways = {
            "authorization_code": passages.codes.exchange,
            "refresh_token": passages.refreshes.exchange,
            "client_credentials": self.client_grants.exchange,
            DEVICE_CODE: passages.device_authorizations.exchange,
        }
        return TokenEndpoint(clients=self.clients, dpop=self._dpop(), ways=ways)

    @cached_property
    def client_grants(self) -> "ClientGrants":
        from chalicelib.services.client_grants import ClientGrants

        return ClientGrants(
            clock=self._adapters.clock,
            workspaces=self._workspaces,
            applications=self._applications,
            tokens=self._tokens,
        )

    @cached_property
    def people(self) -> "People":
        from chalicelib.services.people import People

        return People(admission=self._admission, users=self._hosted.users)

    @cached_property
    def revocation(self) -> "Revocation":
        from chalicelib.services.revocation import Revocation

        return Revocation(
            clock=self._adapters.clock,
            tokens=self._tokens,
            grants=self._grants,
            refreshes=self._hosted.passages.refreshes,
        )

    @cached_property
    def introspection(self) -> "Introspection":
        from chalicelib.services.introspection import Introspection

        return Introspection(
            clock=self._adapters.clock,
            sessions=self._adapters.sessions,
            tokens=self._tokens,
            refreshes=self._hosted.passages.refreshes,
        )
