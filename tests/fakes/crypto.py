"""The root key and the signing keys of KMS, in memory."""

import json
import secrets
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.adapters.signing import KmsSignatures, kid_of
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable, Unopenable
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import KeyState, SigningKey


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
        self._keys: dict[str, EllipticCurvePrivateKey] = {}

    def new_key(self, *, state: KeyState = KeyState.CURRENT) -> SigningKey:
        private = generate_private_key(SECP256R1())
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        key = SigningKey(
            kid=kid_of(public),
            arn=f"arn:aws:kms:eu-central-1:000000000000:key/{kid_of(public)}",
            alg="ES256",
            state=state,
            public=public,
        )
        self._keys[key.arn] = private
        return key

    def private(self, key: SigningKey) -> EllipticCurvePrivateKey:
        return self._keys[key.arn]

    def sign(self, **request: object) -> dict[str, object]:
        message = request["Message"]
        assert request["MessageType"] == "RAW"
        assert request["SigningAlgorithm"] == "ECDSA_SHA_256"
        assert isinstance(message, bytes)
        return {"Signature": self._keys[str(request["KeyId"])].sign(message, ECDSA(SHA256()))}

    def get_public_key(self, **request: object) -> dict[str, object]:
        public = self._keys[str(request["KeyId"])].public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"KeyId": request["KeyId"], "PublicKey": der}


class LocalSignatures(KmsSignatures):
    """Answers `Signatures` with key pairs that live here; `new_key` makes one."""

    def __init__(self, *, clock: Clock) -> None:
        self.kms = LocalKms()
        super().__init__(self.kms, clock=clock)

    def new_key(self, *, state: KeyState = KeyState.CURRENT) -> SigningKey:
        return self.kms.new_key(state=state)


def _written(context: Mapping[str, str]) -> str:
    return json.dumps(dict(context), sort_keys=True)
