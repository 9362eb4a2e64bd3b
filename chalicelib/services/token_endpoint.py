"""The token endpoint: authenticates the client and hands the request to its grant's own way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain.callers import Visit
from chalicelib.domain.clients import Credentials, DpopUse
from chalicelib.domain.dpop import Demonstration
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.domain.tokens import Grant
from chalicelib.services.clients import Client, Clients

if TYPE_CHECKING:
    from chalicelib.services.dpop import Dpop  # a client without a key starts without it


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for tokens by a client that was authenticated (RFC 6749, section 3.2).

    `key` is the thumbprint of the key to which they are to be bound (RFC 9449, section 5).
    """

    client: Client
    params: Mapping[str, str] = field(repr=False)
    visit: Visit
    key: str | None = None

    def missing(self, *names: str) -> Denied | None:
        """Answer the denial of a request that lacks one of these parameters."""
        for name in names:
            if not self.params.get(name):
                return Denied(Denial.INVALID_REQUEST, f"{name} is missing")
        return None


Way = Callable[[TokenRequest], Grant | Denied]


class TokenEndpoint:
    """Every way to tokens, by the name of its grant."""

    def __init__(self, *, clients: Clients, dpop: "Dpop", ways: Mapping[str, Way]) -> None:
        """Take what clients and keys are proven by, and a way for each `grant_type`."""
        self._clients = clients
        self._dpop = dpop
        self._ways = ways

    def grant(
        self,
        slug: str,
        params: Mapping[str, str],
        credentials: Credentials | None,
        visit: Visit,
        shown: Demonstration | None = None,
    ) -> Grant | Denied:
        """Answer tokens, or why there are none (RFC 6749, 5.2)."""
        grant_type = params.get("grant_type")
        if not grant_type:
            return Denied(Denial.INVALID_REQUEST, "grant_type is missing")
        way = self._ways.get(grant_type)
        if way is None:
            known = ", ".join(self._ways)
            return Denied(Denial.UNSUPPORTED_GRANT_TYPE, f"supported are {known}")
        client = self._clients.authenticate(slug, credentials, visit)
        if isinstance(client, Denied):
            return client
        workspace, dpop = client.workspace.id, client.application.dpop
        key = None if shown is None else self._dpop.bind(workspace, dpop, shown)
        if isinstance(key, Denied):
            return key
        if key is None and dpop is DpopUse.REQUIRED:
            return Denied(Denial.INVALID_DPOP_PROOF, "this client has to bind its tokens")
        answer = way(TokenRequest(client, params, visit, key))
        return answer if key is None else replace(answer, nonce=self._dpop.nonce(workspace))
