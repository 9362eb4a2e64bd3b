"""`./scripts/run` as a newcomer meets it, without the installation that comes first."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.dynamodb_local import available
from infra.local.run.environment import inherited

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
READY = "Ctrl-C ends everything."

pytestmark = pytest.mark.slow


def free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return numbers


@dataclass(slots=True)
class Launched:
    """One folder of state and three ports, on which a run is started again and again."""

    state: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> str:
        """Start, wait until it says where to look, and return all that it said."""
        process = self.process = self.spawn(*options)
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if READY in line:
                return said
        pytest.fail(f"the run ended with {process.wait()}: {said}")

    def spawn(self, *options: str) -> subprocess.Popen[str]:
        platform, sample, cloud = map(str, self.ports)
        ports = ("--port", platform, "--sample-port", sample, "--cloud-port", cloud)
        without = {name: v for name, v in inherited().items() if name != "AWS_ENDPOINT_URL"}
        return subprocess.Popen(
            [sys.executable, "-m", "infra.local.run", "--state", str(self.state), *ports, *options],
            cwd=ROOT,
            env=without,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def get(self, port: int, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            body: bytes = answer.read()
        return body

    def knows_redirect(self, uri: str) -> bool:
        """Tell whether the sample application may be returned to at an address."""
        body = {"workspaceName": "demo", "appId": "notes", "redirectUri": uri}
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[0]}/api/v1/applications/validate-redirect",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - ours
            return bool(json.load(answer)["valid"])

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Launched]:
    made = Launched(tmp_path / "state")
    yield made
    if made.process is not None:
        made.end(signal.SIGTERM)


def nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_starts_serves_keeps_its_state_and_ends_all_that_it_started(launched: Launched) -> None:
    said = launched.start()
    platform, sample, cloud = launched.ports
    assert f"http://localhost:{platform}" in said
    assert launched.get(platform, "/api/v1/health")
    assert b"<html" in launched.get(sample, "/").lower()
    assert json.loads(launched.get(sample, "/config.json"))
    assert "mails" in json.loads(launched.get(platform, "/dev/outbox.json"))
    assert b"Signing in" in launched.get(platform, "/app/sessions/login")
    assert launched.state.stat().st_mode & 0o777 == 0o700
    passwords = (launched.state / "credentials.json").read_bytes()
    assert launched.end(signal.SIGINT) == 0
    assert all(map(nobody_listens, (platform, sample, cloud)))

    (launched.ports[1],) = free_ports(1)  # the sample moves, and is known where it is now
    launched.start()
    assert launched.knows_redirect(f"http://127.0.0.1:{launched.ports[1]}/")
    assert launched.knows_redirect(f"http://127.0.0.1:{sample}/")
    assert (launched.state / "credentials.json").read_bytes() == passwords
    assert launched.end(signal.SIGTERM) == 0


def test_an_occupied_port_is_named_and_nothing_is_started(launched: Launched) -> None:
    with socket.create_server(("127.0.0.1", launched.ports[1])):
        process = launched.spawn()
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"port {launched.ports[1]} for the sample application is occupied" in said
    assert "--sample-port" in said
    assert nobody_listens(launched.ports[2])


def test_after_a_kill_the_children_let_go_and_the_next_start_works(launched: Launched) -> None:
    launched.start()
    time.sleep(3)
    assert launched.end(signal.SIGKILL) == -signal.SIGKILL
    launched.start()
    assert launched.get(launched.ports[0], "/api/v1/health")
    assert launched.end(signal.SIGTERM) == 0


def test_a_dead_child_ends_the_run_with_an_error(launched: Launched) -> None:
    launched.start()
    assert launched.process is not None
    listing = subprocess.run(
        ["ps", "-wweo", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listing.splitlines()]
    parent = str(launched.process.pid)
    (cloud,) = [int(p) for p, of, args in rows if of == parent and "infra.local.cloud" in args]
    os.kill(cloud, signal.SIGKILL)
    said, _ = launched.process.communicate(timeout=60)
    assert launched.process.returncode == 1
    launched.process = None
    assert "the cloud ended by itself (signal 9)" in said
    with pytest.raises(urllib.error.URLError):
        launched.get(launched.ports[0], "/api/v1/health")


def test_with_dynamodb_local_the_data_is_kept_by_that_engine(launched: Launched) -> None:
    if reason := available():
        pytest.skip(reason)
    (port,) = free_ports(1)
    options = ("--dynamodb-local", "--dynamodb-port", str(port))
    for _ in range(2):
        launched.start(*options)
        assert launched.get(launched.ports[0], "/api/v1/health")
        assert launched.end(signal.SIGTERM) == 0
        assert nobody_listens(port)
    assert list((launched.state / "dynamodb").iterdir())
