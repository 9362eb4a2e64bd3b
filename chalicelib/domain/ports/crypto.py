"""Ports to keys and ciphers; plaintext keys are bytes that never leave process memory."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.domain.dpop import Proof
from chalicelib.domain.keys import Place
from chalicelib.domain.tokens import Claims, SigningAlg, SigningKey


class RootKey(Protocol):
    """The KMS key above every workspace key; raises `KeyUnavailable` or `KmsUnavailable`."""

    def new_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes, str]:
        """Make 32 random bytes: answers them plain and wrapped, and the root key's ARN."""
        ...

    def unwrap(self, wrapped: bytes, *, arn: str, context: Mapping[str, str]) -> bytes:
        """Answer the 32 bytes that were wrapped with exactly this context."""
        ...


class Cipher(Protocol):
    """AES-256-GCM for user keys, AWS Encryption SDK messages for everything else."""

    def new_user_key(self) -> bytes:
        """Make 32 random bytes."""
        ...

    def wrap(self, user_key: bytes, *, under: bytes, context: Mapping[str, str]) -> bytes:
        """Wrap a user key under a workspace key: 0x01, nonce (12), ciphertext, tag (16)."""
        ...

    def unwrap(self, wrapped: bytes, *, under: bytes, context: Mapping[str, str]) -> bytes:
        """Answer the user key; raises `Unopenable` for another context or an altered byte."""
        ...

    def seal(self, plaintext: bytes, *, key: bytes, version: int, place: Place) -> bytes:
        """Answer an Encryption SDK message that is bound to its place."""
        ...

    def open(self, message: bytes, *, key: bytes, version: int, place: Place) -> bytes:
        """Answer the plaintext; raises `Unopenable` for a message from any other place."""
        ...

    def lookup(self, value: str, *, key: bytes, info: str) -> str:
        """Answer a keyed hash (HMAC-SHA-256 under an HKDF-derived key), base64url."""
        ...


class Signatures(Protocol):
    """JSON Web Signatures (RFC 7515) with keys that never leave KMS."""

    def sign(self, claims: Claims, *, typ: str, key: SigningKey) -> str:
        """Answer a compact JWS; raises `KmsUnavailable`."""
        ...

    def verify(self, token: str, *, typ: str, keys: Sequence[SigningKey]) -> Claims:
        """Answer the claims of a token that one of the keys signed.

        Raises `TokenInvalid` (size, form, alg, kid, signature, typ) or `TokenExpired`; the
        caller compares issuer, audience and everything behind them.
        """
        ...

    def authentic(self, token: str, *, typ: str, keys: Sequence[SigningKey]) -> Claims:
        """Answer what `verify` answers, of a token that may have expired since."""
        ...

    def jwk(self, key: SigningKey) -> Mapping[str, str]:
        """Answer a public key as a JWK (RFC 7517) with kid, alg and use."""
        ...

    def key_pair(self, name: str) -> SigningKey:
        """Answer a KMS key pair by ARN or alias, as current; raises `KmsUnavailable`."""
        ...


class KeyPairs(Protocol):
    """Where the deployment's key pairs for signing are made."""

    def make(self, alg: SigningAlg) -> SigningKey:
        """Make a key pair in KMS and answer its public half, as next; raises `KmsUnavailable`."""
        ...


class Proofs(Protocol):
    """DPoP proofs: JSON Web Signatures by the key that they carry (RFC 9449, section 4)."""

    def read(self, text: str) -> Proof:
        """Answer what a proof claims, signed rightly with a public key of an allowed algorithm.

        Raises `DpopRequired`; the caller holds the claims against the request.
        """
        ...
