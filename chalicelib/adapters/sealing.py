"""Sealing: AWS Encryption SDK messages bound to their place, and the wraps of user keys."""

import base64
import hashlib
import hmac
import io
import secrets
from collections.abc import Mapping

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.adapters.postponed import postponed
from chalicelib.domain.errors import Unopenable
from chalicelib.domain.keys import Place
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES

# Wanted for key providers and locks that are not used here; loaded with the first use.
with postponed("boto3", "asyncio"):
    from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
    from aws_encryption_sdk.identifiers import Algorithm, EncryptionKeyType, WrappingAlgorithm
    from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
    from aws_encryption_sdk.key_providers.raw import RawMasterKey
    from aws_encryption_sdk.materials_managers import (
        DecryptionMaterials,
        DecryptionMaterialsRequest,
        EncryptionMaterials,
        EncryptionMaterialsRequest,
    )
    from aws_encryption_sdk.materials_managers.base import CryptoMaterialsManager
    from aws_encryption_sdk.materials_managers.default import DefaultCryptoMaterialsManager

# Committing and unsigned: who writes and who reads are one trust domain.
_SUITE = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY
_PROVIDER = "secureflows"
# More than any payload, so that a message is one frame; a multiple of the block size in bits.
_FRAME = MAX_PAYLOAD_BYTES + 128

_KEY = 32
_LAYOUT = b"\x01"
_NONCE = 12
_WRAPPED = len(_LAYOUT) + _NONCE + _KEY + 16
_WRAP_INFO = b"sf/wrap/v1"


class EnvelopeCipher:
    """Answers the port `Cipher`; holds no key."""

    def __init__(self) -> None:
        self._client = EncryptionSDKClient(
            commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
            max_encrypted_data_keys=1,
        )

    def new_user_key(self) -> bytes:
        return secrets.token_bytes(_KEY)

    def wrap(self, user_key: bytes, *, under: bytes, context: Mapping[str, str]) -> bytes:
        if len(user_key) != _KEY:
            raise ValueError("A user key has 32 bytes.")
        nonce = secrets.token_bytes(_NONCE)
        gcm = AESGCM(_derived(under, _WRAP_INFO))
        return _LAYOUT + nonce + gcm.encrypt(nonce, user_key, rfc8785.dumps(dict(context)))

    def unwrap(self, wrapped: bytes, *, under: bytes, context: Mapping[str, str]) -> bytes:
        if len(wrapped) != _WRAPPED or not wrapped.startswith(_LAYOUT):
            raise Unopenable("The wrapped key has an unknown form.")
        nonce = wrapped[len(_LAYOUT) : len(_LAYOUT) + _NONCE]
        gcm = AESGCM(_derived(under, _WRAP_INFO))
        try:
            return gcm.decrypt(
                nonce, wrapped[len(_LAYOUT) + _NONCE :], rfc8785.dumps(dict(context))
            )
        except InvalidTag:
            raise Unopenable("The wrapped key does not belong here.") from None

    def seal(self, plaintext: bytes, *, key: bytes, version: int, place: Place) -> bytes:
        message, _ = self._client.encrypt(
            source=plaintext,
            materials_manager=_Placed(key, version=version, place=place),
            encryption_context=place.context(),
            algorithm=_SUITE,
            frame_length=_FRAME,
        )
        return bytes(message)

    def open(self, message: bytes, *, key: bytes, version: int, place: Place) -> bytes:
        materials = _Placed(key, version=version, place=place)
        source = io.BytesIO(message)
        try:
            plaintext, _ = self._client.decrypt(source=source, materials_manager=materials)
        except Unopenable:
            raise
        # The parser of a hostile message may fail in any way; what it says may quote the message.
        except Exception:  # noqa: BLE001
            raise Unopenable("The sealed message does not belong here.") from None
        if source.tell() != len(message):
            raise Unopenable("The sealed message is longer than it says.")
        return bytes(plaintext)

    def lookup(self, value: str, *, key: bytes, info: str) -> str:
        digest = hmac.digest(_derived(key, info.encode()), value.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Placed(CryptoMaterialsManager):  # type: ignore[misc]  # the SDK carries no types
    """Gives out data keys for one place only.

    The SDK takes a message's context from the message itself; whoever can move rows could move
    a message with it. So the header is compared with the place before any key is unwrapped.
    """

    def __init__(self, key: bytes, *, version: int, place: Place) -> None:
        wrapping = WrappingKey(
            wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=key,
            wrapping_key_type=EncryptionKeyType.SYMMETRIC,
        )
        name = f"{place.workspace}/{place.user}/{place.kind}/{version}"
        self._context = place.context()
        self._name = name.encode()
        self._materials = DefaultCryptoMaterialsManager(
            RawMasterKey(key_id=self._name, provider_id=_PROVIDER, wrapping_key=wrapping)
        )

    def get_encryption_materials(self, request: EncryptionMaterialsRequest) -> EncryptionMaterials:
        return self._materials.get_encryption_materials(request)

    def decrypt_materials(self, request: DecryptionMaterialsRequest) -> DecryptionMaterials:
        said = {
            name: value
            for name, value in request.encryption_context.items()
            if not name.startswith("aws-crypto-")
        }
        if request.algorithm is not _SUITE or said != self._context:
            raise Unopenable("The sealed message names another place.")
        for data_key in request.encrypted_data_keys:
            provider = data_key.key_provider
            # Key info is the name, then the lengths of tag and nonce, then the nonce.
            if provider.provider_id != _PROVIDER or provider.key_info[:-20] != self._name:
                raise Unopenable("The sealed message names another key.")
        return self._materials.decrypt_materials(request)


def _derived(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(key)
