"""Revocation: a client gives back what it was given, and the sign-in behind it ends."""

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import TokenExpired, TokenInvalid
from chalicelib.domain.limits import ID_TOKEN_SECONDS
from chalicelib.domain.oidc import Denial, Denied
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.clients import Client
from chalicelib.services.grants import Grants
from chalicelib.services.refreshes import Refreshes
from chalicelib.services.tokens import Tokens

_ANOTHERS = Denied(Denial.INVALID_GRANT, "the token was issued to another client")

_NOT_THIS_KIND = Denied(
    Denial.UNSUPPORTED_TOKEN_TYPE, "a client's own token is not revoked: it ends within minutes"
)


class Revocation:
    """Token revocation (RFC 7009): either kind of token ends all of its grant."""

    def __init__(
        self, *, clock: Clock, tokens: Tokens, grants: Grants, refreshes: Refreshes
    ) -> None:
        """Take the services of both kinds of tokens."""
        self._clock = clock
        self._tokens = tokens
        self._grants = grants
        self._refreshes = refreshes

    def revoke(self, client: Client, token: str, visit: Visit) -> Denied | None:
        """End the grant of a token; one that is none, or none any more, is no fault."""
        application = client.application
        known = self._refreshes.known(client.workspace.id, application.client_id, token)
        if known is not None:
            family, _ = known
            self._grants.end_grant(
                family.ref.partition,
                family.grant,
                until=self._clock.now() + application.token_seconds + ID_TOKEN_SECONDS,
                action=AuditAction.GRANT_REVOKED,
                visit=visit,
            )
            return None
        try:
            access = self._tokens.read_past_session_token(token)
        except TokenInvalid:
            return self._stands(token)
        if access.slug != client.workspace.slug or access.client_id != application.client_id:
            return _ANOTHERS
        self._grants.forget(access, visit, action=AuditAction.GRANT_REVOKED)
        return None

    def _stands(self, token: str) -> Denied | None:
        # A client's own token is written nowhere, and ends by itself within minutes.
        try:
            self._tokens.read_client_token(token)
        except (TokenExpired, TokenInvalid):
            return None
        return _NOT_THIS_KIND
