"""The door for SAML providers elsewhere: what they know of us, and where they send browsers."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, Reply, Xml, endpoint
from chalicelib.api.headers import LOCATION
from chalicelib.api.navigation import onward
from chalicelib.api.oidc.callback import PROVIDER
from chalicelib.api.oidc.requests import WORKSPACE, form_of
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.callback import SamlParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import AuditUnavailable, NotFound

routes = Blueprint(__name__)


@routes.route("/oidc/{workspace}/saml/{provider}/metadata", methods=["GET"], content_types=[])
@endpoint(routes, callers.anyone, Plane.IDENTITY, reads=(WORKSPACE, PROVIDER), raises=NotFound)
def describe_ourselves(call: Call[Visit]) -> Xml:
    """Answer what a provider has to know of us (SAML Metadata 2.0)."""
    request = call.request
    return Xml(
        call.services.federation.saml.describe(
            request.param("workspace"), request.param("provider")
        )
    )


@routes.route("/oidc/{workspace}/saml/{provider}/acs", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=302,
    params=SamlParams,
    reads=(WORKSPACE, PROVIDER),
    sends=(LOCATION,),
    raises=(STEP, AuditUnavailable),
)
def take_response(call: Call[Visit]) -> Reply[None]:
    """Take a response that a provider lets the browser post, and send the browser on with a GET."""
    location = call.services.federation.saml.receive(
        call.request.param("workspace"),
        call.request.param("provider"),
        form_of(call.request),
        call.caller,
    )
    return onward(location)
