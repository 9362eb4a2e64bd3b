"""A platform for the pages: the built site under its real headers, and answers a test chooses."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.server.static import HEADERS as HEADERS_OF

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = Path(__file__).parents[2] / "infra" / "site"
DIST = SITE / "dist"
LOGIN = "/app/sessions/login"
API = "/api/v1/"

# The very headers that the local server and the CDN send.
HEADERS = HEADERS_OF["pages"]
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
CONTEXT: dict[str, Any] = {
    "workspace": {"name": "demo"},
    "application": {"appId": "notes", "name": "Harbor Notes", "color": "#c2512f"},
    "returnTo": "app.harbornotes.com",
    "signUp": True,
    "providers": [],
    "routes": False,
    "requiresSso": False,
    "person": None,
    "invited": None,
    "visit": "none",
    "prompt": None,
    "loginHint": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question of the page: the step or route, its body and its headers."""

    step: str
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: a value with 200, or a problem document with its status."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


class Platform:
    """Serves `dist` and the pages' JSON routes on a free port; remembers what was asked."""

    def __init__(self, dist: Path) -> None:
        self.asked: list[Asked] = []
        self.dist = dist
        self._answers: dict[str, list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.origin = f"http://localhost:{self._server.server_port}"
        self.back = f"http://127.0.0.1:{self._server.server_port}/returned?code=c0de"
        self.answer("context", CONTEXT)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, step: str, body: dict[str, Any], **more: Any) -> None:
        """From now on, answer the step so; what was queued before is forgotten."""
        self._answers[step] = [Answer(body=body, **more)]

    def then(self, step: str, body: dict[str, Any], **more: Any) -> None:
        """Answer so after what is queued already."""
        self._answers[step].append(Answer(body=body, **more))

    def refuse(self, step: str, status: int, code: str, **members: Any) -> None:
        """From now on, answer the step with a problem document."""
        problem = {"title": "Refused", "detail": "Refused.", "requestId": "req-7", **members}
        after = {"Retry-After": str(members["retryAfter"])} if "retryAfter" in members else {}
        self.answer(step, {"status": status, "code": code, **problem}, status=status, headers=after)

    def context(self, **members: Any) -> None:
        """Answer the context with some members changed."""
        self.answer("context", {**CONTEXT, **members})

    def last(self, step: str) -> Any:
        """Return the body of the latest question of that step."""
        return next(asked.body for asked in reversed(self.asked) if asked.step == step)

    def take(self, step: str) -> Answer:
        """Return the next answer to a step; the last one stays."""
        queue = self._answers.get(step) or [Answer(body={"code": "not_found"}, status=404)]
        return queue.pop(0) if len(queue) > 1 else queue[0]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _step(method: str, path: str) -> str:
    step = path.removeprefix(f"{API}login/")
    return f"{method} {step.removeprefix(API)}" if step.startswith(API) else step


def _handler(platform: Platform) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith(API):
                self._answer()
                return
            if path == "/returned":
                self._send(200, b"<!doctype html><title>Returned</title>", TYPES[".html"], {})
                return
            file = platform.dist / path.lstrip("/")
            file = file / "index.html" if file.is_dir() else file
            if not file.is_file():
                self._send(404, b"", "text/plain", HEADERS)
                return
            self._send(200, file.read_bytes(), TYPES[file.suffix], HEADERS)

        def _answer(self) -> None:
            step = _step(self.command, self.path)
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length) or "null")
            platform.asked.append(Asked(step=step, body=body, headers=dict(self.headers.items())))
            answer = platform.take(step)
            time.sleep(answer.delay)
            problem = answer.status >= 400
            kind = "application/problem+json" if problem else "application/json"
            self._send(answer.status, json.dumps(answer.body).encode(), kind, answer.headers)

        do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server calls them so

        def _send(self, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
