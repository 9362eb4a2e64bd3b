"""Tokens: signs each kind that applications get, and reads each only as what it is."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.dpop import confirmation, confirmed
from chalicelib.domain.ids import AppId, GrantId, SessionId, WorkspaceId
from chalicelib.domain.sessions import Access, Partition, SessionRef
from chalicelib.domain.tokens import Claims, ClientToken, IdToken, SessionToken, SigningAlg
from chalicelib.services.claims import meant_for, number_of, proof, sign_in_of, text_of, user_of
from chalicelib.services.issuer import ACCESS, Issuer

_ID = "JWT"


class Tokens:
    """The tokens that applications get: of sessions, of people for them, of themselves."""

    def __init__(self, issuer: Issuer) -> None:
        """Take who signs."""
        self._issuer = issuer

    @property
    def origin(self) -> str:
        """Answer the platform's own origin."""
        return self._issuer.origin

    def issuer(self, slug: str) -> str:
        """Answer the issuer identifier of a workspace."""
        return self._issuer.named(slug)

    def signs(self, alg: SigningAlg) -> bool:
        """Tell whether the deployment has a key that signs so."""
        return self._issuer.signs(alg)

    def jwks(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Answer the public keys as a JWK set."""
        return self._issuer.jwks()

    def session_token(self, token: SessionToken) -> str:
        """Sign an access token (RFC 9068) for one session."""
        ref = token.access.ref
        return self._issuer.sign(
            {
                "iss": self._issuer.named(token.slug),
                "aud": self._session_audience,
                "sub": str(ref.partition.user),
                "client_id": token.client_id,
                "exp": token.exp,
                "wid": ref.partition.workspace,
                "app": ref.partition.app,
                "sid": ref.sid,
                "rev": token.access.rev,
                "gid": token.access.grant,
                "scope": token.scope,
                **confirmation(token.key),
                **proof(token.sign_in),
            },
            typ=ACCESS,
        )

    def read_session_token(self, text: str) -> SessionToken:
        """Answer what a sessionToken claims; raises `TokenInvalid` or `TokenExpired`.

        The store has the last word: the session's status, lifetime and revision come after.
        """
        return self._session_token(self._issuer.verified(text, typ=ACCESS))

    def read_past_session_token(self, text: str) -> SessionToken:
        """Answer what a sessionToken claimed that may have expired since; for its renewal."""
        claims = self._issuer.authentic(text, typ=ACCESS)
        return self._session_token(claims)

    def id_token(self, token: IdToken, *, alg: SigningAlg = SigningAlg.ES256) -> str:
        """Sign an ID token (OpenID Connect Core 1.0, section 2)."""
        optional = {
            "nonce": token.nonce,
            "at_hash": token.at_hash,
            "email": token.email,
            "email_verified": None if token.email is None else True,
            "name": token.name,
        }
        return self._issuer.sign(
            {
                "iss": self._issuer.named(token.slug),
                "aud": token.client_id,
                "azp": token.client_id,
                "sub": str(token.user),
                "iat": token.iat,
                "exp": token.exp,
                "sid": token.sid,
                "gid": token.grant,
                **{name: value for name, value in optional.items() if value is not None},
                **confirmation(token.key),
                **proof(token.sign_in),
            },
            typ=_ID,
            alg=alg,
        )

    def read_id_token(self, text: str) -> IdToken:
        """Answer what an ID token proves; the caller compares slug and client id."""
        return self._id_token(self._issuer.verified(text, typ=_ID))

    def read_past_id_token(self, text: str) -> IdToken:
        """Answer what an ID token claimed that may have expired since; a hint at sign-out."""
        return self._id_token(self._issuer.authentic(text, typ=_ID))

    def client_token(self, token: ClientToken) -> str:
        """Sign a token for a server itself, with no person behind it (RFC 9068, 2.2)."""
        issuer = self._issuer.named(token.slug)
        return self._issuer.sign(
            {
                "iss": issuer,
                # For the provider's own endpoints, and for no route that has a person's data.
                "aud": issuer,
                "sub": token.client_id,
                "client_id": token.client_id,
                "exp": token.exp,
                "scope": token.scope,
            },
            typ=ACCESS,
        )

    def read_client_token(self, text: str) -> ClientToken:
        """Answer which client a token is for; whether it still is one the store decides."""
        claims = self._issuer.verified(text, typ=ACCESS)
        slug = self._issuer.slug(claims)
        meant_for(claims, self._issuer.named(slug))
        return ClientToken(
            slug=slug,
            client_id=text_of(claims, "client_id"),
            exp=number_of(claims, "exp"),
            scope=text_of(claims, "scope"),
        )

    def _id_token(self, claims: Claims) -> IdToken:
        client_id = text_of(claims, "aud")
        if claims.get("azp") != client_id:
            raise TokenInvalid("This ID token was issued to another client.")
        email, name = claims.get("email"), claims.get("name")
        return IdToken(
            slug=self._issuer.slug(claims),
            client_id=client_id,
            user=user_of(claims),
            sid=SessionId(text_of(claims, "sid")),
            grant=GrantId(text_of(claims, "gid")),
            sign_in=sign_in_of(claims),
            iat=number_of(claims, "iat"),
            exp=number_of(claims, "exp"),
            email=email if isinstance(email, str) else None,
            name=name if isinstance(name, str) else None,
            key=confirmed(claims),
        )

    @property
    def _session_audience(self) -> str:
        return f"{self._issuer.origin}/api/v1/sessions"

    def _session_token(self, claims: Claims) -> SessionToken:
        meant_for(claims, self._session_audience)
        try:
            partition = Partition(
                WorkspaceId(text_of(claims, "wid")), AppId(text_of(claims, "app")), user_of(claims)
            )
            access = Access(
                ref=SessionRef(partition, SessionId(text_of(claims, "sid"))),
                rev=number_of(claims, "rev"),
                grant=GrantId(text_of(claims, "gid")),
            )
        except ValueError as error:
            raise TokenInvalid("This token is not a sessionToken.") from error
        return SessionToken(
            slug=self._issuer.slug(claims),
            client_id=text_of(claims, "client_id"),
            access=access,
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
            scope=text_of(claims, "scope"),
            key=confirmed(claims),
        )
