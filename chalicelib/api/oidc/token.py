"""The door for clients that exchange what they hold for tokens."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Also
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import PRAGMA
from chalicelib.api.oidc.requests import WORKSPACE, form_of
from chalicelib.api.refusals import RECORD, STEP
from chalicelib.api.schemas.tokens import DeniedOut, TokenOut, TokenParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.errors import InvalidInput, PayloadQuota, SessionQuota
from chalicelib.domain.oidc import Denial, Denied

routes = Blueprint(__name__)

_REFUSED = Also(400, "No tokens, and why (RFC 6749, section 5.2).", DeniedOut, sends=(PRAGMA,))


@routes.route("/oidc/{workspace}/token", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    params=TokenParams,
    reads=(WORKSPACE,),
    sends=(PRAGMA,),
    also=(_REFUSED,),
    raises=(STEP, RECORD, OriginNotAllowed, PayloadQuota, SessionQuota),
)
def token(call: Call[Visit]) -> Reply[TokenOut] | Reply[DeniedOut]:
    """Exchange a code for tokens (RFC 6749, 4.1.3)."""
    try:
        params = form_of(call.request)
    except InvalidInput as error:
        return _denied(Denied(Denial.INVALID_REQUEST, error.detail))
    answer = call.services.hosted.codes.exchange(
        call.request.param("workspace"), params, call.caller
    )
    if isinstance(answer, Denied):
        return _denied(answer)
    return Reply(
        TokenOut(
            access_token=answer.session_token,
            expires_in=answer.expires_in,
            scope=answer.scope,
            id_token=answer.id_token,
        ),
        headers={"Pragma": "no-cache"},
    )


def _denied(denied: Denied) -> Reply[DeniedOut]:
    body = DeniedOut(error=denied.denial.value, error_description=denied.description)
    return Reply(body, status=400, headers={"Pragma": "no-cache"})
