"""The door for those who ask whether the platform can serve."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.schemas.health import HealthOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import KmsUnavailable

routes = Blueprint(__name__)


@routes.route("/api/v1/health", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.anyone, Plane.IDENTITY, raises=KmsUnavailable)
def health(call: Call[Visit]) -> HealthOut:
    """Answer 200 when the store answers and tokens can be verified."""
    if not call.services.tokens.jwks()["keys"]:
        raise KmsUnavailable("This deployment has no signing key yet.")
    return HealthOut(status="ok")
