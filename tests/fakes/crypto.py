"""The root key and the signing keys of KMS, in memory."""

import json
import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.adapters.signing import KmsSignatures, kid_of
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable, Unopenable
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey


class MemoryRootKey:
    """Answers `RootKey`; can be disabled as in the console of KMS, and can go silent."""

    def __init__(self, arn: str = "arn:aws:kms:eu-central-1:000000000000:key/memory") -> None:
        self.arn = arn
        self.is_enabled = True
        self.is_reachable = True
        self.calls = 0
        self._wrapped: dict[bytes, tuple[bytes, str]] = {}

    def new_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes, str]:
        self._answer(self.arn)
        plain, wrapped = secrets.token_bytes(32), secrets.token_bytes(184)
        self._wrapped[wrapped] = (plain, _written(context))
        return plain, wrapped, self.arn

    def unwrap(self, wrapped: bytes, *, arn: str, context: Mapping[str, str]) -> bytes:
        self._answer(arn)
        plain, bound = self._wrapped.get(wrapped, (b"", ""))
        if bound != _written(context):
            raise Unopenable("The wrapped workspace key does not belong here.")
        return plain

    def _answer(self, arn: str) -> None:
        self.calls += 1
        if not self.is_reachable:
            raise KmsUnavailable("The key service did not answer.")
        if not self.is_enabled or arn != self.arn:
            raise KeyUnavailable("The workspace's key cannot be used now.")


class LocalKms:
    """The part of KMS that signs, with key pairs that live here; for `KmsSignatures`."""

    def __init__(self) -> None:
        self._keys: dict[str, EllipticCurvePrivateKey | RSAPrivateKey] = {}
        self.aliases: dict[str, str] = {}

    def new_key(
        self, *, state: KeyState = KeyState.CURRENT, alg: SigningAlg = SigningAlg.ES256
    ) -> SigningKey:
        private = ec_key(SECP256R1()) if alg is SigningAlg.ES256 else rsa_key(65_537, 2_048)
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = SigningKey(
            kid=kid_of(public),
            arn=f"arn:aws:kms:eu-central-1:000000000000:key/{kid_of(public)}",
            alg=alg,
            state=state,
            public=public,
        )
        self._keys[key.arn] = private
        return key

    def private(self, key: SigningKey) -> EllipticCurvePrivateKey:
        private = self._keys[key.arn]
        assert isinstance(private, EllipticCurvePrivateKey)
        return private

    def create_key(self, **request: object) -> dict[str, object]:
        algs = {"ECC_NIST_P256": SigningAlg.ES256, "RSA_2048": SigningAlg.RS256}
        assert request["KeyUsage"] == "SIGN_VERIFY"
        return {"KeyMetadata": {"Arn": self.new_key(alg=algs[str(request["KeySpec"])]).arn}}

    def create_alias(self, **request: object) -> dict[str, object]:
        self.aliases[str(request["AliasName"])] = str(request["TargetKeyId"])
        return {}

    def sign(self, **request: object) -> dict[str, object]:
        message, private = request["Message"], self._keys[str(request["KeyId"])]
        assert request["MessageType"] == "RAW"
        assert isinstance(message, bytes)
        if isinstance(private, RSAPrivateKey):
            assert request["SigningAlgorithm"] == "RSASSA_PKCS1_V1_5_SHA_256"
            return {"Signature": private.sign(message, PKCS1v15(), SHA256())}
        assert request["SigningAlgorithm"] == "ECDSA_SHA_256"
        return {"Signature": private.sign(message, ECDSA(SHA256()))}

    def get_public_key(self, **request: object) -> dict[str, object]:
        public = self._keys[str(request["KeyId"])].public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"KeyId": request["KeyId"], "PublicKey": der}


class LocalSignatures(KmsSignatures):
    """Answers `Signatures` with key pairs that live here; `new_key` makes one."""

    def __init__(self, *, clock: Clock) -> None:
        self.kms = LocalKms()
        super().__init__(self.kms, clock=clock)

    def new_key(
        self, *, state: KeyState = KeyState.CURRENT, alg: SigningAlg = SigningAlg.ES256
    ) -> SigningKey:
        return self.kms.new_key(state=state, alg=alg)


def _written(context: Mapping[str, str]) -> str:
    return json.dumps(dict(context), sort_keys=True)
