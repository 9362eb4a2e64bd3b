"""What every vault of backups must do: the one in memory, and S3."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from chalicelib.adapters.s3 import S3Vault
from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.ports.records import BackupVault
from tests.contracts import cloud
from tests.fakes.surroundings import MemoryVault


@pytest.fixture(params=["memory", "s3"])
def vault(request: pytest.FixtureRequest) -> Iterator[BackupVault]:
    if request.param == "memory":
        yield MemoryVault()
        return
    with cloud.client("s3") as s3:
        _make_bucket(s3)
        yield S3Vault(s3, bucket="vault")


@pytest.mark.parametrize("body", [b"", b"sealed", bytes(range(256)) * 4096])
def test_an_object_comes_back(vault: BackupVault, body: bytes) -> None:
    vault.put("2026-11-22/sessions/0", body)
    assert vault.get("2026-11-22/sessions/0") == body


def test_an_object_is_written_once(vault: BackupVault) -> None:
    vault.put("a", b"first")
    with pytest.raises(Duplicate):
        vault.put("a", b"second")
    assert vault.get("a") == b"first"


def test_an_absent_object_is_not_found(vault: BackupVault) -> None:
    with pytest.raises(NotFound):
        vault.get("a")


def test_names_are_found_by_how_they_start_and_in_order(vault: BackupVault) -> None:
    for name in ("b/2", "a/1", "b/10", "b", "c/1"):
        vault.put(name, b"")
    assert list(vault.names("b/")) == ["b/10", "b/2"]
    assert list(vault.names("z")) == []


def test_names_are_read_to_the_last_page() -> None:
    with cloud.client("s3") as s3:
        _make_bucket(s3)
        s3.meta.events.register(
            "provide-client-params.s3.ListObjectsV2", lambda params, **_: {**params, "MaxKeys": 2}
        )
        vault = S3Vault(s3, bucket="vault")
        wanted = [f"many/{number}" for number in range(5)]
        for name in wanted:
            vault.put(name, b"")
        assert list(vault.names("many/")) == wanted


def test_an_object_that_differs_from_its_checksum_is_refused() -> None:
    # The vault asks for the checksum itself, whatever the client was told to do by default.
    config = Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with cloud.client("s3", config=config) as s3:
        _make_bucket(s3)
        vault = S3Vault(s3, bucket="vault")
        vault.put("a", b"first")
        assert "ChecksumSHA256" in s3.head_object(Bucket="vault", Key="a", ChecksumMode="ENABLED")
        stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["vault"].keys["a"]
        stored.value = b"other"
        with pytest.raises(Unopenable):
            vault.get("a")


def test_a_vault_that_does_not_answer_is_unavailable() -> None:
    with cloud.unreachable("s3") as s3:
        vault = S3Vault(s3, bucket="vault")
        for ask in (lambda: vault.put("a", b""), lambda: vault.get("a"), lambda: vault.names("")):
            with pytest.raises(StoreUnavailable):
                ask()


def test_a_missing_bucket_is_not_a_missing_object() -> None:
    with cloud.client("s3") as s3, pytest.raises(StoreUnavailable):
        S3Vault(s3, bucket="elsewhere").get("a")


def _make_bucket(s3: Any) -> None:
    s3.create_bucket(
        Bucket="vault", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
