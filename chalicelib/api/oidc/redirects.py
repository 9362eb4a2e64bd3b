"""The door for those who ask whether an application may be returned to at an address."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.schemas.oidc import RedirectIn, RedirectOut
from chalicelib.domain.callers import Visit

routes = Blueprint(__name__)


@routes.route(
    "/api/v1/applications/validate-redirect", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.anyone, Plane.IDENTITY)
def validate_redirect(call: Call[Visit], body: RedirectIn) -> RedirectOut:
    """Tell whether an application may be returned to at an address; always with 200."""
    verdict = call.services.hosted.passages.authorization.judge(
        body.workspace_name, body.app_id, body.redirect_uri
    )
    application = verdict.application
    return RedirectOut(
        valid=verdict.reason is None,
        app_id=body.app_id,
        redirect_uri=body.redirect_uri,
        reason=verdict.reason,
        display_name=None if application is None else application.name,
    )
