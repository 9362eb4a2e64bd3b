"""The root key: a symmetric KMS key that wraps the workspace keys."""

from collections.abc import Mapping
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import DomainError, KeyUnavailable, KmsUnavailable, Unopenable

_UNAVAILABLE = frozenset(
    {
        "AccessDeniedException",
        "DisabledException",
        "KMSInvalidStateException",
        "NotFoundException",
    }
)
_UNOPENABLE = frozenset({"IncorrectKeyException", "InvalidCiphertextException"})


class KmsClient(Protocol):
    """The part of boto3's KMS client that the root key needs."""

    def generate_data_key(self, **request: object) -> dict[str, object]:
        """Make a data key, plain and wrapped."""
        ...

    def decrypt(self, **request: object) -> dict[str, object]:
        """Unwrap a data key."""
        ...


class KmsRootKey:
    """Answers the port `RootKey`; `key` is the id, ARN or alias that wraps new keys."""

    def __init__(self, client: KmsClient, *, key: str) -> None:
        self._client = client
        self._key = key

    def new_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes, str]:
        try:
            answer = self._client.generate_data_key(
                KeyId=self._key, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        except (BotoCoreError, ClientError) as error:
            raise _translated(error) from error
        # An alias may point to another key tomorrow; the ARN will not.
        return _bytes(answer, "Plaintext"), _bytes(answer, "CiphertextBlob"), str(answer["KeyId"])

    def unwrap(self, wrapped: bytes, *, arn: str, context: Mapping[str, str]) -> bytes:
        try:
            answer = self._client.decrypt(
                CiphertextBlob=wrapped, KeyId=arn, EncryptionContext=dict(context)
            )
        except (BotoCoreError, ClientError) as error:
            raise _translated(error) from error
        return _bytes(answer, "Plaintext")


def _translated(error: BotoCoreError | ClientError) -> DomainError:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in _UNAVAILABLE:
        return KeyUnavailable("The workspace's key cannot be used now. The data is intact.")
    if code in _UNOPENABLE:
        return Unopenable("The wrapped workspace key does not belong here.")
    return KmsUnavailable("The key service did not answer. Nothing was changed.")


def _bytes(answer: Mapping[str, object], member: str) -> bytes:
    value = answer[member]
    if not isinstance(value, bytes):
        raise KmsUnavailable("The key service answered in an unknown form.")
    return value
