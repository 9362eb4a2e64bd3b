"""The door to the providers elsewhere that let oneself in."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import ACCOUNT
from chalicelib.api.schemas.links import LinksOut
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.errors import NotFound

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY
_LINK = Parameter("path", "linkId", "The link's id, as the list tells it.")


@routes.route("/api/v1/self/identity-providers", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_links(call: Call[PersonCaller]) -> LinksOut:
    """Answer the providers elsewhere that let oneself in, the oldest first."""
    return LinksOut.of(call.services.federation.own.of(call.caller))


@routes.route("/api/v1/self/identity-providers/{linkId}", methods=["DELETE"], content_types=[])
@endpoint(routes, callers.person, _PLANE, reads=(_LINK,), raises=(ACCOUNT, NotFound))
def remove_link(call: Call[PersonCaller]) -> LinksOut:
    """Let a provider vouch no more, end the other sign-ins, and answer those that are left."""
    own = call.services.federation.own
    own.remove(call.caller, call.request.param("linkId"))
    return LinksOut.of(own.of(call.caller))
