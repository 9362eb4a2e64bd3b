"""Introspection: a server asks whether a token of its own counts at this moment."""

from collections.abc import Mapping

from chalicelib.domain.denials import SessionEnded, TokenExpired, TokenInvalid, TokenSuperseded
from chalicelib.domain.dpop import confirmation
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import SessionToken
from chalicelib.services.clients import Client
from chalicelib.services.refreshes import Refreshes
from chalicelib.services.tokens import Tokens

_INACTIVE: Mapping[str, object] = {"active": False}


class Introspection:
    """Token introspection (RFC 7662): of whatever is not the client's own nothing is told."""

    def __init__(
        self, *, clock: Clock, sessions: SessionStore, tokens: Tokens, refreshes: Refreshes
    ) -> None:
        """Take the ports, and the services of each kind of token."""
        self._clock = clock
        self._sessions = sessions
        self._tokens = tokens
        self._refreshes = refreshes

    def describe(self, client: Client, text: str) -> Mapping[str, object]:
        """Answer what a token of this client's is good for, as the store has it now."""
        known = self._refreshes.known(client.workspace.id, client.application.client_id, text)
        if known is not None:
            family, counts = known
            if not counts:
                return _INACTIVE
            return {
                **self._of(client, subject=str(family.ref.partition.user), scope=family.scope),
                "exp": family.exp,
                "sid": family.ref.sid,
            }
        token = self._access(client, text)
        if token is None:
            return self._of_client(client, text)
        ref = token.access.ref
        return {
            **self._of(client, subject=str(ref.partition.user), scope=token.scope),
            "token_type": "Bearer" if token.key is None else "DPoP",
            **confirmation(token.key),
            "exp": token.exp,
            "sid": ref.sid,
            "auth_time": token.sign_in.auth_time,
            "acr": token.sign_in.acr,
            "amr": list(token.sign_in.amr),
        }

    def _of(self, client: Client, *, subject: str, scope: str) -> Mapping[str, object]:
        return {
            "active": True,
            "iss": self._tokens.issuer(client.workspace.slug),
            "client_id": client.application.client_id,
            "sub": subject,
            "scope": scope,
        }

    def _of_client(self, client: Client, text: str) -> Mapping[str, object]:
        try:
            token = self._tokens.read_client_token(text)
        except (TokenInvalid, TokenExpired):
            return _INACTIVE
        own = (client.workspace.slug, client.application.client_id)
        if (token.slug, token.client_id) != own:
            return _INACTIVE
        found = self._of(client, subject=token.client_id, scope=token.scope)
        return {**found, "token_type": "Bearer", "exp": token.exp}

    def _access(self, client: Client, text: str) -> SessionToken | None:
        try:
            token = self._tokens.read_session_token(text)
        except (TokenInvalid, TokenExpired):
            return None
        partition = token.access.ref.partition
        if (
            token.slug != client.workspace.slug
            or token.client_id != client.application.client_id
            or partition.workspace != client.workspace.id
            or partition.app != client.application.id
        ):
            return None
        head = self._sessions.head(token.access.ref)
        try:
            if head is None:
                return None
            head.admit(token.access, self._clock.now())
        except (SessionEnded, TokenSuperseded):
            return None
        return token
