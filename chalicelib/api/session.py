"""The door for an application that comes with its user's sessionToken."""

from typing import Any, TypeVar

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, Reply, Verbatim, endpoint
from chalicelib.api.headers import ETAG, IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, REPLAYED
from chalicelib.api.idempotency import attempt_of, marked
from chalicelib.api.paging import CURSOR, after_of, cursor_of, limit, limit_of
from chalicelib.api.refusals import ADMISSION, READ, RECORD, WRITE
from chalicelib.api.schemas.session import (
    IdentityOut,
    KeyOut,
    KeySizeOut,
    KeysOut,
    PatchIn,
    PayloadIn,
    PayloadOut,
    RevokedOut,
    ValueIn,
)
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import KeyNotFound, ReplayUnavailable
from chalicelib.domain.limits import KEYS_PER_PAGE, MAX_KEY_LENGTH
from chalicelib.domain.payloads import JsonValue, PayloadText, key_name
from chalicelib.services.wishes import Terms, Written

B = TypeVar("B", bound=Body)

routes = Blueprint(__name__)

_PLANE = Plane.DATA
_KEY = Parameter(
    "path",
    "key",
    "The name of a key, percent-encoded once; `a%2Fb` is the key `a/b`.",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "examples": ["color"]},
)
_PREFIX = Parameter("query", "prefix", "What the names begin with.")
_TERMS = (IF_MATCH, IDEMPOTENCY_KEY)
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


@routes.route("/api/v1/sessions/get/{key}", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.session,
    _PLANE,
    reads=(_KEY, IF_NONE_MATCH),
    sends=(ETAG,),
    raises=(READ, KeyNotFound),
)
def get_key(call: Call[SessionCaller]) -> Reply[KeyOut]:
    """Answer one key's value."""
    key = call.request.param("key")
    value, version = call.services.payloads.get(call.caller, key)
    return _unless_known(call, version, KeyOut(key=key, value=value))


@routes.route("/api/v1/sessions/keys", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.session,
    _PLANE,
    reads=(_PREFIX, CURSOR, limit(KEYS_PER_PAGE), IF_NONE_MATCH),
    sends=(ETAG,),
    raises=READ,
)
def list_keys(call: Call[SessionCaller]) -> Reply[KeysOut]:
    """Answer the names and sizes of the keys, by pages."""
    page = call.services.payloads.keys(
        call.caller,
        prefix=call.request.query.get("prefix", ""),
        after=after_of(call.request, key_name),
        limit=limit_of(call.request, most=KEYS_PER_PAGE),
    )
    items = [KeySizeOut(key=item.key, size=item.size) for item in page.items]
    return _unless_known(call, page.version, KeysOut(items=items, next_cursor=cursor_of(page.last)))


@routes.route("/api/v1/sessions/set/{key}", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, reads=(_KEY, *_TERMS), sends=_WRITTEN, raises=_WRITE)
def set_key(call: Call[SessionCaller], body: ValueIn) -> Reply[PayloadOut]:
    """Write one key, and answer the full updated payload."""
    value, key = _unwrapped(body), call.request.param("key")
    return _written(call.services.writes.set(call.caller, key, value, _terms(call)))


@routes.route(
    "/api/v1/sessions/delete/{key}", methods=["DELETE"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.session, _PLANE, reads=(_KEY, *_TERMS), sends=_WRITTEN, raises=_WRITE)
def delete_key(call: Call[SessionCaller]) -> Reply[bool]:
    """Remove one key, and answer whether it existed."""
    key = call.request.param("key")
    return _written(call.services.writes.delete(call.caller, key, _terms(call)))


@routes.route("/api/v1/sessions/identity", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, raises=READ)
def get_identity(call: Call[SessionCaller]) -> IdentityOut:
    """Answer who the user is."""
    email = call.services.sessions.email_of(call.caller)
    return IdentityOut(user_id=call.caller.token.access.ref.partition.user, email=email)


@routes.route("/api/v1/sessions/revoke", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE, raises=(ADMISSION, RECORD))
def revoke(call: Call[SessionCaller]) -> RevokedOut:
    """Destroy this session and its payload."""
    return RevokedOut(revoked=True, session_id=call.services.sessions.revoke(call.caller))


def _as_written(payload: PayloadText) -> Reply[Any]:
    etag = {"ETag": f'"{payload.version}"'}
    if payload.text is None:
        return Reply(None, status=304, headers=etag)
    # It was checked when it was written: to parse and print it again would change nothing.
    return Reply(Verbatim(payload.text), headers=etag)


def _unless_known(call: Call[SessionCaller], version: int, body: B) -> Reply[B]:
    is_known = call.request.if_none_match().has(version)
    return Reply(body, status=304 if is_known else 200, headers={"ETag": f'"{version}"'})


def _terms(call: Call[SessionCaller]) -> Terms:
    return Terms(call.request.if_match(), attempt_of(call.request))


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
