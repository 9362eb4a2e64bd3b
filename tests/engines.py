"""The two engines that stores are tested on: the embedded cloud, and DynamoDB Local beside it."""

import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.local import dynamodb_local as amazon
from infra.local.provision import Provisioner


@dataclass(frozen=True, slots=True)
class Engine:
    """Endpoints to test against, and a way to get a stage that nobody else uses."""

    name: str
    endpoint: str
    dynamodb_endpoint: str
    provisioner: Provisioner

    def fresh_stage(self) -> str:
        """Make every resource of a new stage; returns its name."""
        stage = self._new_name()
        self.provisioner.everything(stage=stage)
        return stage

    def fresh_tables(self) -> str:
        """Make only the tables of a new stage, which is faster; returns its name."""
        stage = self._new_name()
        self.provisioner.tables(stage=stage)
        return stage

    def client(self, service: str) -> Any:
        """A boto3 client of this engine; the same one each time."""
        return self.provisioner.client(service)

    @staticmethod
    def _new_name() -> str:
        return f"t{secrets.token_hex(6)}"


@pytest.fixture(scope="session")
def moto_cloud() -> Iterator[Engine]:
    """The embedded cloud in a process of its own, without a snapshot."""
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local.cloud", "--port", "0", "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        endpoint = process.stdout.readline().split()[-1]
        yield Engine("moto", endpoint, endpoint, Provisioner(endpoint=endpoint))
        process.terminate()


@pytest.fixture(scope="session")
def dynamodb_local(moto_cloud: Engine) -> Iterator[Engine]:
    """DynamoDB Local in memory; everything but DynamoDB is the embedded cloud."""
    if reason := amazon.available():
        pytest.skip(reason)
    try:
        process = amazon.start(port := free_port(), None)
    except amazon.EngineError as error:
        pytest.skip(str(error))
    endpoint = f"http://127.0.0.1:{port}"
    provisioner = Provisioner(endpoint=moto_cloud.endpoint, dynamodb_endpoint=endpoint)
    with process:
        yield Engine("dynamodb_local", moto_cloud.endpoint, endpoint, provisioner)
        process.kill()


@pytest.fixture(
    scope="session",
    params=["moto_cloud", pytest.param("dynamodb_local", marks=pytest.mark.slow)],
)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Engine)
    return chosen


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
