"""The door for clients that ask who signed in."""

from dataclasses import replace

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.oidc.requests import WORKSPACE, form_of
from chalicelib.api.refusals import ADMISSION
from chalicelib.api.request import Incoming
from chalicelib.api.schemas.userinfo import UserInfoOut, UserInfoParams
from chalicelib.domain.callers import SessionCaller
from chalicelib.domain.errors import Fault, InvalidInput, KeyUnavailable
from chalicelib.wiring.container import Container

routes = Blueprint(__name__)


def _holder(request: Incoming, services: Container) -> SessionCaller:
    # RFC 6750, 2.2: a form may bring the token where no header can be sent. An address may not.
    text = form_of(request).get("access_token") if request.body else None
    if text:
        if request.header("authorization") is not None:
            raise InvalidInput(
                "The token comes in two ways.", Fault("/access_token", "in the header too")
            )
        shown = {"authorization": f"Bearer {text}"}
        request = replace(request, headers={**request.headers, **shown})
    return callers.session.authenticate(request, services)


@routes.route("/oidc/{workspace}/userinfo", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
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
    return _told(call)


@routes.route("/oidc/{workspace}/userinfo", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    replace(callers.session, authenticate=_holder),
    Plane.IDENTITY,
    params=UserInfoParams,
    reads=(WORKSPACE,),
    raises=(ADMISSION, KeyUnavailable),
)
def userinfo_of_form(call: Call[SessionCaller]) -> UserInfoOut:
    """Answer the same claims to a POST, whose form may bring the token (RFC 6750, 2.2)."""
    return _told(call)


def _told(call: Call[SessionCaller]) -> UserInfoOut:
    slug = call.request.param("workspace")
    profile = call.services.provider.people.known_to(slug, call.caller)
    return UserInfoOut.of(call.caller.token, profile)
