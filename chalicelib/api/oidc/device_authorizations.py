"""The door for devices without a browser, which ask for a person's leave."""

from urllib.parse import urlencode

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import DPOP, DPOP_NONCE, PRAGMA
from chalicelib.api.oidc.asking import asking
from chalicelib.api.oidc.denied import DENIED, UNKEPT, denied, fresh
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.device_authorizations import DeviceParams, StartedOut
from chalicelib.api.schemas.tokens import DeniedOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed, RateLimited
from chalicelib.domain.device_authorizations import grouped
from chalicelib.domain.oidc import DEVICE_PAGE, Denied

routes = Blueprint(__name__)


@routes.route(
    "/oidc/{workspace}/device_authorization", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    params=DeviceParams,
    reads=(WORKSPACE, DPOP),
    sends=(PRAGMA, DPOP_NONCE),
    also=DENIED,
    raises=(STEP, OriginNotAllowed, RateLimited),
)
def start_device(call: Call[Visit]) -> Reply[StartedOut] | Reply[DeniedOut]:
    """Begin to wait for a person who lets a device in (RFC 8628, section 3)."""
    asked = asking(call)
    if isinstance(asked, Denied):
        return denied(asked)
    shown = callers.demonstration(call.request, call.services.settings.origin)
    started = call.services.hosted.passages.device_authorizations.start(
        asked.client, asked.params, shown, call.caller
    )
    if isinstance(started, Denied):
        return denied(started)
    page = f"{call.services.settings.origin}{DEVICE_PAGE}"
    named = {"workspace": asked.client.workspace.slug}
    code = grouped(started.user_code)
    return Reply(
        StartedOut(
            device_code=started.device_code,
            user_code=code,
            verification_uri=f"{page}?{urlencode(named)}",
            verification_uri_complete=f"{page}?{urlencode({**named, 'user_code': code})}",
            expires_in=started.expires_in,
            interval=started.interval,
        ),
        headers={**UNKEPT, **fresh(started.nonce)},
    )
