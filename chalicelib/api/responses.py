"""Responses: how a contract describes the answers of a route, and each of its refusals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from inspect import signature
from typing import Any

from chalicelib.api.contract import Header
from chalicelib.api.endpoint import XML, Declaration, Xml
from chalicelib.api.headers import OF_PROBLEMS
from chalicelib.api.problems import MEDIA_TYPE, STATUS, Problem, problem_of
from chalicelib.api.schemas.problem import Problem as Document
from chalicelib.api.shapes import Shapes, given_by, json_of
from chalicelib.domain.errors import DomainError

_REQUEST_ID = "01995d2e-6b1c-7c4e-9a52-1f0c7c1d2e3f"
_JSON = "application/json"
_METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
    'entityID="https://flows.example/oidc/demo/saml/acme/metadata">…</EntityDescriptor>'
)
# What a member of a problem is in an example, by the type of the error's own argument.
_SAMPLES: Mapping[object, int | str] = {int: 3, str: "sessions"}


def responses_of(
    declaration: Declaration, method: str, errors: Iterable[type[DomainError]], shapes: Shapes
) -> Mapping[str, object]:
    """Answer the responses of a route by status, its own before what it is refused with."""
    contract, always = declaration.contract, declaration.kind.sends
    given = given_by(contract)
    responses: dict[int, dict[str, Any]] = {
        contract.status_of(method): _answer(
            _about(*given), shapes, *given, sends=contract.sends + always
        )
    }
    for also in contract.others:
        responses[also.status] = _answer(also.about, shapes, also.gives, sends=also.sends + always)
    by_status = defaultdict(list)
    for error in sorted(errors, key=lambda error: error.code):
        by_status[STATUS[error.code][0]].append(error)
    for status, kinds in by_status.items():
        refusal = _refusal(status, kinds, shapes, always)
        before = responses.setdefault(status, refusal)
        if before is not refusal:
            before["content"] |= refusal["content"]
            before["description"] += f"\n\n{refusal['description']}"
            before["headers"] = refusal.get("headers", {}) | before.get("headers", {})
    return {str(status): responses[status] for status in sorted(responses)}


def sample_of(kind: type[DomainError]) -> DomainError:
    """Answer an error of this kind as an example."""
    given: dict[str, Any] = {
        name: _SAMPLES[parameter.annotation]
        for name, parameter in signature(kind).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    return kind(_first_sentence(kind), **given)


def examples_of(errors: Iterable[type[DomainError]], *, origin: str) -> Mapping[str, object]:
    """Answer a problem document of each error, by its code."""
    return {
        kind.code: {
            "summary": sample_of(kind).detail,
            "value": dict(_problem(kind, origin=origin).document),
        }
        for kind in sorted(errors, key=lambda kind: kind.code)
    }


def headers_of(headers: Iterable[Header]) -> Mapping[str, object]:
    """Answer headers as a contract describes them."""
    return {
        header.name: {"description": header.about, "schema": dict(header.schema)}
        for header in headers
    }


def _about(*given: object) -> str:
    if not given:
        return "The browser goes on."
    shape = json_of(given[0])
    if shape is not None:
        return shape.about
    return "True or false." if given[0] is bool else _first_sentence(given[0])


def _first_sentence(described: object) -> str:
    return " ".join((described.__doc__ or "").partition("\n\n")[0].split())


def _answer(about: str, shapes: Shapes, *given: object, sends: Iterable[Header]) -> dict[str, Any]:
    if given == (Xml,):
        content: dict[str, Any] = {XML: {"schema": {"type": "string"}, "example": _METADATA}}
        return {"description": "The document.", "content": content}
    kinds = [kind for kind in given if kind is not None]
    schemas = [dict(shapes.of(kind)) for kind in kinds]
    headers = headers_of(sends)
    return {
        "description": about,
        **({"headers": headers} if headers else {}),
        **({"content": {_JSON: {"schema": _any(schemas)}}} if schemas else {}),
    }


def _any(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _refusal(
    status: int, kinds: list[type[DomainError]], shapes: Shapes, always: Iterable[Header]
) -> dict[str, Any]:
    codes = [kind.code for kind in kinds]
    sent = {name for kind in kinds for name in _problem(kind).headers}
    headers = sorted((sent & OF_PROBLEMS.keys()) | {header.name for header in always})
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{code}`' for code in codes)}.",
        **({"headers": {name: _ref("headers", name) for name in headers}} if headers else {}),
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "allOf": [dict(shapes.of(Document))],
                    "properties": {"status": {"const": status}, "code": {"enum": codes}},
                },
                "examples": {code: _ref("examples", code) for code in codes},
            }
        },
    }


def _problem(kind: type[DomainError], *, origin: str = "") -> Problem:
    return problem_of(sample_of(kind), origin=origin, request_id=_REQUEST_ID)


def _ref(room: str, name: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/{room}/{name}"}
