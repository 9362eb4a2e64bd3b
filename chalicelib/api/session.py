"""The door for an application that comes with its user's sessionToken."""

from typing import TypeVar

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, Reply, endpoint
from chalicelib.api.headers import ETAG, IF_NONE_MATCH
from chalicelib.api.paging import CURSOR, after_of, cursor_of, limit, limit_of
from chalicelib.api.refusals import ADMISSION, READ, RECORD
from chalicelib.api.schemas.payload import KEY
from chalicelib.api.schemas.session import IdentityOut, KeyOut, KeySizeOut, KeysOut, RevokedOut
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import KeyNotFound
from chalicelib.domain.limits import KEYS_PER_PAGE
from chalicelib.domain.payloads import key_name

B = TypeVar("B", bound=Body)

routes = Blueprint(__name__)

_PLANE = Plane.DATA
_PREFIX = Parameter("query", "prefix", "What the names begin with.")


@routes.route("/api/v1/sessions/get/{key}", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.session,
    _PLANE,
    reads=(KEY, IF_NONE_MATCH),
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


def _unless_known(call: Call[SessionCaller], version: int, body: B) -> Reply[B]:
    is_known = call.request.if_none_match().has(version)
    return Reply(body, status=304 if is_known else 200, headers={"ETag": f'"{version}"'})
