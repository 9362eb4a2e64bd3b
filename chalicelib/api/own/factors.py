"""The door to one's own second factors."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import ACCOUNT
from chalicelib.api.schemas.own import FactorsOut, RecoveryCodesOut, SetupOut, TypedIn
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import NotFound

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/self/factors", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_factors(call: Call[PersonCaller]) -> FactorsOut:
    """Answer what a person proves themselves with, and no secret of it."""
    return FactorsOut.of(*call.services.hosted.account.own.factors(call.caller))


@routes.route("/api/v1/self/totp", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=ACCOUNT)
def begin_totp(call: Call[PersonCaller]) -> SetupOut:
    """Answer what an authenticator is set up with; one before stays until the code is typed."""
    return SetupOut.of(call.services.hosted.account.own.begin_totp(call.caller))


@routes.route("/api/v1/self/totp/confirm", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, ChallengeEnded, SigninRefused))
def confirm_totp(call: Call[PersonCaller], body: TypedIn) -> RecoveryCodesOut:
    """Take the authenticator into use, end the other sign-ins, and answer recovery codes."""
    codes = call.services.hosted.account.own.confirm_totp(
        call.caller, challenge=body.challenge, code=body.code
    )
    return RecoveryCodesOut(recovery_codes=list(codes))


@routes.route("/api/v1/self/totp", methods=["DELETE"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, NotFound))
def remove_totp(call: Call[PersonCaller]) -> FactorsOut:
    """Take the authenticator away with its recovery codes, and end the other sign-ins."""
    account = call.services.hosted.account.own
    account.remove_totp(call.caller)
    return FactorsOut.of(*account.factors(call.caller))


@routes.route("/api/v1/self/recovery-codes", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, NotFound))
def renew_recovery_codes(call: Call[PersonCaller]) -> RecoveryCodesOut:
    """Answer new recovery codes, in the place of all before, and end the other sign-ins."""
    codes = call.services.hosted.account.own.renew_recovery_codes(call.caller)
    return RecoveryCodesOut(recovery_codes=list(codes))
