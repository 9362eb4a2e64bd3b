"""The door for the hosted login's page where somebody has no account, or adds one."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import visit_ended, visit_kept
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.onward import onward
from chalicelib.api.refusals import DEPARTURE, PROOF, RECORD, STEP
from chalicelib.api.schemas.erasures import ErasedOut
from chalicelib.api.schemas.login import (
    ChallengeOut,
    LeaveOut,
    ResendIn,
    ResentOut,
    SignUpIn,
    StepIn,
    VerifyIn,
)
from chalicelib.api.schemas.steps import StepOut
from chalicelib.api.schemas.visits import ChoiceIn
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, Forbidden, RateLimited, TokenMissing
from chalicelib.domain.errors import ErasureRefused

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/login/visit", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(STEP, DEPARTURE, Forbidden, RateLimited, TokenMissing),
)
def enter_visitor(call: Call[Visit], body: StepIn) -> Reply[LeaveOut]:
    """Go on without an account, as the visitor of before or as a new one."""
    visited = call.services.visiting.visits.enter(body.request, call.request.cookies(), call.caller)
    return Reply(
        LeaveOut(redirect_to=visited.location),
        cookies=() if visited.secret is None else visit_kept(visited.workspace, visited.secret),
    )


@routes.route("/api/v1/login/visit/erase", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(STEP, RECORD, ErasureRefused, Forbidden, TokenMissing),
)
def erase_visitor(call: Call[Visit], body: StepIn) -> Reply[ErasedOut]:
    """Delete all that this browser's visitor has, in every application and for good."""
    workspace, certificate = call.services.visiting.visits.erase(
        body.request, call.request.cookies(), call.caller
    )
    return Reply(ErasedOut.of(certificate), cookies=visit_ended(workspace))


@routes.route("/api/v1/login/visit/upgrade", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, Forbidden, RateLimited, TokenMissing))
def begin_upgrade(call: Call[Visit], body: SignUpIn) -> ChallengeOut:
    """Begin an account for the visitor and mail a code; a taken address gets the same answer."""
    challenge, email = call.services.visiting.visits.upgrade(
        body.request,
        email=body.email,
        password=body.password,
        name=body.name,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return ChallengeOut(challenge=challenge, email=email)


@routes.route("/api/v1/login/visit/resend", methods=["POST"], content_types=[])
@endpoint(
    routes, callers.own_page, _PLANE, raises=(STEP, ChallengeEnded, RateLimited, TokenMissing)
)
def resend_upgrade_code(call: Call[Visit], body: ResendIn) -> ResentOut:
    """Mail another code for the account that the visitor begins."""
    call.services.visiting.visits.resend(
        body.request,
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return ResentOut(challenge=body.challenge)


@routes.route("/api/v1/login/visit/confirm", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(PROOF, ChallengeEnded, Forbidden, TokenMissing),
)
def confirm_upgrade(call: Call[Visit], body: VerifyIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let the visitor in with the account that the mailed code makes; what they have stays."""
    workspace, found = call.services.visiting.visits.confirm(
        body.request,
        challenge=body.challenge,
        code=body.code,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found, visit_ended(workspace))


@routes.route("/api/v1/login/steps/visitor", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(PROOF, ChallengeEnded))
def settle_visit(call: Call[Visit], body: ChoiceIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in who has chosen what becomes of what a visitor left in this browser."""
    found = call.services.visiting.visits.settle(
        body.request,
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found)
