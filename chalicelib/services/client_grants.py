"""Client grants: a server asks for itself, with nobody signed in (RFC 6749, section 4.4)."""

from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.errors import NotFound
from chalicelib.domain.limits import CLIENT_TOKEN_SECONDS
from chalicelib.domain.oidc import INTROSPECT, Denial, Denied
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import ClientToken, Grant
from chalicelib.services.applications import Applications
from chalicelib.services.clients import Client
from chalicelib.services.token_endpoint import TokenRequest
from chalicelib.services.tokens import Tokens
from chalicelib.services.workspaces import Workspaces


class ClientGrants:
    """Tokens that stand for an application and reach nobody's data."""

    def __init__(
        self, *, clock: Clock, workspaces: Workspaces, applications: Applications, tokens: Tokens
    ) -> None:
        """Take the services that know clients, and the one that signs."""
        self._clock = clock
        self._workspaces = workspaces
        self._applications = applications
        self._tokens = tokens

    def exchange(self, request: TokenRequest) -> Grant | Denied:
        """Answer a token for the server itself: it may ask about tokens of its own."""
        client = request.client
        if not client.application.is_confidential:
            return Denied(Denial.UNAUTHORIZED_CLIENT, "only a client with a secret is a party")
        if request.params.get("scope", INTROSPECT).split() != [INTROSPECT]:
            return Denied(Denial.INVALID_SCOPE, f"a client itself is granted {INTROSPECT} only")
        if request.key is not None:
            return Denied(Denial.INVALID_DPOP_PROOF, "a client's own token is bound to no key")
        token = ClientToken(
            slug=client.workspace.slug,
            client_id=client.application.client_id,
            exp=self._clock.now() + CLIENT_TOKEN_SECONDS,
            scope=INTROSPECT,
        )
        return Grant(
            access_token=self._tokens.client_token(token),
            expires_in=CLIENT_TOKEN_SECONDS,
            scope=token.scope,
        )

    def client(self, slug: str, text: str) -> Client:
        """Answer the server that a token stands for, if it is one still.

        Raises `TokenInvalid` or `TokenExpired`, and `WorkspaceSealed`.
        """
        token = self._tokens.read_client_token(text)
        if token.slug != slug:
            raise TokenInvalid("This token was issued by another workspace.")
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        try:
            application = self._applications.client(workspace.id, token.client_id)
        except NotFound as error:
            raise TokenInvalid("The application of this token is gone.") from error
        if not application.is_confidential:
            raise TokenInvalid("The application of this token has no secret any more.")
        return Client(workspace, application)
