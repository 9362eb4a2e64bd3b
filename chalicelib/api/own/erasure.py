"""The door out: people who delete their account."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import ended
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import ACCOUNT
from chalicelib.api.schemas.erasures import ErasedOut
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.errors import ErasureRefused, NotFound

routes = Blueprint(__name__)


@routes.route("/api/v1/self", methods=["DELETE"], content_types=[])
@endpoint(
    routes,
    callers.person,
    Plane.IDENTITY,
    sends=(SET_COOKIE,),
    raises=(ACCOUNT, ErasureRefused, NotFound),
)
def erase_self(call: Call[PersonCaller]) -> Reply[ErasedOut]:
    """Delete one's account with everything in it, for good, and answer what was destroyed."""
    certificate = call.services.erasing.own.erase(call.caller)
    return Reply(ErasedOut.of(certificate), cookies=ended(call.caller.workspace.id))
