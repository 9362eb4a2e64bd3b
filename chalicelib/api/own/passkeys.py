"""The door to one's own passkeys."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import ACCOUNT
from chalicelib.api.schemas.passkeys import (
    AskedPasskeyOut,
    MadeIn,
    PasskeyNameIn,
    PasskeyOut,
    PasskeysOut,
)
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import Duplicate, NotFound

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY
_PASSKEY = Parameter("path", "passkeyId", "The passkey's id, as the list tells it.")


@routes.route("/api/v1/self/passkeys", methods=["GET"], content_types=[])
@endpoint(routes, callers.person, _PLANE)
def get_passkeys(call: Call[PersonCaller]) -> PasskeysOut:
    """Answer one's own passkeys, the oldest first."""
    return PasskeysOut.of(call.services.passkeys.own.of(call.caller))


@routes.route("/api/v1/self/passkeys/options", methods=["POST"], content_types=[])
@endpoint(routes, callers.person, _PLANE, raises=ACCOUNT)
def begin_passkey(call: Call[PersonCaller]) -> AskedPasskeyOut:
    """Answer what lets the browser make a passkey."""
    return AskedPasskeyOut.of(call.services.passkeys.own.begin(call.caller))


@routes.route("/api/v1/self/passkeys", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.person,
    _PLANE,
    status=201,
    raises=(ACCOUNT, ChallengeEnded, Duplicate, SigninRefused),
)
def add_passkey(call: Call[PersonCaller], body: MadeIn) -> PasskeyOut:
    """Keep the passkey that the browser made, and end the other sign-ins."""
    named = call.services.passkeys.own.finish(
        call.caller, body.credential.said(), challenge=body.challenge, name=body.name
    )
    return PasskeyOut.of(named)


@routes.route("/api/v1/self/passkeys/{passkeyId}", methods=["PATCH"], content_types=[])
@endpoint(routes, callers.person, _PLANE, reads=(_PASSKEY,), raises=(ACCOUNT, NotFound))
def rename_passkey(call: Call[PersonCaller], body: PasskeyNameIn) -> PasskeyOut:
    """Give a passkey another name."""
    passkey_id = call.request.param("passkeyId")
    return PasskeyOut.of(call.services.passkeys.own.rename(call.caller, passkey_id, body.name))


@routes.route("/api/v1/self/passkeys/{passkeyId}", methods=["DELETE"], content_types=[])
@endpoint(routes, callers.person, _PLANE, reads=(_PASSKEY,), raises=(ACCOUNT, NotFound))
def remove_passkey(call: Call[PersonCaller]) -> PasskeysOut:
    """Take a passkey away, end the other sign-ins, and answer those that are left."""
    own = call.services.passkeys.own
    own.remove(call.caller, call.request.param("passkeyId"))
    return PasskeysOut.of(own.of(call.caller))
