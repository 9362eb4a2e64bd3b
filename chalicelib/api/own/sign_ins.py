"""The door to where one is signed in, to what goes on by itself, and to the end of either."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cookies import ended
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import RECORD
from chalicelib.api.schemas.sign_ins import DevicesOut, GrantsOut, SignInsOut
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.errors import NotFound

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY
_SIGN_IN = Parameter("path", "signInId", "The sign-in's id, as the list tells it.")
_GRANT = Parameter("path", "grantId", "The grant's id, as the list tells it.")
_DEVICE = Parameter("path", "deviceId", "The device's id, as the list tells it.")


@routes.route("/api/v1/self/sign-ins", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_sign_ins(call: Call[PersonCaller]) -> SignInsOut:
    """Answer the browsers in which one is signed in, the newest first."""
    return _standing(call)


@routes.route("/api/v1/self/sign-ins/{signInId}", methods=["DELETE"], content_types=[])
@endpoint(
    routes,
    callers.person,
    _PLANE,
    reads=(_SIGN_IN,),
    sends=(SET_COOKIE,),
    raises=(RECORD, NotFound),
)
def end_sign_in(call: Call[PersonCaller]) -> Reply[SignInsOut]:
    """End one browser's sign-in with the tokens it gave, and answer those that are left."""
    own = call.services.hosted.account.own_sign_ins
    is_here = own.end(call.caller, call.request.param("signInId"))
    return Reply(_standing(call), cookies=ended(call.caller.workspace.id) if is_here else ())


@routes.route("/api/v1/self/sign-ins/end-others", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=RECORD)
def end_other_sign_ins(call: Call[PersonCaller]) -> SignInsOut:
    """End every other sign-in and every token, and forget every other browser."""
    call.services.hosted.account.own_sign_ins.end_others(call.caller)
    return _standing(call)


@routes.route("/api/v1/self/grants", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_grants(call: Call[PersonCaller]) -> GrantsOut:
    """Answer the applications that go on by a refresh token, the last used first."""
    return GrantsOut.of(call.services.hosted.account.own_sign_ins.holdings(call.caller))


@routes.route("/api/v1/self/grants/{grantId}", methods=["DELETE"], content_types=[])
@endpoint(routes, callers.person, _PLANE, reads=(_GRANT,), raises=(RECORD, NotFound))
def end_grant(call: Call[PersonCaller]) -> GrantsOut:
    """End what one application holds, and answer what is left."""
    own = call.services.hosted.account.own_sign_ins
    own.end_holding(call.caller, call.request.param("grantId"))
    return GrantsOut.of(own.holdings(call.caller))


@routes.route("/api/v1/self/devices", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_devices(call: Call[PersonCaller]) -> DevicesOut:
    """Answer the browsers that are known as one's own, the last used first."""
    return DevicesOut.of(*call.services.hosted.account.own_sign_ins.devices(call.caller))


@routes.route("/api/v1/self/devices/{deviceId}", methods=["DELETE"], content_types=[])
@endpoint(routes, callers.person, _PLANE, reads=(_DEVICE,), raises=(RECORD, NotFound))
def forget_device(call: Call[PersonCaller]) -> DevicesOut:
    """Forget one browser, whose next sign-in is told by mail, and answer those that are left."""
    own = call.services.hosted.account.own_sign_ins
    own.forget_device(call.caller, call.request.param("deviceId"))
    return DevicesOut.of(*own.devices(call.caller))


def _standing(call: Call[PersonCaller]) -> SignInsOut:
    own = call.services.hosted.account.own_sign_ins
    return SignInsOut.of(own.of(call.caller), here=call.caller.browser)
