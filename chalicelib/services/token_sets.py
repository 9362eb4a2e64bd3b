"""Token sets: what a client is handed for one sign-in, bound together."""

from chalicelib.domain.callers import Arrival
from chalicelib.domain.ids import GrantId
from chalicelib.domain.limits import ID_TOKEN_SECONDS
from chalicelib.domain.oidc import at_hash_of
from chalicelib.domain.sessions import Head
from chalicelib.domain.tokens import Grant, IdToken
from chalicelib.domain.users import Profile
from chalicelib.services.grants import Grants
from chalicelib.services.tokens import Tokens


class TokenSets:
    """An access token with the ID token that says whose it is."""

    def __init__(self, *, grants: Grants, tokens: Tokens) -> None:
        """Take the services that sign."""
        self._grants = grants
        self._tokens = tokens

    def issue(
        self,
        arrival: Arrival,
        head: Head,
        profile: Profile,
        *,
        grant: GrantId,
        scope: str,
        given_at: int,
        nonce: str | None = None,
        refresh_token: str | None = None,
    ) -> Grant:
        """Sign what a client gets of a session (RFC 6749, 5.1; Core 1.0, 3.1.3.3).

        `given_at` is when its sign-in was looked at, at the latest: an end since then is the ID
        token's too.
        """
        issued = self._grants.issue(arrival, head, grant=grant, scope=scope)
        id_token = IdToken(
            slug=arrival.slug,
            client_id=arrival.application.client_id,
            user=arrival.user,
            sid=head.ref.sid,
            grant=grant,
            sign_in=arrival.sign_in,
            iat=given_at,
            exp=given_at + ID_TOKEN_SECONDS,
            nonce=nonce,
            at_hash=at_hash_of(issued.text),
            # Whatever the scope: the session's identity route tells it to the same client.
            email=profile.email,
            name=profile.name if "profile" in scope.split() else None,
            key=arrival.key,
        )
        return Grant(
            access_token=issued.text,
            expires_in=issued.lifetime,
            scope=scope,
            id_token=self._tokens.id_token(id_token, alg=arrival.application.id_token_alg),
            refresh_token=refresh_token,
            key=arrival.key,
        )
