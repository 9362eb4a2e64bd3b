"""The door for passkeys at the hosted login's own page."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.onward import onward
from chalicelib.api.refusals import DEPARTURE, PROOF, STEP
from chalicelib.api.schemas.login import LeaveOut, StepIn
from chalicelib.api.schemas.passkeys import AskedPasskeyOut, OfferedIn, OfferIn, ShownIn
from chalicelib.api.schemas.steps import StepOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, RateLimited
from chalicelib.domain.errors import Duplicate

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/login/passkey/options", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, RateLimited))
def ask_for_passkey(call: Call[Visit], body: StepIn) -> AskedPasskeyOut:
    """Answer what lets anybody choose a passkey and show it; it names nobody."""
    ceremony = call.services.passkeys.login.ask(body.request, call.caller)
    return AskedPasskeyOut.of(ceremony)


@routes.route("/api/v1/login/passkey", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(PROOF, ChallengeEnded))
def show_passkey(call: Call[Visit], body: ShownIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let the person in whose passkey was shown; it counts as two factors."""
    found = call.services.passkeys.login.sign_in(
        body.request,
        body.credential.said(),
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return onward(call, found)


@routes.route("/api/v1/login/steps/passkey/options", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, ChallengeEnded))
def take_up_offer(call: Call[Visit], body: OfferIn) -> AskedPasskeyOut:
    """Answer what lets the browser make a passkey, to whoever was offered one."""
    return AskedPasskeyOut.of(call.services.passkeys.offers.begin(body.request, offer=body.offer))


@routes.route("/api/v1/login/steps/passkey", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(PROOF, ChallengeEnded, Duplicate),
)
def make_passkey(call: Call[Visit], body: OfferedIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Keep the passkey that the browser made, end other sign-ins, and let its person in."""
    found = call.services.passkeys.offers.accept(
        body.request,
        body.credential.said(),
        offer=body.offer,
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return onward(call, found)


@routes.route("/api/v1/login/steps/passkey/skip", methods=["POST"], content_types=[])
@endpoint(
    routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(STEP, DEPARTURE, ChallengeEnded)
)
def decline_offer(call: Call[Visit], body: OfferIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in who makes no passkey now."""
    found = call.services.passkeys.offers.decline(
        body.request, offer=body.offer, cookies=call.request.cookies(), visit=call.caller
    )
    return onward(call, found)
