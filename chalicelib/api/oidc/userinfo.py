"""The door for clients that ask who signed in."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import ADMISSION
from chalicelib.api.schemas.userinfo import UserInfoOut
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import KeyUnavailable

routes = Blueprint(__name__)


@routes.route(
    "/oidc/{workspace}/userinfo", methods=["GET", "POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes,
    callers.session,
    Plane.IDENTITY,
    reads=(WORKSPACE,),
    raises=(ADMISSION, KeyUnavailable),
)
def userinfo(call: Call[SessionCaller]) -> UserInfoOut:
    """Answer the claims that the token's scope covers (OpenID Connect Core 1.0, 5.3).

    Unlike those of an ID token they are of this moment.
    """
    slug = call.request.param("workspace")
    profile = call.services.hosted.provider.people.known_to(slug, call.caller)
    return UserInfoOut.of(call.caller.token, profile)
