"""A client that proves a key, by a library that is not the platform's."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from chalicelib.domain.ports.surroundings import Clock
from tests.api.platform import OWN_ORIGIN, Answer, send
from tests.api.visitor import Visitor

TOKEN = f"{OWN_ORIGIN}/oidc/acme/token"
READ = f"{OWN_ORIGIN}/api/v1/sessions"


@dataclass
class Prover:
    """One key, the nonce that it was told, and the platform's clock."""

    clock: Clock
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256"))
    alg: str = "ES256"
    nonce: str | None = None

    @property
    def thumbprint(self) -> str:
        found: str = self.key.thumbprint()
        return found

    def proof(
        self,
        method: str,
        uri: str,
        *,
        token: str | None = None,
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A proof; `None` leaves a claim or a member of the header out."""
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(12),
            "htm": method,
            "htu": uri,
            "iat": self.clock.now(),
            "nonce": self.nonce,
            "ath": None if token is None else hash_of(token),
            **changes,
        }
        members = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False)}
        whole = {**members, **(header or {})}
        return jws.serialize_compact(
            {name: value for name, value in whole.items() if value is not None},
            json.dumps({name: value for name, value in claims.items() if value is not None}),
            self.key,
            algorithms=["ES256", "ES384", "RS256", "PS256"],
            # The header is what is being tried here.
            registry=jws.JWSRegistry(algorithms=[self.alg], strict_check_header=False),
        )

    def tokens(self, visitor: Visitor, code: str | None = None, **changes: Any) -> Answer:
        """Exchange a code, with the nonce that the server asks for."""
        given = code or visitor.code()
        if self.nonce is None:
            asked = visitor.exchange(given, headers={"dpop": self.proof("POST", TOKEN)})
            assert (asked.status, asked.json()["error"]) == (400, "use_dpop_nonce"), asked.body
            self.nonce = asked.headers["dpop-nonce"]
        return visitor.exchange(given, headers={"dpop": self.proof("POST", TOKEN)}, **changes)

    def send(self, method: str, path: str, token: str, **rest: Any) -> Answer:
        """Send a token with a proof of its own."""
        proof = self.proof(method, f"{OWN_ORIGIN}{path}", token=token)
        headers = {"authorization": f"DPoP {token}", "dpop": proof, **rest.pop("headers", {})}
        return send(method, path, headers=headers, **rest)


def rsa(clock: Clock, bits: int = 2_048) -> Prover:
    return Prover(clock, key=RSAKey.generate_key(bits), alg="RS256")


def hash_of(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
