"""Issuer: signs claims in the deployment's name, and knows them again as its own."""

from collections.abc import Mapping, Sequence

from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.ports.crypto import Signatures
from chalicelib.domain.ports.directory import KeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import Claims, SigningAlg
from chalicelib.services.claims import text_of
from chalicelib.services.ring import Ring

ACCESS = "at+jwt"  # RFC 9068, section 2.1


class Issuer:
    """Who signs, one for each workspace; `origin` is the platform's own, https://flows.example."""

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

    def named(self, slug: str) -> str:
        """Answer the issuer identifier of a workspace (OpenID Connect Discovery 1.0)."""
        return f"{self._origin}/oidc/{slug}"

    def slug(self, claims: Claims) -> str:
        """Answer the workspace in whose name claims were signed; raises `TokenInvalid`."""
        issuer = text_of(claims, "iss")
        prefix = self.named("")
        if not issuer.startswith(prefix):
            raise TokenInvalid("This token was not issued here.")
        return issuer[len(prefix) :]

    def signs(self, alg: SigningAlg) -> bool:
        """Tell whether the deployment has a key that signs so."""
        return self._ring.signs(alg)

    def jwks(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        """Answer the public keys as a JWK set (RFC 7517, section 5)."""
        return {"keys": [self._signatures.jwk(key) for key in self._ring.verifying()]}

    def sign(self, claims: Claims, *, typ: str, alg: SigningAlg = SigningAlg.ES256) -> str:
        """Sign claims under a name of their own, as of now where they say no other time."""
        dated = {"iat": self._clock.now(), **claims, "jti": new_ulid(self._clock.millis())}
        return self._signatures.sign(dated, typ=typ, key=self._ring.current(alg))

    def verified(self, text: str, *, typ: str) -> Claims:
        """Answer what a token claims; raises `TokenInvalid` or `TokenExpired`."""
        return self._signatures.verify(text, typ=typ, keys=self._ring.verifying())

    def authentic(self, text: str, *, typ: str) -> Claims:
        """Answer what a token claimed that may have expired since; raises `TokenInvalid`."""
        return self._signatures.authentic(text, typ=typ, keys=self._ring.verifying())
