"""A whole run of the product in a process group of its own, killed and started as one wants."""

import os
import signal
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.run.environment import for_children, inherited
from tests.e2e.client import Client, wait_until
from tests.engines import free_port

ROOT = Path(__file__).parents[2]
_READY = "Ctrl-C ends everything."


@dataclass(slots=True)
class Run:
    """One folder of state and its ports; `start` may be repeated after `kill`."""

    state: Path
    with_dynamodb_local: bool = False
    port: int = field(default_factory=free_port)
    sample_port: int = field(default_factory=free_port)
    cloud_port: int = field(default_factory=free_port)
    dynamodb_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[str] | None = None

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sample(self) -> str:
        return f"http://127.0.0.1:{self.sample_port}"

    @property
    def client(self) -> Client:
        return Client(self.port)

    def environment(self) -> dict[str, str]:
        """What the children of this run are given."""
        return for_children(
            _without_endpoint(),
            origin=self.origin,
            sample_origin=self.sample,
            state=self.state,
            cloud_port=self.cloud_port,
            dynamodb_port=self.dynamodb_port if self.with_dynamodb_local else None,
        )

    def start(self) -> str:
        """Start, wait until it says where to look, and answer all that it said."""
        ports = {
            "--port": self.port,
            "--sample-port": self.sample_port,
            "--cloud-port": self.cloud_port,
            "--dynamodb-port": self.dynamodb_port,
        }
        options = [text for name, port in ports.items() for text in (name, str(port))]
        if self.with_dynamodb_local:
            options.append("--dynamodb-local")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.run", "--state", str(self.state), *options],
            cwd=ROOT,
            env=_without_endpoint(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A group of its own can be killed as a whole, as a terminal that is closed does.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            said += line
            if _READY in line:
                return said
        raise AssertionError(f"the run ended with {self._process.wait()}: {said}")

    def kill(self) -> None:
        """End every process of the run at once, without a word."""
        self._end(signal.SIGKILL)
        wait_until(lambda: not self.client.is_there(), "the ports to be free")

    def stop(self) -> None:
        """End the run as Ctrl-C does."""
        self._end(signal.SIGINT)

    def token(self, user: str = "mira@demo.example", app: str = "notes", *more: str) -> str:
        """What `scripts/token` prints."""
        return subprocess.run(
            [
                *(sys.executable, "-m", "infra.local.token", "--state", str(self.state)),
                *("--user", user, "--app", app, *more),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdout is not None
        with closing(process.stdout), suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            process.wait(60)


def _without_endpoint() -> dict[str, str]:
    return {name: text for name, text in inherited().items() if not name.startswith("AWS_")}
