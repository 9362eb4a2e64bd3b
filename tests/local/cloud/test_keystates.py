"""A key that is closed opens nothing, in the embedded cloud as in AWS."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engines import Engine

Use = Callable[[Any, str], object]


def _uses(kms: Any, key: str) -> dict[str, Use]:
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    return {
        "Encrypt": lambda kms, key: kms.encrypt(KeyId=key, Plaintext=b"x"),
        "Decrypt": lambda kms, _: kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"}),
        "GenerateDataKey": lambda kms, key: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
        "GenerateDataKeyWithoutPlaintext": lambda kms, key: kms.generate_data_key_without_plaintext(
            KeyId=key, KeySpec="AES_256"
        ),
        "ReEncrypt": lambda kms, key: kms.re_encrypt(
            CiphertextBlob=sealed, SourceEncryptionContext={"a": "b"}, DestinationKeyId=key
        ),
    }


def _signing_uses(kms: Any, key: str) -> dict[str, Use]:
    algorithm = "ECDSA_SHA_256"
    signature = kms.sign(KeyId=key, Message=b"m", SigningAlgorithm=algorithm)["Signature"]
    return {
        "Sign": lambda kms, key: kms.sign(KeyId=key, Message=b"m", SigningAlgorithm=algorithm),
        "Verify": lambda kms, key: kms.verify(
            KeyId=key, Message=b"m", Signature=signature, SigningAlgorithm=algorithm
        ),
        "GetPublicKey": lambda kms, key: kms.get_public_key(KeyId=key),
    }


@pytest.mark.parametrize(("kind", "count"), [("root", 5), ("signing-1", 3)])
def test_a_disabled_key_refuses_and_an_enabled_one_works_again(
    moto_cloud: Engine, kind: str, count: int
) -> None:
    kms, key = _key(moto_cloud, kind)
    uses = (_uses if kind == "root" else _signing_uses)(kms, key)
    assert len(uses) == count
    kms.disable_key(KeyId=key)
    assert _codes(kms, key, uses) == dict.fromkeys(uses, "DisabledException")
    kms.enable_key(KeyId=key)
    assert _codes(kms, key, uses) == dict.fromkeys(uses, "")


@pytest.mark.parametrize("kind", ["root", "signing-1"])
def test_a_key_pending_deletion_refuses_until_it_is_cancelled(
    moto_cloud: Engine, kind: str
) -> None:
    kms, key = _key(moto_cloud, kind)
    uses = (_uses if kind == "root" else _signing_uses)(kms, key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert _codes(kms, key, uses) == dict.fromkeys(uses, "KMSInvalidStateException")
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.enable_key(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)
    # A key that was rescued is disabled, says AWS, until someone enables it.
    assert _codes(kms, key, uses) == dict.fromkeys(uses, "DisabledException")
    kms.enable_key(KeyId=key)
    assert _codes(kms, key, uses) == dict.fromkeys(uses, "")


def test_an_alias_of_a_disabled_key_refuses_too(moto_cloud: Engine) -> None:
    stage, kms = moto_cloud.fresh_stage(), moto_cloud.client("kms")
    alias = f"alias/secureflows-{stage}-root"
    kms.disable_key(KeyId=kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"])
    with pytest.raises(kms.exceptions.DisabledException):
        kms.generate_data_key(KeyId=alias, KeySpec="AES_256")


def test_another_context_opens_nothing(moto_cloud: Engine) -> None:
    kms, key = _key(moto_cloud, "root")
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"a": "c"})


def test_a_digest_is_refused_rather_than_signed_wrongly(moto_cloud: Engine) -> None:
    kms, key = _key(moto_cloud, "signing-1")
    with pytest.raises(ClientError, match="RAW"):
        kms.sign(
            KeyId=key, Message=b"0" * 32, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
        )


def _key(cloud: Engine, kind: str) -> tuple[Any, str]:
    kms = cloud.client("kms")
    alias = f"alias/secureflows-{cloud.fresh_stage()}-{kind}"
    return kms, kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]


def _codes(kms: Any, key: str, uses: dict[str, Use]) -> dict[str, str]:
    return {name: _code(kms, key, use) for name, use in uses.items()}


def _code(kms: Any, key: str, use: Use) -> str:
    try:
        use(kms, key)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
