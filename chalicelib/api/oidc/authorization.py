"""The door for browsers that clients send: to sign in, or to sign out."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import signed_out_of, visit_kept
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import LOCATION, SET_COOKIE
from chalicelib.api.navigation import onward
from chalicelib.api.oidc.requests import WORKSPACE, params_of
from chalicelib.api.refusals import RECORD, STEP
from chalicelib.api.schemas.oidc import AuthorizeParams, SignOutParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import AuditUnavailable
from chalicelib.services.visits import Visited

routes = Blueprint(__name__)


@routes.route("/oidc/{workspace}/authorize", methods=["GET", "POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=302,
    params=AuthorizeParams,
    reads=(WORKSPACE,),
    sends=(LOCATION, SET_COOKIE),
    raises=(STEP, RECORD),
)
def authorize(call: Call[Visit]) -> Reply[None]:
    """Send the browser to the login, or back (OpenID Connect Core 1.0, 3.1.2)."""
    sent = call.services.provider.oidc.authorize(
        call.request.param("workspace"),
        params_of(call.request),
        call.request.cookies(),
        call.caller,
    )
    if isinstance(sent, Visited) and sent.secret is not None:
        return onward(sent.location, visit_kept(sent.workspace, sent.secret))
    return onward(sent.location)


@routes.route("/oidc/{workspace}/logout", methods=["GET", "POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=302,
    params=SignOutParams,
    reads=(WORKSPACE,),
    sends=(LOCATION, SET_COOKIE),
    raises=(STEP, AuditUnavailable),
)
def sign_out(call: Call[Visit]) -> Reply[None]:
    """End the browser's sign-in (OpenID Connect RP-Initiated Logout 1.0).

    Any page can bring a browser here. Without an ID token of who is signed in, the person is asked.
    """
    signed_out = call.services.provider.sign_outs.of_application(
        call.request.param("workspace"),
        params_of(call.request),
        call.request.cookies(),
        call.caller,
        is_form=call.request.method == "POST",
    )
    return onward(signed_out.location, signed_out_of(signed_out))
