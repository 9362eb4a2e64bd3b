"""The door for browsers that a provider elsewhere sends back."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import LOCATION
from chalicelib.api.navigation import onward
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.callback import CallbackParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import AuditUnavailable

routes = Blueprint(__name__)

PROVIDER = Parameter("path", "provider", "The provider's name in the workspace.")


@routes.route("/oidc/{workspace}/callback/{provider}", methods=["GET"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=302,
    params=CallbackParams,
    reads=(WORKSPACE, PROVIDER),
    sends=(LOCATION,),
    raises=(STEP, AuditUnavailable),
)
def come_back(call: Call[Visit]) -> Reply[None]:
    """Take a provider's answer, and send the browser on to the login's page."""
    location = call.services.federation.detours.come_back(
        call.request.param("workspace"),
        call.request.param("provider"),
        call.request.query,
        call.request.cookies(),
        call.caller,
    )
    return onward(location)
