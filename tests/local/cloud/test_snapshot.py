"""State outlives the process, however it ends."""

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.provision import Provisioner
from infra.local.template import LOCAL_ACCOUNT

# Each test starts the cloud twice and waits for a snapshot.
pytestmark = pytest.mark.slow

STAGE = "kept"
BUCKET = f"secureflows-{STAGE}-objects-{LOCAL_ACCOUNT}"
ALIAS = f"alias/secureflows-{STAGE}-root"
CONTEXT = {"sf:workspace": "w1"}
ITEM = {
    "PK": {"S": "W#w1#U#1"},
    "SK": {"S": "S#notes#01"},
    "sidPK": {"S": "W#w1#S#01"},
    "sidSK": {"S": "HEAD"},
}


@dataclass(frozen=True, slots=True)
class Cloud:
    process: subprocess.Popen[str]
    provisioner: Provisioner

    def client(self, service: str) -> Any:
        return self.provisioner.client(service)


def test_a_snapshot_survives_being_killed(tmp_path: Path) -> None:
    state = tmp_path / "private" / "cloud.snapshot"
    with _cloud(state) as cloud:
        cloud.provisioner.everything(stage=STAGE)
        sealed, signature = _fill(cloud)
        time.sleep(3)
        cloud.process.kill()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    with _cloud(state) as cloud:
        _assert_filled(cloud, sealed, signature)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_written_last_survives_being_asked_to_stop(
    tmp_path: Path, number: signal.Signals
) -> None:
    state = tmp_path / "cloud.snapshot"
    with _cloud(state) as cloud:
        cloud.provisioner.everything(stage=STAGE)
        sealed, signature = _fill(cloud)
        cloud.process.send_signal(number)
        assert cloud.process.wait(timeout=20) == 0
    with _cloud(state) as cloud:
        _assert_filled(cloud, sealed, signature)


def test_looking_writes_no_snapshot(tmp_path: Path) -> None:
    state = tmp_path / "cloud.snapshot"
    with _cloud(state) as cloud:
        cloud.provisioner.everything(stage=STAGE)
        time.sleep(2)
        before = state.stat()
        cloud.client("dynamodb").scan(TableName=f"secureflows-{STAGE}-sessions")
        cloud.client("kms").encrypt(KeyId=ALIAS, Plaintext=b"x")
        cloud.client("s3").list_objects_v2(Bucket=BUCKET)
        time.sleep(2)
        assert state.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign"])
def test_a_damaged_snapshot_is_an_error_and_is_kept(tmp_path: Path, damage: str) -> None:
    state = tmp_path / "cloud.snapshot"
    with _cloud(state) as cloud:
        cloud.provisioner.tables(stage=STAGE)
    whole = state.read_bytes()
    damaged = {
        "cut": whole[: len(whole) // 2],
        "changed": whole[:-10] + b"0123456789",
        "foreign": b"something else",
    }[damage]
    state.write_bytes(damaged)

    refused = subprocess.run(
        _command(state), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )

    assert refused.returncode == 3
    assert str(state) in refused.stderr
    assert "Traceback" not in refused.stderr
    (kept,) = tmp_path.glob("cloud.snapshot.unreadable-*")
    assert kept.read_bytes() == damaged
    with _cloud(state) as cloud:
        assert cloud.client("dynamodb").list_tables()["TableNames"] == []


def test_an_occupied_port_is_named(tmp_path: Path) -> None:
    with _cloud(tmp_path / "one") as cloud:
        port = cloud.provisioner.endpoint.rpartition(":")[2]
        command = [sys.executable, "-m", "infra.local.cloud", "--port", port]
        second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"port {port} is occupied" in second.stderr.lower()


@contextmanager
def _cloud(state: Path) -> Iterator[Cloud]:
    with subprocess.Popen(
        [*_command(state), "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().split()[-1]
        assert httpx.get(f"{endpoint}/_localstack/health").json()["status"] == "running"
        yield Cloud(process, Provisioner(endpoint=endpoint))
        process.terminate()


def _command(state: Path) -> list[str]:
    return [sys.executable, "-m", "infra.local.cloud", "--port", "0", "--state", str(state)]


def _fill(cloud: Cloud) -> tuple[bytes, bytes]:
    cloud.client("dynamodb").put_item(TableName=f"secureflows-{STAGE}-sessions", Item=ITEM)
    cloud.client("s3").put_object(Bucket=BUCKET, Key="o/abc", Body=b"sealed" * 20_000)
    cloud.client("sesv2").send_email(
        FromEmailAddress="no-reply@secureflows.example",
        Destination={"ToAddresses": ["mira@demo.example"]},
        Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hi"}}}},
    )
    kms = cloud.client("kms")
    signed = kms.sign(
        KeyId=f"alias/secureflows-{STAGE}-signing-1",
        Message=b"m",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    sealed = kms.encrypt(KeyId=ALIAS, Plaintext=b"key", EncryptionContext=CONTEXT)
    return sealed["CiphertextBlob"], signed["Signature"]


def _assert_filled(cloud: Cloud, sealed: bytes, signature: bytes) -> None:
    found = cloud.client("dynamodb").query(
        TableName=f"secureflows-{STAGE}-sessions",
        IndexName="by_sid",
        KeyConditionExpression="sidPK = :sid",
        ExpressionAttributeValues={":sid": ITEM["sidPK"]},
    )
    assert found["Items"] == [ITEM]
    held = cloud.client("s3").get_object(Bucket=BUCKET, Key="o/abc")
    assert held["Body"].read() == b"sealed" * 20_000
    kms = cloud.client("kms")
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == b"key"
    assert kms.verify(
        KeyId=f"alias/secureflows-{STAGE}-signing-1",
        Message=b"m",
        Signature=signature,
        SigningAlgorithm="ECDSA_SHA_256",
    )["SignatureValid"]
    (mail,) = httpx.get(f"{cloud.provisioner.endpoint}/_aws/ses").json()["messages"]
    assert mail["Subject"] == "Hello"
    # It goes on from there: a write after the restart works and is found by index.
    another = {**ITEM, "SK": {"S": "S#notes#02"}}
    cloud.client("dynamodb").put_item(TableName=f"secureflows-{STAGE}-sessions", Item=another)
