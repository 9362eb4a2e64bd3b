"""API Gateway and Lambda around the application: routing, limits, the call, the answer."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.server.answers import CERTAINLY_SMALL, answer_of, size_of
from infra.local.server.context import LambdaContext
from infra.local.server.events import event_of
from infra.local.server.gateway_responses import Refusal
from infra.local.server.messages import Answer
from infra.local.server.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalice.app import Chalice

    from infra.local.server.gateway_responses import GatewayResponses
    from infra.local.server.messages import Request
    from infra.local.server.resources import Match
    from infra.local.server.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The published quotas of API Gateway (bytes, seconds) and Lambda (bytes of JSON)."""

    body: int = 10 * 1024 * 1024
    wait_s: float = 29.0
    payload: int = 6_291_456


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


class Gateway:
    """Answers requests by the very handler that Lambda calls."""

    def __init__(
        self,
        app: Chalice,
        *,
        responses: GatewayResponses,
        binary_types: Sequence[str],
        workers: Workers,
        epoch_ms: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._app = app
        self._responses = responses
        self._binary_types = binary_types
        self._workers = workers
        self._epoch_ms = epoch_ms
        self._limits = limits
        self._resources = Resources(app.routes)

    def resource_of(self, path: str) -> str:
        """The pattern of a path, without what stands for its variables."""
        match = self._resources.match(path)
        return match.resource if match else "(no such resource)"

    async def answer(self, request: Request, *, oversized: bool = False) -> Answer:
        """Answer one request; `oversized` tells that its body was beyond the limit and dropped."""
        request_id = str(uuid.uuid4())
        match = self._resources.match(request.path)
        try:
            return await self._served(request, match, request_id, oversized=oversized)
        except _Refused as refused:
            refusal = refused.refusal
        except TimeoutError:
            refusal = Refusal.INTEGRATION_TIMEOUT
        return self._responses.render(
            refusal,
            request=request,
            request_id=request_id,
            resource=match.resource if match else "",
        )

    async def _served(
        self, request: Request, match: Match | None, request_id: str, *, oversized: bool
    ) -> Answer:
        if match is None:
            raise _Refused(Refusal.MISSING_AUTHENTICATION_TOKEN)
        if request.method not in self._app.routes[match.resource]:
            return self._preflight(request, match)
        if oversized or len(request.body) > self._limits.body:
            raise _Refused(Refusal.REQUEST_TOO_LARGE)
        async with asyncio.timeout(self._limits.wait_s):
            return await self._workers.run(lambda: self._invoke(request, match, request_id))

    def _preflight(self, request: Request, match: Match) -> Answer:
        # Chalice deploys a mock integration for OPTIONS where a route asks for CORS; the function
        # is not called. Any other method of a known resource is as unknown as an unknown path.
        allowed = [
            method for method, entry in self._app.routes[match.resource].items() if entry.cors
        ]
        if request.method != "OPTIONS" or not allowed:
            raise _Refused(Refusal.MISSING_AUTHENTICATION_TOKEN)
        cors = self._app.routes[match.resource][allowed[0]].cors
        headers = {
            "content-type": "application/json",
            "Access-Control-Allow-Methods": ",".join([*allowed, "OPTIONS"]),
            **cors.get_access_control_headers(),
        }
        return Answer(status=200, headers=tuple(headers.items()), body=b"")

    def _invoke(self, request: Request, match: Match, request_id: str) -> Answer:
        event = event_of(
            request,
            match,
            request_id=request_id,
            epoch_ms=self._epoch_ms(),
            binary_types=self._binary_types,
        )
        if len(request.body) > CERTAINLY_SMALL and size_of(event) > self._limits.payload:
            raise _Refused(Refusal.REQUEST_TOO_LARGE)
        context = LambdaContext(
            function_name="api_handler", request_id=request_id, timeout_s=self._limits.wait_s + 1
        )
        started = time.monotonic()
        try:
            result = self._app(event, context)
            return answer_of(
                result,
                request=request,
                request_id=request_id,
                binary_types=self._binary_types,
                payload_limit=self._limits.payload,
            )
        except Exception as problem:
            # Lambda would write this to its log; the caller learns nothing.
            elapsed = time.monotonic() - started
            print(
                f"{request.method} {match.resource} crashed after {elapsed:.2f}s", file=sys.stderr
            )
            traceback.print_exc()
            raise _Refused(Refusal.DEFAULT_5XX) from problem
