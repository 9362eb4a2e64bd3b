"""The recorder: stands before the cloud, notes what passes, and answers from memory when told to.

`python -m infra.bench.recorder --upstream URL` prints its port. Reads that it has seen before and
all writes are then answered at once, so that whoever is measured waits for nobody's work.
"""

import argparse
import asyncio
import base64
import hashlib
import http.client
import json
import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import uvicorn

CONTROL = "/_bench/"
_HOP = {b"connection", b"content-length", b"transfer-encoding", b"date", b"server"}
_READS = ("BatchGetItem", "GetItem", "Query", "Decrypt", "GET", "HEAD")

Headers = list[tuple[bytes, bytes]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the cloud said."""

    status: int
    headers: Headers
    body: bytes


@dataclass(slots=True)
class Recorder:
    """An ASGI application between the functions and the cloud."""

    upstream: str
    is_still: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    known: dict[tuple[str, ...], Answer] = field(default_factory=dict)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _whole(receive)
        query = scope["query_string"].decode()
        path = scope["raw_path"].decode() + (f"?{query}" if query else "")
        if path.startswith(CONTROL):
            answer = self._control(path.removeprefix(CONTROL))
        else:
            answer = await self._passed(scope, path, body)
        length = (b"content-length", str(len(answer.body)).encode())
        headers = [*answer.headers, length]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _control(self, order: str) -> Answer:
        if order == "take":
            taken, self.calls = self.calls, []
            return Answer(200, [], json.dumps(taken).encode())
        self.is_still = order == "still"
        self.calls = []
        return Answer(200, [], b"{}")

    async def _passed(self, scope: dict[str, Any], path: str, body: bytes) -> Answer:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        target = headers.get(b"x-amz-target", b"").decode()
        kind = target.rpartition(".")[2] or scope["method"]
        is_read = kind in _READS
        exact = (kind, path, hashlib.sha256(body).hexdigest()) if is_read else (kind,)
        answer = self.known.get(exact) if self.is_still else None
        if answer is None:
            answer = await asyncio.to_thread(self._forwarded, scope["method"], path, headers, body)
            self.known[exact] = answer
        if not self.is_still:
            self.calls.append(
                {
                    "kind": kind if target else f"S3 {kind}",
                    "method": scope["method"],
                    "path": path,
                    "target": target,
                    "body": base64.b64encode(body).decode(),
                    "received": len(answer.body),
                }
            )
        return answer

    def _forwarded(
        self,
        method: str,
        path: str,
        headers: dict[bytes, bytes],
        body: bytes,
    ) -> Answer:
        parts = urlsplit(self.upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        passed = {
            name.decode(): value.decode()
            for name, value in headers.items()
            if name not in _HOP and name != b"expect"
        }
        try:
            connection.request(method, path, body, passed)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kept = [
            (name.lower().encode(), value.encode())
            for name, value in answer.getheaders()
            if name.lower().encode() not in _HOP
        ]
        return Answer(answer.status, kept, content)


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def main() -> None:
    """Record until the standard input is closed."""
    parser = argparse.ArgumentParser(prog="python -m infra.bench.recorder")
    parser.add_argument("--upstream", required=True)
    given = parser.parse_args()
    # With the protocol named, asyncio sets TCP_NODELAY; an answer else waits 40 ms for its ACK.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(
        Recorder(given.upstream),
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=600,
    )
    server = uvicorn.Server(config)
    print(listening.getsockname()[1], flush=True)

    def wait_for_parent() -> None:
        while os.read(sys.stdin.fileno(), 1 << 12):
            pass
        server.should_exit = True

    threading.Thread(target=wait_for_parent, daemon=True).start()
    server.run([listening])


if __name__ == "__main__":
    main()
