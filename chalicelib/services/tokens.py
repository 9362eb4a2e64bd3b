"""Tokens: signs each kind, and reads each only as what it is."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.dashboard import CLIENT as DASHBOARD
from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.dpop import confirmation, confirmed
from chalicelib.domain.ids import (
    CONSOLE,
    AppId,
    GrantId,
    SessionId,
    WorkspaceId,
    is_part,
    new_ulid,
)
from chalicelib.domain.ports.crypto import Signatures
from chalicelib.domain.ports.directory import KeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Access, Partition, Person, SessionRef
from chalicelib.domain.tokens import (
    Claims,
    ClientToken,
    IdToken,
    MemberToken,
    PersonToken,
    SessionToken,
    SigningAlg,
)
from chalicelib.services.claims import meant_for, number_of, proof, sign_in_of, text_of, user_of
from chalicelib.services.ring import Ring

_ACCESS = "at+jwt"
_ID = "JWT"
_USER = "user"


class Tokens:
    """Issuer and reader; `origin` is the platform's own, like https://flows.example."""

    def __init__(
        self, *, clock: Clock, origin: str, store: KeyStore, signatures: Signatures
    ) -> None:
        """Take the ports and the origin that stands in every issuer and audience."""
        self._clock = clock
        self._origin = origin
        self._signatures = signatures
        self._ring = Ring(clock=clock, store=store)

    @property
    def origin(self) -> str:
        """Answer the platform's own origin."""
        return self._origin

    def issuer(self, slug: str) -> str:
        """Answer the issuer identifier of a workspace (OpenID Connect Discovery 1.0)."""
        return f"{self._origin}/oidc/{slug}"

    def signs(self, alg: SigningAlg) -> bool:
        """Tell whether the deployment has a key that signs so."""
        return self._ring.signs(alg)

    def jwks(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Answer the public keys as a JWK set (RFC 7517, section 5)."""
        return {"keys": [self._signatures.jwk(key) for key in self._ring.verifying()]}

    def session_token(self, token: SessionToken) -> str:
        """Sign an access token (RFC 9068) for one session."""
        ref = token.access.ref
        return self._sign(
            {
                "iss": self.issuer(token.slug),
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
            typ=_ACCESS,
        )

    def read_session_token(self, text: str) -> SessionToken:
        """Answer what a sessionToken claims; raises `TokenInvalid` or `TokenExpired`.

        The store has the last word: the session's status, lifetime and revision come after.
        """
        return self._session_token(
            self._signatures.verify(text, typ=_ACCESS, keys=self._ring.verifying())
        )

    def read_past_session_token(self, text: str) -> SessionToken:
        """Answer what a sessionToken claimed that may have expired since; for its renewal."""
        claims = self._signatures.authentic(text, typ=_ACCESS, keys=self._ring.verifying())
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
        return self._sign(
            {
                "iss": self.issuer(token.slug),
                "aud": token.client_id,
                "azp": token.client_id,
                "sub": str(token.user),
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
        return self._id_token(self._signatures.verify(text, typ=_ID, keys=self._ring.verifying()))

    def read_past_id_token(self, text: str) -> IdToken:
        """Answer what an ID token claimed that may have expired since; a hint at sign-out."""
        return self._id_token(
            self._signatures.authentic(text, typ=_ID, keys=self._ring.verifying())
        )

    def member_token(self, token: MemberToken) -> str:
        """Sign a token for the console of one workspace."""
        return self._sign(
            {
                "iss": self.issuer(CONSOLE),
                "aud": self._manage_audience,
                "sub": str(token.operator),
                "client_id": CONSOLE,
                "exp": token.exp,
                "wid": token.workspace,
                "role": token.role,
                "gid": token.grant,
                **proof(token.sign_in),
            },
            typ=_ACCESS,
        )

    def read_member_token(self, text: str) -> MemberToken:
        """Answer what a member token claims; the role that counts is the store's."""
        claims = self._signatures.verify(text, typ=_ACCESS, keys=self._ring.verifying())
        meant_for(claims, self._manage_audience)
        if self._slug(claims) != CONSOLE or text_of(claims, "client_id") != CONSOLE:
            raise TokenInvalid("This token is not of the console.")
        workspace = WorkspaceId(text_of(claims, "wid"))
        if not is_part(workspace):
            raise TokenInvalid("This token is not a member token.")
        return MemberToken(
            workspace=workspace,
            operator=user_of(claims),
            grant=GrantId(text_of(claims, "gid")),
            role=text_of(claims, "role"),
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
        )

    def person_token(self, token: PersonToken) -> str:
        """Sign a token for a person's own account."""
        return self._sign(
            {
                "iss": self.issuer(token.slug),
                "aud": self._manage_audience,
                "sub": str(token.person.user),
                "client_id": DASHBOARD,
                "exp": token.exp,
                "wid": token.person.workspace,
                "role": _USER,
                "gid": token.browser,
                **proof(token.sign_in),
            },
            typ=_ACCESS,
        )

    def read_person_token(self, text: str) -> PersonToken:
        """Answer what a person's own token claims; the caller compares slug and workspace."""
        claims = self._signatures.verify(text, typ=_ACCESS, keys=self._ring.verifying())
        meant_for(claims, self._manage_audience)
        if (text_of(claims, "client_id"), text_of(claims, "role")) != (DASHBOARD, _USER):
            raise TokenInvalid("This token is not of the dashboard.")
        workspace, browser = WorkspaceId(text_of(claims, "wid")), text_of(claims, "gid")
        if not (is_part(workspace) and is_part(browser)):
            raise TokenInvalid("This token is not of the dashboard.")
        return PersonToken(
            slug=self._slug(claims),
            person=Person(workspace, user_of(claims)),
            browser=browser,
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
        )

    def client_token(self, token: ClientToken) -> str:
        """Sign a token for a server itself, with no person behind it (RFC 9068, 2.2)."""
        issuer = self.issuer(token.slug)
        return self._sign(
            {
                "iss": issuer,
                # For the provider's own endpoints, and for no route that has a person's data.
                "aud": issuer,
                "sub": token.client_id,
                "client_id": token.client_id,
                "exp": token.exp,
                "scope": token.scope,
            },
            typ=_ACCESS,
        )

    def read_client_token(self, text: str) -> ClientToken:
        """Answer which client a token is for; whether it still is one the store decides."""
        claims = self._signatures.verify(text, typ=_ACCESS, keys=self._ring.verifying())
        slug = self._slug(claims)
        meant_for(claims, self.issuer(slug))
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
            slug=self._slug(claims),
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
        return f"{self._origin}/api/v1/sessions"

    @property
    def _manage_audience(self) -> str:
        return f"{self._origin}/api/v1/manage"

    def _sign(self, claims: Claims, *, typ: str, alg: SigningAlg = SigningAlg.ES256) -> str:
        now = self._clock.now()
        dated = {**claims, "iat": now, "jti": new_ulid(self._clock.millis())}
        return self._signatures.sign(dated, typ=typ, key=self._ring.current(alg))

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
            slug=self._slug(claims),
            client_id=text_of(claims, "client_id"),
            access=access,
            sign_in=sign_in_of(claims),
            exp=number_of(claims, "exp"),
            scope=text_of(claims, "scope"),
            key=confirmed(claims),
        )

    def _slug(self, claims: Claims) -> str:
        issuer = text_of(claims, "iss")
        prefix = self.issuer("")
        if not issuer.startswith(prefix):
            raise TokenInvalid("This token was not issued here.")
        return issuer[len(prefix) :]
