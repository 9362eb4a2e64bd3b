"""The door to one's own profile, to the password, and to the address that goes with it."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import ACCOUNT
from chalicelib.api.schemas.own import (
    AddressAskedOut,
    AddressIn,
    AddressOut,
    PasswordIn,
    PasswordOut,
    SelfOut,
    TypedIn,
)
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.denials import ChallengeEnded, RateLimited, SigninRefused
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/self", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(KeyUnavailable, KmsUnavailable))
def get_self(call: Call[PersonCaller]) -> SelfOut:
    """Answer who one is here, and in which workspace."""
    profile = call.services.hosted.account.own.profile(call.caller)
    return SelfOut.of(call.caller.workspace, profile)


@routes.route("/api/v1/self/password", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, RateLimited, SigninRefused))
def change_password(call: Call[PersonCaller], body: PasswordIn) -> PasswordOut:
    """Replace the password by who knows it, and end the other sign-ins."""
    call.services.hosted.account.own.change_password(
        call.caller, old=body.password, new=body.new_password
    )
    return PasswordOut(changed=True)


@routes.route("/api/v1/self/email", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, RateLimited))
def begin_address(call: Call[PersonCaller], body: AddressIn) -> AddressAskedOut:
    """Mail a code to another address; one that is taken gets the same answer."""
    challenge, email = call.services.hosted.account.addresses.start(call.caller, email=body.email)
    return AddressAskedOut(challenge=challenge, email=email)


@routes.route("/api/v1/self/email/confirm", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=(ACCOUNT, ChallengeEnded, SigninRefused))
def confirm_address(call: Call[PersonCaller], body: TypedIn) -> AddressOut:
    """Move to the other address with the code that was mailed, and end the other sign-ins."""
    email = call.services.hosted.account.addresses.finish(
        call.caller, challenge=body.challenge, code=body.code
    )
    return AddressOut(email=email)
