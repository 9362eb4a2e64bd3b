"""Puts the local server together around an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import uvicorn

from infra.local.server.clock import epoch_ms
from infra.local.server.events import binary_types_of_template
from infra.local.server.gateway import Gateway, Limits
from infra.local.server.gateway_responses import GatewayResponses
from infra.local.server.isolation import isolate_threads
from infra.local.server.origin import Origin
from infra.local.server.outbox import Outbox
from infra.local.server.static import HEADERS, StaticSite
from infra.local.server.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path

    from chalice.app import Chalice
    from uvicorn._types import ASGI3Application


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the server is told when it starts."""

    origin: str
    endpoint: str
    site: Path
    threads: int = 32
    log_requests: bool = False
    limits: Limits = field(default_factory=Limits)


def build(app: Chalice, setup: Setup) -> Origin:
    """The ASGI application that stands for API Gateway, Lambda and the CDN."""
    isolate_threads(app)
    workers = Workers(setup.threads)
    return Origin(
        gateway=Gateway(
            app,
            responses=GatewayResponses.of_template(origin=setup.origin),
            binary_types=binary_types_of_template(),
            workers=workers,
            epoch_ms=epoch_ms,
            limits=setup.limits,
        ),
        site=StaticSite(setup.site, headers=HEADERS["pages"], sdk=HEADERS["sdk"]),
        outbox=Outbox(setup.endpoint),
        workers=workers,
        body_limit=setup.limits.body,
        log_requests=setup.log_requests,
    )


def server_of(application: ASGI3Application, *, port: int) -> uvicorn.Server:
    """A server on 127.0.0.1, quiet, that stops within a few seconds of being asked."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host="127.0.0.1",
            port=port,
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
        )
    )
