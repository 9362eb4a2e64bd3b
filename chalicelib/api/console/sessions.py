"""The door for operators to the sessions of their workspace, without payloads."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import RECORD
from chalicelib.api.schemas.console import LifetimeIn, LifetimeOut
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import SessionId

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS
_SESSION = Parameter("path", "sessionId", "The session's id.")


@routes.route(
    "/api/v1/sessions/admin/{sessionId}/ttl", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes, callers.member, _PLANE, reads=(_SESSION,), raises=(NotFound, SessionEnded, RECORD)
)
def change_lifetime(call: Call[MemberCaller], body: LifetimeIn) -> LifetimeOut:
    """Let a session end in so many seconds from now, or keep it."""
    # What cannot be an id is not the name of anything.
    sid = SessionId(call.request.param("sessionId"))
    head = call.services.desk.lifetimes.change(call.caller, sid, ttl_seconds=body.ttl_seconds)
    return LifetimeOut.of(head)
