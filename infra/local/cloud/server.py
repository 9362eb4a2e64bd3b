"""Serves the engine on the loopback address: many connections, one request at a time inside."""

import io
import json
import threading
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from infra.local.cloud import mail
from infra.local.cloud.engine import WSGIApplication

HOST = "127.0.0.1"
HEALTH_PATH = "/_localstack/health"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

# Requests that only look, by service: everything else counts as a change and is worth a snapshot.
LOOKS = {
    "DynamoDB_20120810": ("BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet"),
    "TrentService": (
        *("Decrypt", "Describe", "Encrypt", "Generate", "Get", "List", "ReEncrypt", "Sign"),
        "Verify",
    ),
}


@dataclass(slots=True)
class Exclusive:
    """The engine behind one lock, because moto is not safe when two threads are in it.

    The body is read before the lock is taken and the answer is whole before it is released, so
    that a slow client holds up nobody.
    """

    application: WSGIApplication
    lock: threading.Lock = field(default_factory=threading.Lock)
    changes: int = 0
    changed: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401
        """Answer one request, as WSGI asks."""
        if _is_from_a_page(environ):
            return _json(start_response, {}, status="403 Forbidden")
        path = environ.get("PATH_INFO", "")
        if path == HEALTH_PATH:
            return _json(start_response, {"status": "running", "edition": "embedded"})
        if path == mail.PATH and environ["REQUEST_METHOD"] == "GET":
            with self.lock:
                messages = mail.sent()
            return _json(start_response, {"messages": messages})
        _read_whole(environ)
        status, headers, body = self._answer(environ)
        start_response(status, headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        answer: list[Any] = []
        with self.lock:
            chunks = self.application(environ, partial(_keep, answer))
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            status, headers = answer
            if int(status[:3]) < HTTPStatus.BAD_REQUEST and changes_something(environ):
                self.changes += 1
                self.changed.set()
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(len(body))))
        return status, headers, body


class Handler(MotoRequestHandler):
    """HTTP with kept connections: one write per answer, and none held back by Nagle's algorithm."""

    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request and leave the connection open for the next.

        werkzeug's own method closes every connection, because an application may leave part of a
        body unread; ours never does.
        """
        answer: list[Any] = []
        start_response: Any = partial(_keep, answer)
        try:
            chunks = self.server.app(self.make_environ(), start_response)
            body, (status, headers) = b"".join(chunks), answer
        except Exception:  # noqa: BLE001 - one request must not end the server
            traceback.print_exc()
            body, status, headers = b"", "500 Internal Server Error", [("Content-Length", "0")]
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Let a client that waits for it send its body."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return bool(proceed)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Print errors only: a line per request would bury them."""
        if type == "error":
            super().log(type, message, *args)


def serve(application: Exclusive, *, port: int) -> BaseWSGIServer:
    """A server that listens already; `serve_forever` is the caller's to run. Port 0 is any."""
    return make_server(HOST, port, application, threaded=True, request_handler=Handler)


def changes_something(environ: dict[str, Any]) -> bool:
    """Whether a request that succeeded may have changed what the engine holds."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    service, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    return not operation.startswith(LOOKS.get(service, ())) or not operation


def _keep(answer: list[Any], status: str, headers: list[tuple[str, str]], _: object = None) -> None:
    answer[:] = [status, headers]


def _read_whole(environ: dict[str, Any]) -> None:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)


def _is_from_a_page(environ: dict[str, Any]) -> bool:
    """Whether a web page asks; moto alone lets every page that a developer opens decrypt with KMS.

    Pages send an `Origin`, or with a name of their own that leads to this machine, a foreign host.
    """
    name = environ.get("HTTP_HOST", "").lower()
    host = name if name.endswith("]") else name.rpartition(":")[0] or name
    is_here = host in LOCAL_NAMES or host.endswith(".localhost")
    return "HTTP_ORIGIN" in environ or not is_here


def _json(
    start_response: Any,  # noqa: ANN401
    document: dict[str, Any],
    *,
    status: str = "200 OK",
) -> Iterable[bytes]:
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
