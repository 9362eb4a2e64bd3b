"""The door for servers that ask whether a token counts."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.callers import bearer
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import PRAGMA
from chalicelib.api.oidc.asking import Asking, asking
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied
from chalicelib.api.oidc.requests import WORKSPACE, form_of
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.tokens import DeniedOut, IntrospectedOut, TokenHintParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed, TokenExpired, TokenInvalid, TokenMissing
from chalicelib.domain.errors import InvalidInput
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
    raises=(STEP, OriginNotAllowed, TokenExpired, TokenInvalid, TokenMissing),
)
def introspect_token(call: Call[Visit]) -> Reply[IntrospectedOut] | Reply[DeniedOut]:
    """Tell a server what a token of its own is good for at this moment (RFC 7662).

    It shows its secret, or a token of its own that it was given for `client_credentials`.
    """
    scheme = (call.request.header("authorization") or "").partition(" ")[0].lower()
    asked = _by_token(call) if scheme == "bearer" else asking(call, "token")
    if isinstance(asked, Denied):
        return denied(asked)
    # A public client's id is no proof of anything (RFC 7662, section 2.1).
    if not asked.client.application.is_confidential:
        return denied(_NO_SECRET)
    introspection = call.services.provider.introspection
    found = introspection.describe(asked.client, asked.params["token"])
    return Reply(IntrospectedOut.model_validate(found), headers=UNKEPT)


def _by_token(call: Call[Visit]) -> Asking | Denied:
    slug = call.request.param("workspace")
    client = call.services.provider.client_grants.client(slug, bearer(call.request))
    try:
        params = form_of(call.request)
    except InvalidInput as error:
        return Denied(Denial.INVALID_REQUEST, error.detail)
    if not params.get("token"):
        return Denied(Denial.INVALID_REQUEST, "token is missing")
    return Asking(client, params)
