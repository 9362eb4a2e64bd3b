"""The door for operators to the secrets of their applications on servers."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import RECORD
from chalicelib.api.schemas.client_secrets import NewSecretOut, SecretRemovedOut
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import AppId

routes = Blueprint(__name__)

_APP = Parameter("path", "appId", "The application's id in its workspace.")
_SECRET = Parameter("path", "secretId", "The name of the secret, as it was told with it.")


@routes.route(
    "/api/v1/applications/{appId}/secrets", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes,
    callers.member,
    Plane.OPERATORS,
    status=201,
    reads=(_APP,),
    raises=(NotFound, RECORD),
)
def add_secret(call: Call[MemberCaller]) -> NewSecretOut:
    """Make one more secret for a server; the answer is the only one that shows it."""
    app = AppId(call.request.param("appId"))
    return NewSecretOut.told(call.services.desk.client_secrets.add(call.caller, app))


@routes.route(
    "/api/v1/applications/{appId}/secrets/{secretId}",
    methods=["DELETE"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(
    routes,
    callers.member,
    Plane.OPERATORS,
    reads=(_APP, _SECRET),
    raises=(NotFound, RECORD),
)
def remove_secret(call: Call[MemberCaller]) -> SecretRemovedOut:
    """Remove a secret: whoever still sends it is refused within seconds."""
    app, secret_id = AppId(call.request.param("appId")), call.request.param("secretId")
    call.services.desk.client_secrets.remove(call.caller, app, secret_id)
    return SecretRemovedOut(removed=True, secret_id=secret_id)
