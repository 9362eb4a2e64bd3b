"""The door for servers that ask whether a token counts."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import PRAGMA
from chalicelib.api.oidc.asking import asking
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.tokens import DeniedOut, IntrospectedOut, TokenHintParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.oidc import Denial, Denied

routes = Blueprint(__name__)

_NO_SECRET = Denied(Denial.INVALID_CLIENT, "only a client with a secret may ask about tokens")


@routes.route("/oidc/{workspace}/introspect", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    params=TokenHintParams,
    reads=(WORKSPACE,),
    sends=(PRAGMA,),
    also=DENIED,
    raises=(STEP, OriginNotAllowed),
)
def introspect_token(call: Call[Visit]) -> Reply[IntrospectedOut] | Reply[DeniedOut]:
    """Tell a server what a token of its own is good for at this moment (RFC 7662)."""
    asked = asking(call, "token")
    if isinstance(asked, Denied):
        return denied(asked)
    # A public client's id is no proof of anything (RFC 7662, section 2.1).
    if not asked.client.application.is_confidential:
        return denied(_NO_SECRET)
    introspection = call.services.hosted.provider.introspection
    found = introspection.describe(asked.client, asked.params["token"])
    return Reply(IntrospectedOut.model_validate(found), headers=UNKEPT)
