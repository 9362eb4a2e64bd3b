"""The door for the hosted login's own page, and for no other."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import marked, signed_out_of
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.onward import onward
from chalicelib.api.refusals import DEPARTURE, PROOF, STEP
from chalicelib.api.schemas.login import (
    ChallengeOut,
    ContextOut,
    ForgotIn,
    LeaveOut,
    ResendIn,
    ResentOut,
    ResetIn,
    ResetOut,
    SignInIn,
    SignOutIn,
    SignUpIn,
    StepIn,
    VerifyIn,
)
from chalicelib.api.schemas.steps import StepOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, Forbidden, RateLimited, TokenMissing
from chalicelib.domain.errors import AuditUnavailable, WriteConflict

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/login/context", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=STEP)
def open_login(call: Call[Visit], body: StepIn) -> ContextOut:
    """Answer what the page shows before anybody types."""
    opening = call.services.hosted.login.open(body.request, call.request.cookies())
    found = call.services.federation.upstreams.open_ones(opening.workspace.id)
    return ContextOut.of(opening, found)


@routes.route("/api/v1/login/sign-in", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=PROOF)
def sign_in(call: Call[Visit], body: SignInIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in with a password."""
    found = call.services.hosted.login.sign_in(
        body.request,
        email=body.email,
        password=body.password,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found)


@routes.route("/api/v1/login/sign-up", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, Forbidden, RateLimited))
def sign_up(call: Call[Visit], body: SignUpIn) -> ChallengeOut:
    """Begin an account and mail a code; a taken address gets the same answer."""
    challenge, email = call.services.hosted.login.sign_up(
        body.request,
        email=body.email,
        password=body.password,
        name=body.name,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return ChallengeOut(challenge=challenge, email=email)


@routes.route("/api/v1/login/sign-up/verify", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(PROOF, ChallengeEnded))
def verify_sign_up(call: Call[Visit], body: VerifyIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a new person in with the code that was mailed."""
    found = call.services.hosted.login.verify(
        body.request,
        challenge=body.challenge,
        code=body.code,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found)


@routes.route("/api/v1/login/sign-up/resend", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, ChallengeEnded, RateLimited))
def resend_code(call: Call[Visit], body: ResendIn) -> ResentOut:
    """Mail another code for the same challenge."""
    call.services.hosted.login.resend(body.request, challenge=body.challenge)
    return ResentOut(challenge=body.challenge)


@routes.route("/api/v1/login/steps/totp", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(PROOF, ChallengeEnded))
def show_totp(call: Call[Visit], body: VerifyIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in with an authenticator's code, after the password."""
    found = call.services.hosted.login.show_totp(
        body.request,
        challenge=body.challenge,
        code=body.code,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found)


@routes.route("/api/v1/login/steps/recovery", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(PROOF, ChallengeEnded))
def show_recovery(call: Call[Visit], body: VerifyIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in with a recovery code in the authenticator's place; it is used up."""
    found = call.services.hosted.login.show_recovery(
        body.request,
        challenge=body.challenge,
        code=body.code,
        cookies=call.request.cookies(),
        visit=call.caller,
        offers_passkey=body.passkey_offer,
    )
    return onward(call, found)


@routes.route("/api/v1/login/steps/enrolment", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(PROOF, ChallengeEnded, WriteConflict))
def enrol(call: Call[Visit], body: VerifyIn) -> StepOut:
    """Take an authenticator into use that the workspace demands, and answer recovery codes."""
    step = call.services.hosted.login.enrol(
        body.request, challenge=body.challenge, code=body.code, visit=call.caller
    )
    return StepOut.of(step)


@routes.route("/api/v1/login/steps/recovery-codes", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(STEP, AuditUnavailable, ChallengeEnded),
)
def keep_recovery_codes(call: Call[Visit], body: ResendIn) -> Reply[LeaveOut] | Reply[StepOut]:
    """Let a person in who has seen the recovery codes."""
    found = call.services.hosted.login.keep(
        body.request,
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return onward(call, found)


@routes.route("/api/v1/login/password/forgot", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, RateLimited))
def forget_password(call: Call[Visit], body: ForgotIn) -> ChallengeOut:
    """Mail a code for a new password; an unknown address gets the same answer."""
    challenge, email = call.services.hosted.login.forget(
        body.request, email=body.email, visit=call.caller
    )
    return ChallengeOut(challenge=challenge, email=email)


@routes.route("/api/v1/login/password/reset", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(PROOF, ChallengeEnded, WriteConflict),
)
def reset_password(call: Call[Visit], body: ResetIn) -> Reply[ResetOut]:
    """Replace a forgotten password with the code that was mailed, and end every sign-in.

    Nobody is signed in by it, and the browser is known from then on: guesses of strangers do not
    delay it.
    """
    mark = call.services.hosted.login.reset(
        body.request,
        challenge=body.challenge,
        code=body.code,
        password=body.password,
        visit=call.caller,
    )
    return Reply(ResetOut(changed=True), cookies=marked(mark, call.request.cookies()))


@routes.route("/api/v1/login/sign-out", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, sends=(SET_COOKIE,), raises=(STEP, AuditUnavailable))
def sign_out(call: Call[Visit], body: SignOutIn) -> Reply[LeaveOut]:
    """Sign out whoever an application wants signed out, now that they said yes."""
    signed_out = call.services.provider.sign_outs.of_person(
        body.request, call.request.cookies(), call.caller
    )
    return Reply(LeaveOut(redirect_to=signed_out.location), cookies=signed_out_of(signed_out))


@routes.route("/api/v1/login/continue", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=(STEP, DEPARTURE, TokenMissing))
def continue_login(call: Call[Visit], body: StepIn) -> LeaveOut:
    """Go on as the person whom the browser remembers."""
    location = call.services.hosted.login.resume(body.request, call.request.cookies(), call.caller)
    return LeaveOut(redirect_to=location)
