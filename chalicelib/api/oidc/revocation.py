"""The door for clients that give tokens back."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import PRAGMA
from chalicelib.api.oidc.asking import asking
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import RECORD, STEP
from chalicelib.api.schemas.tokens import DeniedOut, TokenHintParams, TokenRevokedOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.oidc import Denied

routes = Blueprint(__name__)


@routes.route("/oidc/{workspace}/revoke", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    params=TokenHintParams,
    reads=(WORKSPACE,),
    sends=(PRAGMA,),
    also=DENIED,
    raises=(STEP, RECORD, OriginNotAllowed),
)
def revoke_token(call: Call[Visit]) -> Reply[TokenRevokedOut] | Reply[DeniedOut]:
    """End the sign-in that a token came from (RFC 7009).

    A token that is unknown or over is answered like one that was ended.
    """
    asked = asking(call, "token")
    if isinstance(asked, Denied):
        return denied(asked)
    revocation = call.services.provider.revocation
    refusal = revocation.revoke(asked.client, asked.params["token"], call.caller)
    return Reply(TokenRevokedOut(), headers=UNKEPT) if refusal is None else denied(refusal)
