"""Answers held against the published contract: nothing is sent that it does not promise."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry, validator_for

from app import app
from chalicelib.api.document import document_of

PROBLEM = "application/problem+json"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_CONTRACT = "urn:secureflows:contract"
# What every answer has, whatever it says: of HTTP, of CORS and of the gateway.
OF_TRANSPORT = {
    *("content-type", "content-length", "date", "server", "connection", "transfer-encoding"),
    *("vary", "x-content-type-options", "x-amzn-requestid", "x-amzn-errortype", "cache-control"),
    *("access-control-allow-origin", "access-control-expose-headers", "access-control-max-age"),
    *("access-control-allow-headers", "access-control-allow-methods"),
}
# A cookie comes only where a browser has to change something.
OPTIONAL = {"set-cookie", "cache-control", "idempotency-replayed", "dpop-nonce"}


@cache
def document() -> dict[str, Any]:
    """The contract as it is published."""
    return document_of(app.routes, origin="")


def holds(
    method: str, path: str, *, status: int, headers: Mapping[str, str], body: str | bytes
) -> None:
    """Fail when an answer is not what the contract says of this route."""
    said = operation(method, path)["responses"].get(str(status))
    where = f"{method} {path} answers {status}"
    assert said is not None, f"{where}, which is not documented: {body!r}"
    promised = {name.lower() for name in said.get("headers", ())}
    unsaid = headers.keys() - OF_TRANSPORT - promised
    assert unsaid == set(), f"{where} with headers that are not documented: {unsaid}"
    missing = promised - headers.keys() - OPTIONAL
    assert status >= 400 or missing == set(), f"{where} without the headers {missing}"
    content = said.get("content", {})
    if not content:
        assert not body, f"{where} with a body that is not documented: {body!r}"
        return
    media_type = headers.get("content-type", "").partition(";")[0]
    assert media_type in content, f"{where} as {media_type}, which is not documented"
    if media_type.endswith("xml"):
        return
    found = json.loads(body)
    pointer = f"{escaped(method, path)}/responses/{status}/content/{escape(media_type)}/schema"
    faults = [error.message for error in validator(pointer).iter_errors(found)]
    assert faults == [], f"{where} with a body that is not documented: {body!r}"
    if media_type == PROBLEM:
        assert found.keys() <= members(), f"{where} with members that are not documented"


def accepts(method: str, path: str, *, media_type: str, body: bytes) -> None:
    """Fail when a request that was served is not one that the contract allows."""
    said = operation(method, path).get("requestBody")
    if said is None:
        return
    assert media_type in said["content"] or media_type.endswith("+json"), (method, path, media_type)
    if media_type in said["content"] and media_type.endswith("json"):
        pointer = f"{escaped(method, path)}/requestBody/content/{escape(media_type)}/schema"
        faults = [error.message for error in validator(pointer).iter_errors(json.loads(body))]
        assert faults == [], f"{method} {path} takes what is not documented: {body!r}"


def operation(method: str, path: str) -> dict[str, Any]:
    """What the contract says of a route."""
    found: dict[str, Any] = document()["paths"][path][method.lower()]
    return found


def template_of(method: str, path: str) -> str | None:
    """The route of the contract that serves a path, if one does."""
    steps = path.partition("?")[0].split("/")
    paths: dict[str, dict[str, Any]] = document()["paths"]
    for template in sorted(paths, key=lambda each: each.count("{")):
        pattern = template.split("/")
        if (
            len(pattern) == len(steps)
            and all(p == s or (p[:1] == "{" and s) for p, s in zip(pattern, steps, strict=True))
            and method.lower() in paths[template]
        ):
            return template
    return None


def escape(step: str) -> str:
    """A step of a JSON pointer in a fragment (RFC 6901, sections 3 and 6)."""
    steps = step.replace("~", "~0").replace("/", "~1")
    return steps.replace("{", "%7B").replace("}", "%7D").replace("+", "%2B")


def escaped(method: str, path: str) -> str:
    """The pointer of an operation."""
    return f"/paths/{escape(path)}/{method.lower()}"


@cache
def validator(pointer: str) -> Draft202012Validator:
    """The validator of one schema in the document."""
    made = validator_for({"$schema": _DRAFT, "$ref": f"{_CONTRACT}#{pointer}"}, registry=_whole())
    assert isinstance(made, Draft202012Validator)
    return made


@cache
def _whole() -> Registry:
    # One for all validators: each with a copy of the document of its own would take 11 MB.
    whole = document()
    parts = {name: whole[name] for name in ("paths", "components")}
    return Registry([(_CONTRACT, {"$schema": _DRAFT, **parts})])


@cache
def members() -> frozenset[str]:
    """The members that a problem document may have."""
    return frozenset(document()["components"]["schemas"]["Problem"]["properties"])
