"""The door for operators who let a person's strangers' browsers try again."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import RECORD
from chalicelib.api.schemas.locks import UnlockedOut
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable, NotFound
from chalicelib.domain.ids import user_id_of

routes = Blueprint(__name__)

_USER = Parameter("path", "userId", "The person's number in the workspace.")


@routes.route("/api/v1/users/{userId}/unlock", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.member,
    Plane.OPERATORS,
    reads=(_USER,),
    raises=(NotFound, KeyUnavailable, KmsUnavailable, RECORD),
)
def unlock_user(call: Call[MemberCaller]) -> UnlockedOut:
    """Lift the lock that guessing brought on a person's account; owners and admins may."""
    user = user_id_of(call.request.param("userId"))
    call.services.hosted.guard.locks.lift(call.caller, user)
    return UnlockedOut(unlocked=True, user_id=user)
