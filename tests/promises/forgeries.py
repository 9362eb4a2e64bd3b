"""Ways to forge a token, each of them tried on somebody before."""

import hashlib
import hmac
import json
from collections.abc import Callable

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.promises.forge import TYP, Forge, b64, raw, signed


def _none(forge: Forge, kind: str) -> str:
    return raw({"alg": "none", "kid": forge.key.kid, "typ": TYP[kind]}, forge.claims(kind), b"")


def _none_in_capitals(forge: Forge, kind: str) -> str:
    return raw({"alg": "NONE", "kid": forge.key.kid, "typ": TYP[kind]}, forge.claims(kind), b"")


def _hs256(forge: Forge, kind: str, secret: bytes) -> str:
    header = {"alg": "HS256", "kid": forge.key.kid, "typ": TYP[kind]}
    message = raw(header, forge.claims(kind), b"").rstrip(".")
    return f"{message}.{b64(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def _hs256_with_the_public_key(forge: Forge, kind: str) -> str:
    return _hs256(forge, kind, forge.key.public)


def _hs256_with_the_public_key_as_pem(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _hs256(forge, kind, pem)


def _hs256_with_nothing(forge: Forge, kind: str) -> str:
    return _hs256(forge, kind, b"")


def _rs256(forge: Forge, kind: str) -> str:
    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    header = {"kid": forge.key.kid, "typ": TYP[kind]}
    return signed(forge.claims(kind), private, header, alg="RS256")


def _es384(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP384R1())
    header = {"kid": forge.key.kid, "typ": TYP[kind]}
    return signed(forge.claims(kind), private, header, alg="ES384")


def _es256_of_another_key(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    return signed(forge.claims(kind), private, {"kid": forge.key.kid, "typ": TYP[kind]})


def _key_in_the_header(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    header = {"kid": forge.key.kid, "typ": TYP[kind], "jwk": jwk}
    return signed(forge.claims(kind), private, header)


def _key_by_address(forge: Forge, kind: str) -> str:
    private = ec.generate_private_key(ec.SECP256R1())
    header = {"kid": "evil", "typ": TYP[kind], "jku": "https://evil.example/jwks.json"}
    return signed(forge.claims(kind), private, header)


def _no_kid(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    return signed(forge.claims(kind), private, {"typ": TYP[kind]})


def _unknown_kid(forge: Forge, kind: str) -> str:
    return forge.sign(forge.claims(kind), kind, kid="../../dev/null")


def _no_signature(forge: Forge, kind: str) -> str:
    return forge.good[kind].rpartition(".")[0] + "."


def _zero_signature(forge: Forge, kind: str) -> str:
    # r = s = 0 verified against everything in one well-known implementation.
    return f"{forge.good[kind].rpartition('.')[0]}.{b64(bytes(64))}"


def _altered_claims(forge: Forge, kind: str) -> str:
    header, _, signature = forge.good[kind].split(".")
    claims = forge.claims(kind, exp=forge.claims(kind)["exp"] + 1)
    return f"{header}.{b64(json.dumps(claims).encode())}.{signature}"


def _critical_extension(forge: Forge, kind: str) -> str:
    return forge.sign(forge.claims(kind), kind, crit=["sf-unknown"], **{"sf-unknown": 1})


def _not_encoded(forge: Forge, kind: str) -> str:
    private = forge.platform.adapters.signatures.kms.private(forge.key)
    header = {"kid": forge.key.kid, "typ": TYP[kind], "b64": False, "crit": ["b64"]}
    message = json.dumps(forge.claims(kind)).encode()
    detached = jwt.PyJWS().encode(message, private, "ES256", header, is_payload_detached=True)
    return detached.replace("..", f".{b64(message)}.")


FORGERIES: list[Callable[[Forge, str], str]] = [
    _none,
    _none_in_capitals,
    _hs256_with_the_public_key,
    _hs256_with_the_public_key_as_pem,
    _hs256_with_nothing,
    _rs256,
    _es384,
    _es256_of_another_key,
    _key_in_the_header,
    _key_by_address,
    _no_kid,
    _unknown_kid,
    _no_signature,
    _zero_signature,
    _altered_claims,
    _critical_extension,
    _not_encoded,
]
