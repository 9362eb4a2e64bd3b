"""The door for an application that ends its user's sign-in, and leaves the data alone."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, endpoint
from chalicelib.api.schemas.session import LoggedOutOut
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import Fault, InvalidInput

routes = Blueprint(__name__)


@routes.route("/api/v1/auth/logout", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.session, Plane.IDENTITY)
def log_out(call: Call[SessionCaller]) -> Body:
    """End this sign-in's tokens, or with `?everywhere=true` all of them."""
    everywhere = call.request.query.get("everywhere", "false")
    if everywhere not in {"true", "false"}:
        raise InvalidInput("everywhere is true or false.", Fault("/everywhere", "not a boolean"))
    if everywhere == "true":
        call.services.grants.log_out_everywhere(call.caller)
    else:
        call.services.grants.log_out(call.caller)
    return LoggedOutOut(logged_out=True)
