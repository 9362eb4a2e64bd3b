"""The one origin a browser sees: the API, the site and the outbox behind one ASGI application."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes

from infra.local.server.messages import Answer, Request

if TYPE_CHECKING:
    from uvicorn._types import (
        ASGIReceiveCallable,
        ASGISendCallable,
        HTTPScope,
        Scope,
    )

    from infra.local.server.gateway import Gateway
    from infra.local.server.outbox import Outbox
    from infra.local.server.static import StaticSite
    from infra.local.server.workers import Workers

# The path patterns that the CDN sends to the API; everything else is the site's.
API_PREFIXES = ("/api/", "/oidc/", "/problems/")
_OUTBOX = ("/dev/outbox", "/dev/outbox.json")
# A body beyond the limit is read and dropped up to here, so that its sender can hear the answer.
_DRAINED = 64 * 1024 * 1024
_ASCII = bytes(range(0x21, 0x7F)).decode("ascii")
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The ASGI application."""

    gateway: Gateway
    site: StaticSite
    outbox: Outbox
    workers: Workers
    body_limit: int
    log_requests: bool

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server does not speak {scope['type']}")
        try:
            body = await _read(receive, limit=self.body_limit)
        except ConnectionAbortedError:
            return
        request = _request_of(scope, body or b"")
        try:
            answer = await self._answer(request, oversized=body is None)
        except Exception:
            _log(request, 500)
            raise
        if self.log_requests:
            _log(request, answer.status)
        await _send(send, answer)

    async def _answer(self, request: Request, *, oversized: bool) -> Answer:
        if request.path.startswith(API_PREFIXES):
            return await self.gateway.answer(request, oversized=oversized)
        if request.path in _OUTBOX:
            return await self.workers.run(lambda: self.outbox.answer(request))
        return await self.workers.run(lambda: self.site.answer(request))


async def _read(receive: ASGIReceiveCallable, *, limit: int) -> bytes | None:
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


def _request_of(scope: HTTPScope, body: bytes) -> Request:
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


async def _send(send: ASGISendCallable, answer: Answer) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers
    ]
    if answer.status not in _BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode("ascii")))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers,
            "trailers": False,
        }
    )
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _log(request: Request, status: int) -> None:
    # The query stays out: it may carry a code or a state.
    print(f"{request.method} {request.path} {status}", file=sys.stderr, flush=True)
