"""The ASGI side of requests and answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from infra.local.server.messages import BODILESS, Answer, Request

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope

# A body beyond the limit is read and dropped up to here, so that its sender can hear the answer.
_DRAINED = 64 * 1024 * 1024
_ASCII = bytes(range(0x21, 0x7F)).decode("ascii")


async def read(receive: ASGIReceiveCallable, *, limit: int) -> bytes | None:
    """The whole body, or None for one beyond the limit; a sender that left raises."""
    chunks: list[bytes] = []
    length = 0
    while length <= _DRAINED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        if message["type"] != "http.request":
            raise RuntimeError(f"unexpected {message['type']}")
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > limit:
            chunks.clear()
        else:
            chunks.append(chunk)
        if not message.get("more_body", False):
            break
    return b"".join(chunks) if length <= limit else None


def request_of(scope: HTTPScope, body: bytes) -> Request:
    """The request of a scope, with the headers that a proxy on the way adds."""
    host, port = scope.get("server") or ("127.0.0.1", None)
    client = scope.get("client")
    source_ip = client[0] if client else str(host)
    headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"]]
    forwarded = ", ".join([v for k, v in headers if k == "x-forwarded-for"] + [source_ip])
    headers = [(k, v) for k, v in headers if not k.startswith("x-forwarded-")]
    headers += [
        ("x-forwarded-for", forwarded),
        ("x-forwarded-port", str(port)),
        ("x-forwarded-proto", scope["scheme"]),
    ]
    return Request(
        method=scope["method"],
        path=_ascii(scope.get("raw_path") or scope["path"].encode()),
        query=_ascii(scope["query_string"]),
        headers=tuple(headers),
        body=body,
        source_ip=source_ip,
    )


def _ascii(raw: bytes) -> str:
    # Bytes that no URL may contain are encoded; what is encoded already stays as it came.
    return raw.decode("ascii") if raw.isascii() else quote_from_bytes(raw, safe=_ASCII)


async def send(reply: ASGISendCallable, answer: Answer) -> None:
    """Send a whole answer."""
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    if answer.status not in BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode("ascii")))
    await reply(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers,
            "trailers": False,
        }
    )
    await reply({"type": "http.response.body", "body": answer.body, "more_body": False})


def log(method: str, path: str, status: int) -> None:
    """One line on stderr."""
    # The query stays out: it may carry a code or a state.
    print(f"{method} {path} {status}", file=sys.stderr, flush=True)
