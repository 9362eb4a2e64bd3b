"""The door for clients that exchange what they hold for tokens."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import DPOP, DPOP_NONCE, PRAGMA
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied, fresh
from chalicelib.api.oidc.requests import WORKSPACE, credentials_of, form_of
from chalicelib.api.refusals import RECORD, STEP
from chalicelib.api.schemas.tokens import DeniedOut, TokenOut, TokenParams
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.errors import InvalidInput, PayloadQuota, SessionQuota
from chalicelib.domain.oidc import Denial, Denied

routes = Blueprint(__name__)


@routes.route("/oidc/{workspace}/token", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    params=TokenParams,
    reads=(WORKSPACE, DPOP),
    sends=(PRAGMA, DPOP_NONCE),
    also=DENIED,
    raises=(STEP, RECORD, OriginNotAllowed, PayloadQuota, SessionQuota),
)
def token(call: Call[Visit]) -> Reply[TokenOut] | Reply[DeniedOut]:
    """Answer tokens for a grant (RFC 6749, section 3.2)."""
    try:
        params = form_of(call.request)
        credentials = credentials_of(call.request, params)
    except InvalidInput as error:
        return denied(Denied(Denial.INVALID_REQUEST, error.detail))
    answer = call.services.provider.token_endpoint.grant(
        call.request.param("workspace"),
        params,
        credentials,
        call.caller,
        callers.demonstration(call.request, call.services.settings.origin),
    )
    if isinstance(answer, Denied):
        return denied(answer)
    return Reply(
        TokenOut(
            access_token=answer.access_token,
            token_type=answer.token_type,
            expires_in=answer.expires_in,
            scope=answer.scope,
            id_token=answer.id_token,
            refresh_token=answer.refresh_token,
        ),
        headers={**UNKEPT, **fresh(answer.nonce)},
    )
