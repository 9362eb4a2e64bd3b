"""The door for operators who free a person's account from factors that are a stranger's."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import RECORD
from chalicelib.api.schemas.rescues import FactorsRemovedOut
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import KeyUnavailable, KmsUnavailable, NotFound
from chalicelib.domain.ids import user_id_of

routes = Blueprint(__name__)

_USER = Parameter("path", "userId", "The person's number in the workspace.")


@routes.route(
    "/api/v1/users/{userId}/remove-factors", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes,
    callers.member,
    Plane.OPERATORS,
    reads=(_USER,),
    raises=(NotFound, KeyUnavailable, KmsUnavailable, RECORD),
)
def remove_factors(call: Call[MemberCaller]) -> FactorsRemovedOut:
    """Remove a person's authenticator, recovery codes and passkeys; owners and admins may.

    All their sign-ins end, and they are told by mail. What stays is the password, which they can
    replace by mail.
    """
    user = user_id_of(call.request.param("userId"))
    removed = call.services.hosted.account.rescues.remove_factors(call.caller, user)
    return FactorsRemovedOut(removed=removed, user_id=user)
