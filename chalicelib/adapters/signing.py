"""Signing: JSON Web Tokens whose private keys stay in KMS, verified here with their public half."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NoReturn, Protocol, cast

import jwt
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt.algorithms import Algorithm, ECAlgorithm, RSAAlgorithm
from jwt.types import Options
from jwt.utils import der_to_raw_signature

from chalicelib.domain.denials import TokenExpired, TokenInvalid
from chalicelib.domain.errors import KmsUnavailable
from chalicelib.domain.limits import CLOCK_LEEWAY, MAX_TOKEN_BYTES, SIGNING_KEYS_AGE
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.tokens import Claims, KeyState, SigningAlg, SigningKey

_SIGNED_BY = {
    SigningAlg.ES256: "ECDSA_SHA_256",
    SigningAlg.RS256: "RSASSA_PKCS1_V1_5_SHA_256",
}
_KINDS = {SigningAlg.ES256: "es1", SigningAlg.RS256: "rs1"}
_VERIFIED = 2_000  # tokens whose signature is remembered as right
# Times are compared with the clock that was given; issuer and audience by the caller.
_OPTIONS: Options = {
    "require": ["exp", "iat", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
    "verify_iss": False,
}


class KmsClient(Protocol):
    """The part of boto3's KMS client that signing needs."""

    def sign(self, **request: object) -> dict[str, object]:
        """Sign a message."""
        ...

    def get_public_key(self, **request: object) -> dict[str, object]:
        """Answer the public half of a key pair."""
        ...


class KmsSignatures:
    """Answers the port `Signatures`."""

    def __init__(self, client: KmsClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._verified: Recent[tuple[bytes, str], tuple[SigningKey, Claims]] = Recent(
            clock.monotonic, age=SIGNING_KEYS_AGE, size=_VERIFIED
        )
        self._signer = jwt.PyJWS()
        for alg, signed_by in _SIGNED_BY.items():
            self._signer.unregister_algorithm(alg)
            self._signer.register_algorithm(alg, _KmsAlgorithm(client, signed_by))

    def sign(self, claims: Claims, *, typ: str, key: SigningKey) -> str:
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return self._signer.encode(
            payload, key.arn, algorithm=key.alg, headers={"kid": key.kid, "typ": typ}
        )

    def verify(self, token: str, *, typ: str, keys: Sequence[SigningKey]) -> Claims:
        claims = self.authentic(token, typ=typ, keys=keys)
        if self._clock.now() >= cast("int", claims["exp"]):
            raise TokenExpired("The token's time is over.")
        return claims

    def authentic(self, token: str, *, typ: str, keys: Sequence[SigningKey]) -> Claims:
        if len(token) > MAX_TOKEN_BYTES or not token.isascii():
            raise TokenInvalid("The token is not one of ours.")
        now = self._clock.now()
        name = (hashlib.sha256(token.encode()).digest(), typ)
        key, claims = self._verified.get(name) or (None, {})
        # A signature stays right; whether its key is still in use, and the times, may change.
        if key is None or key not in keys or not _is_in_use(key, now=now):
            key, claims = self._verified.keep(name, _checked(token, typ=typ, keys=keys, now=now))
        _in_time(claims, now=now)
        return claims

    def jwk(self, key: SigningKey) -> Mapping[str, str]:
        public = _public(key.public)
        if isinstance(public, RSAPublicKey):
            members = RSAAlgorithm.to_jwk(public, as_dict=True)
        else:
            members = ECAlgorithm.to_jwk(public, as_dict=True)
        # RFC 7517, 4.3: key_ops, which the library adds, is not for where use stands.
        shown = {name: value for name, value in members.items() if name != "key_ops"}
        return {**shown, "kid": key.kid, "alg": key.alg, "use": "sig"}

    def key_pair(self, name: str) -> SigningKey:
        try:
            answer = self._client.get_public_key(KeyId=name)
        except (BotoCoreError, ClientError) as error:
            raise KmsUnavailable("The key service did not answer.") from error
        public = cast("bytes", answer["PublicKey"])
        return SigningKey(
            kid=kid_of(public),
            arn=str(answer["KeyId"]),
            alg=_alg_of(public),
            state=KeyState.CURRENT,
            public=public,
        )


def kid_of(public: bytes) -> str:
    """Answer the name of a key pair: its kind, and 8 hex digits of its public half's SHA-256."""
    return f"{_KINDS[_alg_of(public)]}-{hashlib.sha256(public).hexdigest()[:8]}"


class _KmsAlgorithm(Algorithm):
    """An algorithm (RFC 7518, section 3) with a KMS key ARN in the place of a private key.

    It only signs: the library verifies with the public half, and writes that as a JWK.
    """

    def __init__(self, client: KmsClient, name: str) -> None:
        self._client = client
        self._name = name

    def prepare_key(self, key: str) -> str:
        return key

    def sign(self, msg: bytes, key: str) -> bytes:
        try:
            answer = self._client.sign(
                KeyId=key, Message=msg, MessageType="RAW", SigningAlgorithm=self._name
            )
        except (BotoCoreError, ClientError) as error:
            raise KmsUnavailable("The token could not be signed.") from error
        signature = cast("bytes", answer["Signature"])
        is_rsa = self._name == _SIGNED_BY[SigningAlg.RS256]
        return signature if is_rsa else der_to_raw_signature(signature, SECP256R1())

    def verify(self, msg: bytes, key: str, sig: bytes) -> NoReturn:
        raise NotImplementedError

    @staticmethod
    def to_jwk(key_obj: str, as_dict: bool = False) -> NoReturn:  # noqa: FBT001, FBT002
        raise NotImplementedError

    @staticmethod
    def from_jwk(jwk: object) -> NoReturn:
        raise NotImplementedError


def _checked(
    token: str, *, typ: str, keys: Sequence[SigningKey], now: int
) -> tuple[SigningKey, Claims]:
    try:
        key = _named(jwt.get_unverified_header(token).get("kid"), keys, now=now)
        public = _public(key.public)
        checked = jwt.decode_complete(token, public, algorithms=[key.alg], options=_OPTIONS)
    except jwt.InvalidTokenError:
        # What the library says may quote the token.
        raise TokenInvalid("The token is not one of ours.") from None
    if checked["header"].get("typ") != typ:
        raise TokenInvalid("This kind of token is not accepted here.")
    return key, checked["payload"]


def _named(kid: object, keys: Sequence[SigningKey], *, now: int) -> SigningKey:
    for key in keys:
        if key.kid == kid and _is_in_use(key, now=now):
            return key
    raise TokenInvalid("The token was signed with a key that is not in use.")


def _is_in_use(key: SigningKey, *, now: int) -> bool:
    return key.not_after is None or now < key.not_after


@lru_cache(maxsize=16)
def _public(der: bytes) -> EllipticCurvePublicKey | RSAPublicKey:
    key = load_der_public_key(der)
    if not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
        raise TypeError("A signing key is an EC or an RSA key.")
    return key


def _alg_of(public: bytes) -> SigningAlg:
    is_rsa = isinstance(_public(public), RSAPublicKey)
    return SigningAlg.RS256 if is_rsa else SigningAlg.ES256


def _in_time(claims: Claims, *, now: int) -> None:
    exp, iat, nbf = claims["exp"], claims["iat"], claims.get("nbf", 0)
    # A boolean is an int to Python, and never a NumericDate.
    if not (type(exp) is int and type(iat) is int and type(nbf) is int):
        raise TokenInvalid("The token's times are not whole seconds.")
    if max(iat, nbf) > now + CLOCK_LEEWAY:
        raise TokenInvalid("The token is not valid yet.")
