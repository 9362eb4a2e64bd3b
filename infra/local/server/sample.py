"""Serves the sample application on an origin of its own: `python -m infra.local.server.sample`."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.server.asgi import read, request_of, send
from infra.local.server.assembly import server_of
from infra.local.server.messages import Answer
from infra.local.server.static import StaticSite

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

_ROOT = Path(__file__).resolve().parents[3]
_BODY_LIMIT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The ASGI application: the pages, and `/config.json` as the seed wrote it."""

    pages: StaticSite
    config: Path

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, reply: ASGISendCallable
    ) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"this server does not speak {scope['type']}")
        try:
            await read(receive, limit=_BODY_LIMIT)
        except ConnectionAbortedError:
            return
        request = request_of(scope, b"")
        if request.path == "/config.json":
            await send(reply, self._config())
        else:
            await send(reply, self.pages.answer(request))

    def _config(self) -> Answer:
        headers = (("content-type", "application/json"), ("cache-control", "no-store"))
        try:
            return Answer(status=200, headers=headers, body=self.config.read_bytes())
        except FileNotFoundError:
            return Answer(status=404, headers=headers, body=b'{"error":"not seeded"}')


def headers_for(platform: str) -> dict[str, str]:
    """What a careful integrator would send: only its own files and the platform are admitted."""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self' {platform}; style-src 'self'; "
            f"img-src 'self' data:; font-src 'self'; connect-src 'self' {platform}; "
            # The sign-out's form goes to the platform, which sends the browser back.
            f"form-action 'self' {platform}; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def main() -> None:
    """Serve until a signal arrives."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.server.sample")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--platform", default="http://localhost:8000")
    parser.add_argument("--root", type=Path, default=_ROOT / "infra/local/sample")
    parser.add_argument("--config", type=Path, default=_ROOT / ".local/sample.json")
    given = parser.parse_args()
    pages = StaticSite(given.root, headers=headers_for(given.platform), sdk={})
    server_of(Sample(pages=pages, config=given.config), port=given.port).run()


if __name__ == "__main__":
    main()
