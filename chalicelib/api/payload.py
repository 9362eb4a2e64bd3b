"""The door for the payload of an application's user, as plain JSON."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, Verbatim, endpoint
from chalicelib.api.headers import (
    ETAG,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    REPLAYED,
    UNLESS_AT,
)
from chalicelib.api.idempotency import attempt_of, marked
from chalicelib.api.refusals import READ, WRITE
from chalicelib.api.schemas.payload import KEY, PatchIn, PayloadIn, PayloadOut, ValueIn
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import ReplayUnavailable
from chalicelib.domain.payloads import JsonValue, PayloadText
from chalicelib.services.wishes import Terms, Written

routes = Blueprint(__name__)

_PLANE = Plane.DATA
_TERMS = (IF_MATCH, UNLESS_AT, IDEMPOTENCY_KEY)
_WRITTEN = (ETAG, REPLAYED)
_WRITE = (WRITE, ReplayUnavailable)


@routes.route("/api/v1/sessions", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, reads=(IF_NONE_MATCH,), sends=(ETAG,), raises=READ)
def get_payload(call: Call[SessionCaller]) -> Reply[PayloadOut]:
    """Answer the whole payload, a flat object."""
    payload = call.services.payloads.text(call.caller, unless=call.request.if_none_match())
    return _as_written(payload)


@routes.route("/api/v1/sessions", methods=["PUT"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, reads=_TERMS, sends=_WRITTEN, raises=_WRITE)
def put_payload(call: Call[SessionCaller], body: PayloadIn) -> Reply[PayloadOut]:
    """Replace the whole payload."""
    return _written(call.services.writes.replace(call.caller, body, _terms(call)))


@routes.route("/api/v1/sessions", methods=["PATCH"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, reads=_TERMS, sends=_WRITTEN, raises=_WRITE)
def patch_payload(call: Call[SessionCaller], body: PatchIn) -> Reply[PayloadOut]:
    """Merge a patch into the payload (RFC 7396)."""
    return _written(call.services.writes.patch(call.caller, body, _terms(call)))


@routes.route("/api/v1/sessions/set/{key}", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, reads=(KEY, *_TERMS), sends=_WRITTEN, raises=_WRITE)
def set_key(call: Call[SessionCaller], body: ValueIn) -> Reply[PayloadOut]:
    """Write one key, and answer the full updated payload."""
    value, key = _unwrapped(body), call.request.param("key")
    return _written(call.services.writes.set(call.caller, key, value, _terms(call)))


@routes.route(
    "/api/v1/sessions/delete/{key}", methods=["DELETE"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.session, _PLANE, reads=(KEY, *_TERMS), sends=_WRITTEN, raises=_WRITE)
def delete_key(call: Call[SessionCaller]) -> Reply[bool]:
    """Remove one key, and answer whether it existed."""
    key = call.request.param("key")
    return _written(call.services.writes.delete(call.caller, key, _terms(call)))


def _as_written(payload: PayloadText) -> Reply[Any]:
    etag = {"ETag": f'"{payload.version}"'}
    if payload.text is None:
        return Reply(None, status=304, headers=etag)
    # It was checked when it was written: to parse and print it again would change nothing.
    return Reply(Verbatim(payload.text), headers=etag)


def _terms(call: Call[SessionCaller]) -> Terms:
    request = call.request
    return Terms(request.if_match(), request.if_none_match(), attempt_of(request))


def _written(written: Written) -> Reply[Any]:
    headers = {"ETag": f'"{written.version}"'}
    return Reply(
        written.body,
        status=written.status,
        headers=marked(headers, is_replay=written.is_replay),
    )


def _unwrapped(body: JsonValue) -> JsonValue:
    # Existing clients send {"value": x}; anything else is itself the value.
    if isinstance(body, dict) and list(body) == ["value"]:
        return body["value"]
    return body
