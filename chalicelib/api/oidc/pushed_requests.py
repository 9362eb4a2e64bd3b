"""The door for clients that leave a request before they send the browser."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import DPOP, DPOP_NONCE, PRAGMA
from chalicelib.api.oidc.asking import asking
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied, fresh
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.oidc import PushedOut, PushParams
from chalicelib.api.schemas.tokens import DeniedOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed, RateLimited
from chalicelib.domain.oidc import Denied

routes = Blueprint(__name__)


@routes.route("/oidc/{workspace}/par", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=201,
    params=PushParams,
    reads=(WORKSPACE, DPOP),
    sends=(PRAGMA, DPOP_NONCE),
    also=DENIED,
    raises=(STEP, OriginNotAllowed, RateLimited),
)
def push_request(call: Call[Visit]) -> Reply[PushedOut] | Reply[DeniedOut]:
    """Keep an authorisation request for one browser (RFC 9126)."""
    asked = asking(call)
    if isinstance(asked, Denied):
        return denied(asked)
    shown = callers.demonstration(call.request, call.services.settings.origin)
    pushed = call.services.hosted.passages.pushed_requests.push(
        asked.client, asked.params, shown, call.caller
    )
    if isinstance(pushed, Denied):
        return denied(pushed)
    return Reply(
        PushedOut(request_uri=pushed.request_uri, expires_in=pushed.expires_in),
        headers={**UNKEPT, **fresh(pushed.nonce)},
    )
