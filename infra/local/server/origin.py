"""The one origin a browser sees: the API, the site and the outbox behind one ASGI application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.server.asgi import log, read, request_of, send

if TYPE_CHECKING:
    from uvicorn._types import (
        ASGIReceiveCallable,
        ASGISendCallable,
        Scope,
    )

    from infra.local.server.gateway import Gateway
    from infra.local.server.messages import Answer, Request
    from infra.local.server.outbox import Outbox
    from infra.local.server.static import StaticSite
    from infra.local.server.workers import Workers

# The path patterns that the CDN sends to the API; everything else is the site's.
API_PREFIXES = ("/api/", "/oidc/", "/problems/", "/.well-known/oauth-authorization-server/")


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
        self, scope: Scope, receive: ASGIReceiveCallable, reply: ASGISendCallable
    ) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server does not speak {scope['type']}")
        try:
            body = await read(receive, limit=self.body_limit)
        except ConnectionAbortedError:
            return
        request = request_of(scope, body or b"")
        try:
            answer = await self._answer(request, oversized=body is None)
        except Exception:
            log(request.method, self._shown(request.path), 500)
            raise
        if self.log_requests:
            log(request.method, self._shown(request.path), answer.status)
        await send(reply, answer)

    def _shown(self, path: str) -> str:
        # As in AWS: what stands in the place of a variable may be the name of somebody's key.
        return self.gateway.resource_of(path) if path.startswith(API_PREFIXES) else path

    async def _answer(self, request: Request, *, oversized: bool) -> Answer:
        if request.path.startswith(API_PREFIXES):
            return await self.gateway.answer(request, oversized=oversized)
        if self.outbox.has(request.path):
            return await self.workers.run(lambda: self.outbox.answer(request))
        return await self.workers.run(lambda: self.site.answer(request))
