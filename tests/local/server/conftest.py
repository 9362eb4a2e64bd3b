"""A small application behind the real server."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from chalice.app import Chalice, CORSConfig, Response

from infra.local.server.assembly import Setup, build, server_of
from infra.local.server.gateway import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def small_app() -> Chalice:
    app = Chalice("small", configure_logs=False, env={})
    open_to_all = CORSConfig(allow_origin="*", allow_headers=["DPoP"], max_age=600)

    @app.route("/api/v1/event/{key}", methods=["GET", "PUT"])
    def event(key: str) -> dict[str, Any]:
        assert app.current_request is not None
        return {"key": key, "event": app.current_request.to_original_event()}

    @app.route("/api/v1/length", methods=["PUT"], content_types=["*/*"], cors=open_to_all)
    def length() -> dict[str, int]:
        assert app.current_request is not None
        return {"length": len(app.current_request.raw_body)}

    @app.route("/api/v1/answer/{size}")
    def answer(size: str) -> Response:
        return Response("x" * int(size), {"content-type": "text/plain"})

    @app.route("/api/v1/bytes")
    def raw() -> Response:
        return Response(b"\x00\xff", {"content-type": "application/octet-stream"})

    @app.route("/api/v1/cookies")
    def cookies() -> Response:
        return Response("", {"Set-Cookie": ["a=1; Path=/", "b=2; Path=/"], "Server": "mine"})

    @app.route("/api/v1/known/{status}")
    def known(status: str) -> Response:
        return Response("", {"ETag": '"1"'}, status_code=int(status))

    @app.route("/api/v1/unreadable")
    def unreadable() -> Response:
        return Response(b"bytes that claim to be text", {"content-type": "text/plain"})

    @app.route("/oidc/{workspace}/jwks.json")
    def jwks(workspace: str) -> dict[str, str]:
        return {"workspace": workspace}

    add_waiting(app)
    return app


def add_waiting(app: Chalice) -> None:
    @app.route("/api/v1/slow/{name}")
    def slow(name: str) -> dict[str, Any]:
        time.sleep(0.4)
        return {"name": name}

    together = threading.Barrier(3)

    @app.route("/api/v1/together/{name}")
    def meet(name: str) -> dict[str, Any]:
        assert app.current_request is not None
        before = app.current_request.uri_params
        together.wait(20)
        assert app.current_request is not None
        seen = [before, app.current_request.uri_params]
        return {"name": name, "seen": seen, "id": app.lambda_context.aws_request_id}


@dataclass(frozen=True, slots=True)
class Live:
    port: int

    def exchange(self, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Send a request byte for byte as written, which no HTTP client would do."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            lines = [*head.split("\n"), f"host: localhost:{self.port}", "connection: close"]
            if body:
                lines.append(f"content-length: {len(body)}")
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        raw_head, _, content = received.partition(b"\r\n\r\n")
        status, *fields = raw_head.decode("latin-1").split("\r\n")
        pairs = [field.partition(": ")[::2] for field in fields]
        headers = {name.lower(): value for name, value in pairs}
        headers["all-cookies"] = "|".join(v for k, v in pairs if k.lower() == "set-cookie")
        return int(status.split()[1]), headers, content

    def json(self, head: str, body: bytes = b"") -> Any:
        status, _, content = self.exchange(head, body)
        assert status == 200, content
        return json.loads(content)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Live]]:
    running: list[tuple[Any, threading.Thread, socket.socket]] = []

    def start(limits: Limits | None = None, endpoint: str = "http://127.0.0.1:9") -> Live:
        site: Path = tmp_path_factory.mktemp("site")
        (site / "index.html").write_text("<h1>home</h1>")
        (site / "app" / "login").mkdir(parents=True)
        (site / "app" / "login" / "index.html").write_text("<h1>sign in</h1>")
        setup = Setup(
            origin="http://localhost:8000",
            endpoint=endpoint,
            site=site,
            threads=4,
            limits=limits or Limits(),
        )
        listener = socket.create_server(("127.0.0.1", 0))
        server = server_of(build(small_app(), setup), port=0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread, listener))
        deadline = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        return Live(listener.getsockname()[1])

    yield start
    for server, thread, listener in running:
        server.should_exit = True
        thread.join(10)
        listener.close()
