"""Document: the published contract (OpenAPI 3.1), made of routes, their models and errors."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from chalice.app import RouteEntry

from chalicelib.api.callers import FIRST_PARTY_HEADER, CallerKind
from chalicelib.api.contract import Contract, Parameter, flat
from chalicelib.api.endpoint import Declaration, declared
from chalicelib.api.headers import OF_PROBLEMS
from chalicelib.api.refusals import ANYWHERE, BODY
from chalicelib.api.responses import examples_of, headers_of, responses_of
from chalicelib.api.shapes import Shapes, json_of
from chalicelib.domain.errors import DomainError

Routes: TypeAlias = Mapping[str, Mapping[str, RouteEntry]]
View: TypeAlias = Callable[..., Any]

_FORM = "application/x-www-form-urlencoded"
_ABOUT = """\
A private data layer for the people who use your applications. A hosted login gives a short-lived
sessionToken; with it an application reads and writes one person's sealed JSON.

Every error is an RFC 9457 problem document with a stable `code`; where browsers are sent on, one
that navigates is sent to a page that says it in words. Web pages may call from the origins that
their application registered."""


def document_of(routes: Routes, *, origin: str) -> dict[str, Any]:
    """Answer the contract of these routes, as it is met at an origin."""
    entries = [
        (path, method, entry.view_function)
        for path, methods in sorted(routes.items())
        for method, entry in sorted(methods.items())
    ]
    views = [view for _, _, view in entries]
    shapes = Shapes(declared[view].contract for view in views)
    paths: dict[str, dict[str, object]] = {}
    for path, method, view in entries:
        name = view.__name__ if views.count(view) == 1 else f"{view.__name__}_{method.lower()}"
        operation = _operation(name, method, view, shapes)
        paths.setdefault(path, {})[method.lower()] = operation
    errors = flat(tuple(tuple(errors_of(declared[view])) for view in views))
    kinds = {declared[view].kind.name: declared[view].kind for view in views}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "secureFlows",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": origin or "/"}],
        "tags": [
            {"name": _tag(door), "description": (sys.modules[door].__doc__ or "").strip()}
            for door in sorted({view.__module__ for view in views})
        ],
        "paths": paths,
        "components": {
            "schemas": shapes.schemas,
            "headers": headers_of(OF_PROBLEMS.values()),
            "examples": examples_of(errors, origin=origin),
            "securitySchemes": {
                name: _scheme(kind) for name, kind in sorted(kinds.items()) if not kind.is_public
            },
        },
    }


def errors_of(declaration: Declaration) -> frozenset[type[DomainError]]:
    """Answer every error that a route can be refused with."""
    contract = declaration.contract
    reads = tuple(parameter.raises for parameter in contract.reads)
    body = () if contract.takes is None else BODY
    return flat((ANYWHERE, declaration.kind.raises, reads, body, contract.raises))


def _operation(name: str, method: str, view: View, shapes: Shapes) -> Mapping[str, object]:
    declaration = declared[view]
    contract, kind = declaration.contract, declaration.kind
    summary, _, more = (view.__doc__ or "").partition("\n\n")
    parameters = [_parameter(parameter) for parameter in (*kind.reads, *contract.reads)]
    body = _body(contract, shapes)
    if contract.params is not None and method == "GET":
        parameters += shapes.fields(contract.params)
        body = None
    return {
        "operationId": name,
        "tags": [_tag(view.__module__)],
        "summary": " ".join(summary.split()).rstrip("."),
        **({"description": " ".join(more.split())} if more else {}),
        "security": [] if kind.is_public else [{kind.name: []}],
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": responses_of(declaration, method, errors_of(declaration), shapes),
    }


def _parameter(parameter: Parameter) -> Mapping[str, object]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.about,
        "schema": dict(parameter.schema),
    }


def _body(contract: Contract, shapes: Shapes) -> Mapping[str, object] | None:
    if contract.params is not None:
        content = {_FORM: {"schema": dict(shapes.of(contract.params))}}
        needed = any(field.is_required() for field in contract.params.model_fields.values())
        return {"required": needed, "content": content}
    if contract.takes is not None:
        shape = json_of(contract.takes)
        media_types = ("application/json",) if shape is None else shape.media_types
        content = {name: {"schema": dict(shapes.of(contract.takes))} for name in media_types}
    else:
        return None
    return {"required": True, "content": content}


def _scheme(kind: CallerKind[Any]) -> Mapping[str, object]:
    if kind.is_bearer:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": kind.about,
        }
    return {"type": "apiKey", "in": "header", "name": FIRST_PARTY_HEADER, "description": kind.about}


def _tag(door: str) -> str:
    return door.removeprefix("chalicelib.api.")
