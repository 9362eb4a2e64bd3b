"""DPoP proofs as JSON Web Signatures: read with the key that each of them carries."""

import base64
import hashlib
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from chalicelib.domain.denials import DpopRequired
from chalicelib.domain.dpop import ALGORITHMS, Proof
from chalicelib.domain.limits import MAX_PROOF_BYTES

_TYP = "dpop+jwt"
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# RFC 7638, 3.2: what a thumbprint is made of, and nothing else of a key.
_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_RSA_BITS = range(2_048, 4_096 + 1)


class JwsProofs:
    """Answers the port `Proofs`."""

    def read(self, text: str) -> Proof:
        if len(text) > MAX_PROOF_BYTES or not text.isascii():
            raise _refusal()
        try:
            header = jwt.get_unverified_header(text)
            key = _key(header)
            signed = jwt.PyJWS(algorithms=ALGORITHMS).decode_complete(
                text, key, algorithms=[key.algorithm_name]
            )
            claims = json.loads(signed["payload"])
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            # What the library says may quote the proof.
            raise _refusal() from None
        return _proof(claims, _thumbprint(key))


def _key(header: dict[str, Any]) -> jwt.PyJWK:
    members, alg = header.get("jwk"), header.get("alg")
    if header.get("typ") != _TYP or alg not in ALGORITHMS or not isinstance(members, dict):
        raise _refusal()
    # RFC 9449, 4.3: a client that sends its private key has none any more.
    if _PRIVATE & members.keys():
        raise _refusal()
    key = jwt.PyJWK(members, algorithm=alg)
    # A longer modulus would make each proof cost more than all of the rest.
    if isinstance(key.key, RSAPublicKey) and key.key.key_size not in _RSA_BITS:
        raise _refusal()
    return key


def _thumbprint(key: jwt.PyJWK) -> str:
    # Of the key as the library writes it, so that one key has one thumbprint however it was sent.
    members = key.Algorithm.to_jwk(key.key, as_dict=True)
    wanted = {name: members[name] for name in _MEMBERS[members["kty"]]}
    plain = json.dumps(wanted, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(plain.encode()).digest()).rstrip(b"=").decode()


def _proof(claims: object, key: str) -> Proof:
    if not isinstance(claims, dict):
        raise _refusal()
    jti, htm, htu, iat = (claims.get(name) for name in ("jti", "htm", "htu", "iat"))
    nonce, ath = claims.get("nonce"), claims.get("ath")
    if not (isinstance(jti, str) and isinstance(htm, str) and isinstance(htu, str) and jti):
        raise _refusal()
    # A boolean is an int to Python, and never a NumericDate.
    if type(iat) is not int:
        raise _refusal()
    if not (isinstance(nonce, str | None) and isinstance(ath, str | None)):
        raise _refusal()
    return Proof(key=key, jti=jti, htm=htm, htu=htu, iat=iat, nonce=nonce, ath=ath)


def _refusal() -> DpopRequired:
    return DpopRequired("The DPoP proof is none that can be used here.")
