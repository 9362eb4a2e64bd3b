"""Endpoint: what every view is wrapped in: authenticate, call, render, explain."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Generic, TypeVar

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib import logs
from chalicelib.api.callers import CallerKind
from chalicelib.api.cors import readable_by
from chalicelib.api.problems import Problem, problem_of
from chalicelib.api.rates import RATE_LIMIT, rate_headers
from chalicelib.api.request import Incoming, incoming_of
from chalicelib.domain.callers import IdentityCaller, SessionCaller
from chalicelib.domain.errors import DomainError, InternalError, Unopenable
from chalicelib.domain.payloads import JsonValue
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container

C = TypeVar("C")

Body = BaseModel | JsonValue

_log = logs.logger("api")
_NOT_MODIFIED = 304
_UNAUTHENTICATED = 401


class Plane(StrEnum):
    """Who serves a route: each plane can be deployed alone, with rights of its own."""

    DATA = "data"
    IDENTITY = "identity"
    EXCHANGE = "exchange"
    OPERATORS = "operators"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with more to it than a body, which a redirect or a 304 does not have."""

    body: Body
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Generic[C]):
    """One authenticated call of a view."""

    caller: C
    services: Container
    request: Incoming


View = Callable[[Call[C]], Reply | Body]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a route says of itself, for tests and documents."""

    caller: str
    plane: Plane


declared: dict[Callable[..., Response], Declaration] = {}
"""Every wrapped view with its declaration; a test walks the routes and asks for each."""


def endpoint(
    routes: Blueprint, kind: CallerKind[C], plane: Plane
) -> Callable[[View[C]], Callable[..., Response]]:
    """Wrap a view: it gets one `Call`, answers a body or a `Reply`, and raises domain errors.

    Errors are rendered inside the view because Chalice adds CORS headers only to what a view
    answers; an error without them looks like a broken network to a browser.
    """

    def decorate(view: View[C]) -> Callable[..., Response]:
        @wraps(view)
        def answer(**_: str) -> Response:
            return _answered(routes.current_request, view, kind)

        declared[answer] = Declaration(kind.name, plane)
        return answer

    return decorate


def _answered(raw: Request, view: View[C], kind: CallerKind[C]) -> Response:
    started = time.perf_counter()
    services = container()
    request_id = str(raw.context.get("requestId") or "")
    code: str | None = None
    page: str | None = None
    counted: SessionCaller | IdentityCaller | None = None
    try:
        request = incoming_of(raw)
        page = request.visit(services.settings.origin).page
        caller = kind.authenticate(request, services)
        if isinstance(caller, SessionCaller | IdentityCaller):
            counted = caller
            services.rates.count(counted)
        response = _rendered(view(Call(caller, services, request)))
    except Exception as failure:  # noqa: BLE001 - a view answers whatever happens
        error = _explained(failure, request_id)
        code = error.code
        response = _refused(
            problem_of(error, origin=services.settings.origin, request_id=request_id)
        )
    # A quota's refusal speaks of its own limit.
    if counted is not None and RATE_LIMIT not in response.headers:
        response.headers.update(rate_headers(services.rates.allowance(counted)))
    proven = response.status_code != _UNAUTHENTICATED and code != "origin_not_allowed"
    response.headers.update(readable_by(page, proven=proven and not kind.is_public))
    # What an application's user wrote is JSON, whatever it looks like to a browser.
    response.headers["X-Content-Type-Options"] = "nosniff"
    _log.info(
        "request",
        extra={
            "route": f"{raw.method} {raw.path}",
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - started) * 1000, 1),
            "request_id": request_id,
            "code": code,
        },
    )
    return response


def _explained(failure: Exception, request_id: str) -> DomainError:
    if isinstance(failure, Unopenable):
        _log.error("sealed data did not open", extra={"request_id": request_id}, exc_info=failure)
    if isinstance(failure, DomainError):
        return failure
    _log.error("unexpected", extra={"request_id": request_id}, exc_info=failure)
    return InternalError("This was recorded. Try again, or ask with the request id.")


def _rendered(answer: Reply | Body) -> Response:
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store", **reply.headers}
    if reply.cookies:
        headers["Set-Cookie"] = list(reply.cookies)
    if "Location" in headers or reply.status == _NOT_MODIFIED:
        return Response(body="", status_code=reply.status, headers=headers)
    headers.setdefault("Content-Type", "application/json")
    if isinstance(reply.body, BaseModel):
        text = reply.body.model_dump_json(by_alias=True)
    else:
        text = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text, status_code=reply.status, headers=headers)


def _refused(problem: Problem) -> Response:
    text = json.dumps(problem.document, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text, status_code=problem.status, headers=dict(problem.headers))
