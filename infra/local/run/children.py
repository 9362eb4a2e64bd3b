"""The processes that a run starts, watches and ends."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_POLL_S = 0.05


class ChildFailedError(Exception):
    """A child ended that should have gone on, or did not do its work."""


@dataclass(frozen=True, slots=True)
class _Child:
    name: str
    process: subprocess.Popen[bytes]


class Children:
    """Children in the order of their start; they stay in the process group of their parent."""

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._running: list[_Child] = []
        # Never written to: that it closes when this process ends is the message.
        self._leash, self._held = os.pipe()

    def start(self, name: str, module: str, *arguments: str, log: Path | None = None) -> None:
        """Start a Python module that is meant to go on; `log` takes its standard output."""
        if log is None:
            self._running.append(_Child(name, self._spawn(module, arguments)))
            return
        with log.open("ab") as file:
            process = self._spawn(module, arguments, stdout=file.fileno())
        self._running.append(_Child(name, process))

    def complete(self, name: str, module: str, *arguments: str, quiet: bool = False) -> None:
        """Run a Python module that is meant to end with success."""
        process = self._spawn(module, arguments, stdout=subprocess.DEVNULL if quiet else None)
        step = _Child(name, process)
        self._running.append(step)
        while process.poll() is None:
            self.check(but=step)
            time.sleep(_POLL_S)
        self._running.remove(step)
        if process.returncode:
            raise ChildFailedError(f"{name} failed ({_how(process.returncode)})")

    def await_answer(
        self, name: str, *, port: int, path: str, patience_s: float, status: int = HTTPStatus.OK
    ) -> None:
        """Wait until GET of a path on 127.0.0.1 has a status, while every child lives."""
        deadline = time.monotonic() + patience_s
        while _status(port, path) != status:
            self.check()
            if time.monotonic() > deadline:
                raise ChildFailedError(f"{name} did not answer on {path} in {patience_s:.0f} s")
            time.sleep(_POLL_S)

    def check(self, *, but: _Child | None = None) -> None:
        """Raise if a child has ended."""
        for child in self._running:
            if child is not but and (code := child.process.poll()) is not None:
                raise ChildFailedError(f"{child.name} ended by itself ({_how(code)})")

    def watch(self) -> None:
        """Go on until a child ends by itself, which raises."""
        while True:
            self.check()
            time.sleep(_POLL_S * 4)

    def stop(self, *, patience_s: float) -> None:
        """End every child, the last started first, each before the next."""
        for child in reversed(self._running):
            child.process.terminate()
            try:
                child.process.wait(patience_s)
            except subprocess.TimeoutExpired:
                print(f"{child.name} did not end in {patience_s:.0f} s; killed", file=sys.stderr)
                child.process.kill()
                child.process.wait()
        self._running.clear()

    def _spawn(
        self, module: str, arguments: tuple[str, ...], *, stdout: int | None = None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "infra.local.run.leash", str(self._leash), module, *arguments],
            env=self._environment,
            pass_fds=(self._leash,),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
        )


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
