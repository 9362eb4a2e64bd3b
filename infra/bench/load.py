"""Load: how many requests a second the local server takes, from a few kept connections."""

import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_CONNECTIONS = 8
_REQUEST = b"GET /api/v1/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
_END = b'"hello":true}'
_SECONDS_TO_START = 60


def requests_per_second(environment: Mapping[str, str], *, seconds: float) -> int:
    """Serve the trivial application, and answer what it managed."""
    with _served(environment) as port:
        _loaded(port, seconds=0.5)
        return round(_loaded(port, seconds=seconds) / seconds)


def free_port() -> int:
    """Answer a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _served(environment: Mapping[str, str]) -> Iterator[int]:
    port = free_port()
    program = ["-m", "infra.local.server", "--port", str(port), "--app", "infra.bench.trivial"]
    with subprocess.Popen(
        [sys.executable, *program, "--no-schedules"],
        env=dict(environment),
        stdout=subprocess.DEVNULL,
    ) as server:
        try:
            _wait(server, port)
            yield port
        finally:
            server.terminate()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the local server did not start")


def _loaded(port: int, *, seconds: float) -> int:
    answered = 0
    with selectors.DefaultSelector() as ready:
        for _ in range(_CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(connection, selectors.EVENT_READ)
            connection.sendall(_REQUEST)
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            for key, _ in ready.select(timeout=1):
                connection = key.fileobj  # type: ignore[assignment]  # what was registered
                answer = connection.recv(65_536)
                if answer.startswith(b"HTTP/1.1") and b" 200 " not in answer[:16]:
                    raise RuntimeError(f"the local server answered {answer[:200]!r}")
                # Head and body may come apart; a body this small does not.
                if answer.endswith(_END):
                    answered += 1
                    connection.sendall(_REQUEST)
        for key in list(ready.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # the same
    return answered
