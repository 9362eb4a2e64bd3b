"""The door for programs that ask what a workspace's provider can do, and by which keys."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import CACHE_CONTROL
from chalicelib.api.oidc.requests import WORKSPACE
from chalicelib.api.schemas.documents import KeySet, Metadata
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import NotFound
from chalicelib.domain.limits import JWKS_AGE

routes = Blueprint(__name__)

# Long enough to spare a client the question, short beside the life of a signing key.
_CACHEABLE = {"Cache-Control": f"public, max-age={JWKS_AGE}"}


@routes.route(
    "/oidc/{workspace}/.well-known/openid-configuration",
    methods=["GET"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    reads=(WORKSPACE,),
    sends=(CACHE_CONTROL,),
    raises=NotFound,
)
def discovery(call: Call[Visit]) -> Reply[Metadata]:
    """Answer the provider's metadata (OpenID Connect Discovery 1.0, section 4)."""
    return _described(call)


# OAuth puts the well-known part before the issuer's path, and OpenID Connect behind it.
@routes.route(
    "/.well-known/oauth-authorization-server/oidc/{workspace}",
    methods=["GET"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    reads=(WORKSPACE,),
    sends=(CACHE_CONTROL,),
    raises=NotFound,
)
def describe_server(call: Call[Visit]) -> Reply[Metadata]:
    """Answer the provider's metadata where clients of plain OAuth look for it (RFC 8414, 3.1)."""
    return _described(call)


@routes.route("/oidc/{workspace}/jwks.json", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    reads=(WORKSPACE,),
    sends=(CACHE_CONTROL,),
    raises=NotFound,
)
def jwks(call: Call[Visit]) -> Reply[KeySet]:
    """Answer the public keys (RFC 7517)."""
    found = call.services.provider.oidc.jwks(call.request.param("workspace"))
    return Reply(KeySet(dict(found)), headers=_CACHEABLE)


def _described(call: Call[Visit]) -> Reply[Metadata]:
    found = call.services.provider.oidc.discovery(call.request.param("workspace"))
    return Reply(Metadata(dict(found)), headers=_CACHEABLE)
