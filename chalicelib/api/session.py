"""The door for an application that comes with its user's sessionToken."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, Reply, endpoint
from chalicelib.api.paging import after_of, cursor_of, limit_of
from chalicelib.api.schemas.session import IdentityOut, KeyOut, KeySizeOut, KeysOut, RevokedOut
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.limits import KEYS_PER_PAGE
from chalicelib.domain.payloads import JsonValue, OpenPayload, key_name

routes = Blueprint(__name__)

_PLANE = Plane.DATA


@routes.route("/api/v1/sessions", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def get_payload(call: Call[SessionCaller]) -> Reply:
    """Answer the whole payload, a flat object."""
    payload = call.services.payloads.read(call.caller)
    return _unless_known(call, payload.version, payload.data)


@routes.route("/api/v1/sessions", methods=["PUT"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def put_payload(call: Call[SessionCaller]) -> Reply:
    """Replace the whole payload."""
    body, if_match = call.request.json(), call.request.if_match()
    return _whole(call.services.writes.replace(call.caller, body, if_match))


@routes.route("/api/v1/sessions", methods=["PATCH"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def patch_payload(call: Call[SessionCaller]) -> Reply:
    """Merge a patch into the payload (RFC 7396)."""
    body, if_match = call.request.json(), call.request.if_match()
    return _whole(call.services.writes.patch(call.caller, body, if_match))


@routes.route("/api/v1/sessions/get/{key}", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def get_key(call: Call[SessionCaller]) -> Reply:
    """Answer one key's value."""
    key = call.request.param("key")
    value, version = call.services.payloads.get(call.caller, key)
    return _unless_known(call, version, KeyOut(key=key, value=value))


@routes.route("/api/v1/sessions/keys", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def list_keys(call: Call[SessionCaller]) -> Reply:
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
@endpoint(routes, callers.session, _PLANE)
def set_key(call: Call[SessionCaller]) -> Reply:
    """Write one key, and answer the full updated payload."""
    value = _unwrapped(call.request.json())
    payload = call.services.writes.set(
        call.caller, call.request.param("key"), value, call.request.if_match()
    )
    return _whole(payload)


@routes.route(
    "/api/v1/sessions/delete/{key}", methods=["DELETE"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.session, _PLANE)
def delete_key(call: Call[SessionCaller]) -> Reply:
    """Remove one key, and answer whether it existed."""
    existed, after = call.services.writes.delete(
        call.caller, call.request.param("key"), call.request.if_match()
    )
    return Reply(existed, headers={"ETag": f'"{after.version}"'})


@routes.route("/api/v1/sessions/identity", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def get_identity(call: Call[SessionCaller]) -> Body:
    """Answer who the user is."""
    email = call.services.sessions.email_of(call.caller)
    return IdentityOut(user_id=call.caller.token.access.ref.partition.user, email=email)


@routes.route("/api/v1/sessions/revoke", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, _PLANE)
def revoke(call: Call[SessionCaller]) -> Body:
    """Destroy this session and its payload."""
    return RevokedOut(revoked=True, session_id=call.services.sessions.revoke(call.caller))


def _unless_known(call: Call[SessionCaller], version: int, body: Body) -> Reply:
    is_known = call.request.if_none_match().has(version)
    return Reply(body, status=304 if is_known else 200, headers={"ETag": f'"{version}"'})


def _whole(payload: OpenPayload) -> Reply:
    return Reply(payload.data, headers={"ETag": f'"{payload.version}"'})


def _unwrapped(body: JsonValue) -> JsonValue:
    # Existing clients send {"value": x}; anything else is itself the value.
    if isinstance(body, dict) and list(body) == ["value"]:
        return body["value"]
    return body
