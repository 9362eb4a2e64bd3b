"""The door for the page on which a person lets a device in, and for no other."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.device_approvals import (
    DecidedOut,
    DecisionIn,
    UserCodeIn,
    WaitingIn,
    WaitingOut,
)
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import RateLimited, TokenMissing
from chalicelib.domain.errors import AuditUnavailable

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/login/device/look-up", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, RateLimited))
def look_up_device(call: Call[Visit], body: UserCodeIn) -> WaitingOut:
    """Answer which application waits behind a typed code; each try counts."""
    found = call.services.hosted.device_approvals.look_up(
        body.workspace_name, body.user_code, call.request.cookies(), call.caller
    )
    return WaitingOut.of(found)


@routes.route("/api/v1/login/device/context", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=STEP)
def see_device(call: Call[Visit], body: WaitingIn) -> WaitingOut:
    """Answer which application waits, to the page that knows it from before a sign-in."""
    found = call.services.hosted.device_approvals.seen(
        body.workspace_name, body.device, body.user_code, call.request.cookies()
    )
    return WaitingOut.of(found)


@routes.route("/api/v1/login/device/decide", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, AuditUnavailable, TokenMissing))
def decide_device(call: Call[Visit], body: DecisionIn) -> DecidedOut:
    """Let a device in as the person who is signed in here, or send it away."""
    call.services.hosted.device_approvals.decide(
        body.workspace_name,
        body.device,
        body.user_code,
        approves=body.approve,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return DecidedOut(approved=body.approve)
