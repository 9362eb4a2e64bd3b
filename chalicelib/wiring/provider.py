"""The services of the OpenID provider's own endpoints, on top of the hosted login's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.applications import Applications
    from chalicelib.services.clients import Clients
    from chalicelib.services.codes import Codes
    from chalicelib.services.token_endpoint import TokenEndpoint
    from chalicelib.services.workspaces import Workspaces


class OpenIdProvider:
    """What clients ask for themselves, without a browser."""

    def __init__(
        self, *, workspaces: "Workspaces", applications: "Applications", codes: "Codes"
    ) -> None:
        """Take the services below."""
        self._workspaces = workspaces
        self._applications = applications
        self._codes = codes

    @cached_property
    def clients(self) -> "Clients":
        from chalicelib.services.clients import Clients

        return Clients(workspaces=self._workspaces, applications=self._applications)

    @cached_property
    def token_endpoint(self) -> "TokenEndpoint":
        from chalicelib.services.token_endpoint import TokenEndpoint

        ways = {"authorization_code": self._codes.exchange}
        return TokenEndpoint(clients=self.clients, ways=ways)
