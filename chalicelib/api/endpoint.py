"""Endpoint: what every view is wrapped in: authenticate, call, render, explain."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, cast

from chalice.app import Blueprint, Request, Response

from chalicelib import logs
from chalicelib.api import access
from chalicelib.api.callers import CallerKind
from chalicelib.api.contract import Also, Contract, Errors, Header, Parameter
from chalicelib.api.cors import readable_by
from chalicelib.api.error_page import VARY, address_of, navigates
from chalicelib.api.headers import DPOP_NONCE
from chalicelib.api.problems import Problem, problem_of
from chalicelib.api.rates import RATE_LIMIT, rate_headers
from chalicelib.api.request import Incoming, incoming_of
from chalicelib.domain.callers import IdentityCaller, SessionCaller
from chalicelib.domain.errors import DomainError, InternalError, Unopenable
from chalicelib.domain.payloads import JsonValue
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import container

if TYPE_CHECKING:
    from pydantic import BaseModel  # a route that takes and gives plain JSON starts without it

C = TypeVar("C")
P = ParamSpec("P")

XML = "application/samlmetadata+xml"
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
class Verbatim:
    """A body that is JSON already."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Xml:
    """A document of a standard that speaks XML."""

    text: str = field(repr=False)


Body: TypeAlias = "BaseModel | JsonValue | Verbatim | Xml"
B_co = TypeVar("B_co", bound="Body", covariant=True)


@dataclass(frozen=True, slots=True)
class Reply(Generic[B_co]):
    """An answer with more to it than a body, which a redirect or a 304 does not have.

    Without a status of its own it has the one that the route declares.
    """

    body: B_co
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Generic[C]):
    """One authenticated call of a view."""

    caller: C
    services: Container
    request: Incoming


Answer: TypeAlias = "Reply[Any] | Body"
View = Callable[Concatenate[Call[C], P], Answer]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a route says of itself, for tests and documents."""

    kind: CallerKind[Any]
    plane: Plane
    contract: Contract

    @property
    def caller(self) -> str:
        """Answer the name of the one kind of caller that gets in."""
        return self.kind.name


declared: dict[Callable[..., Response], Declaration] = {}
"""Every wrapped view with its declaration; a test walks the routes and asks for each."""


def endpoint(
    routes: Blueprint,
    kind: CallerKind[C],
    plane: Plane,
    *,
    status: int = 200,
    params: "type[BaseModel] | None" = None,
    reads: tuple[Parameter, ...] = (),
    sends: tuple[Header, ...] = (),
    also: tuple[Also, ...] = (),
    raises: Errors = (),
) -> Callable[[View[C, P]], Callable[..., Response]]:
    """Wrap a view: it gets one `Call`, answers a body or a `Reply`, and raises domain errors.

    A view that takes a second argument, `body`, gets what its annotation asks for: a model of
    the wire, or the JSON itself. `raises` names what follows neither from the caller's kind nor
    from what the view reads.

    Errors are rendered inside the view because Chalice adds CORS headers only to what a view
    answers; an error without them looks like a broken network to a browser.
    """

    def decorate(view: View[C, P]) -> Callable[..., Response]:
        annotations = get_annotations(view)
        contract = Contract(
            status=status,
            takes=annotations.get("body"),
            gives=annotations.get("return"),
            params=params,
            reads=reads,
            sends=sends,
            also=also,
            raises=raises,
        )
        declaration = Declaration(kind, plane, contract)

        @wraps(view)
        def answer(**_: str) -> Response:
            return _answered(routes.current_request, cast("_View", view), declaration)

        declared[answer] = declaration
        return answer

    return decorate


_View = Callable[..., Answer]


def _answered(raw: Request, view: _View, declaration: Declaration) -> Response:
    started = time.perf_counter()
    services = container()
    kind, contract = declaration.kind, declaration.contract
    request_id = str(raw.context.get("requestId") or "")
    code: str | None = None
    refused: int | None = None
    page: str | None = None
    caller: object = None
    counted: SessionCaller | IdentityCaller | None = None
    try:
        request = incoming_of(raw, contract)
        page = request.visit(services.settings.origin).page
        caller = kind.authenticate(request, services)
        if isinstance(caller, SessionCaller | IdentityCaller):
            counted = caller
            services.rates.count(counted)
        call = Call(caller, services, request)
        answer = view(call) if contract.takes is None else view(call, _taken(request, contract))
        response = _rendered(answer, status=contract.status_of(request.method))
    except Exception as failure:  # noqa: BLE001 - a view answers whatever happens
        error = _explained(failure, request_id)
        problem = problem_of(error, origin=services.settings.origin, request_id=request_id)
        code, refused = error.code, problem.status
        if contract.sends_on and navigates(raw.headers):
            # A person can do nothing with a document; a program can do nothing with a page.
            told = address_of(error, route=raw.path, request_id=request_id)
            response = _rendered(
                Reply(None, headers={"Location": told}), status=contract.status_of(raw.method)
            )
        else:
            response = _refused(problem)
    # A quota's refusal speaks of its own limit.
    if counted is not None and RATE_LIMIT not in response.headers:
        response.headers.update(rate_headers(services.rates.allowance(counted)))
    if counted is not None and counted.nonce is not None:
        response.headers[DPOP_NONCE.name] = counted.nonce
    proven = response.status_code != _UNAUTHENTICATED and code != "origin_not_allowed"
    response.headers.update(readable_by(page, proven=proven and not kind.is_public))
    if contract.sends_on:
        response.headers["Vary"] = VARY
    # What an application's user wrote is JSON, whatever it looks like to a browser.
    response.headers["X-Content-Type-Options"] = "nosniff"
    access.record(
        raw,
        response,
        access.Passage(
            kind=kind.name,
            plane=declaration.plane,
            caller=caller,
            status=refused or response.status_code,
            code=code,
            seconds=time.perf_counter() - started,
        ),
        services,
    )
    return response


def _taken(request: Incoming, contract: Contract) -> object:
    # A class is a model of the wire; whatever else is annotated is JSON as it comes.
    kind = contract.takes
    return request.model(kind) if isinstance(kind, type) else request.json()


def _explained(failure: Exception, request_id: str) -> DomainError:
    if isinstance(failure, Unopenable):
        _log.error("sealed data did not open", extra={"request_id": request_id}, exc_info=failure)
    if isinstance(failure, DomainError):
        return failure
    _log.error("unexpected", extra={"request_id": request_id}, exc_info=failure)
    return InternalError("This was recorded. Try again, or ask with the request id.")


def _rendered(answer: Answer, *, status: int) -> Response:
    reply = answer if isinstance(answer, Reply) else Reply(answer)
    status = reply.status or status
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store", **reply.headers}
    if reply.cookies:
        headers["Set-Cookie"] = list(reply.cookies)
    if "Location" in headers or status == _NOT_MODIFIED:
        return Response(body="", status_code=status, headers=headers)
    kind = XML if isinstance(reply.body, Xml) else "application/json"
    headers.setdefault("Content-Type", kind)
    if isinstance(reply.body, Verbatim | Xml):
        text = reply.body.text
    elif reply.body is None or isinstance(reply.body, str | int | float | list | dict):
        text = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    else:
        text = reply.body.model_dump_json(by_alias=True)
    return Response(body=text, status_code=status, headers=headers)


def _refused(problem: Problem) -> Response:
    text = json.dumps(problem.document, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text, status_code=problem.status, headers=dict(problem.headers))
