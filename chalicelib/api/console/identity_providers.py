"""The door for operators to the identity providers of their workspace."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import CHECK, RECORD
from chalicelib.api.schemas.identity_providers import (
    IdentityProviderOut,
    IdentityProviderRemovedOut,
    IdentityProvidersOut,
)
from chalicelib.api.schemas.provider_choices import IdentityProviderIn
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Duplicate, NotFound, NotReady, UpstreamUnavailable
from chalicelib.domain.saml import entity_of, recipient_of
from chalicelib.domain.upstreams import Upstream, UpstreamKind, callback_of

routes = Blueprint(__name__)

_NAME = Parameter("path", "name", "The provider's name in its workspace.")


@routes.route("/api/v1/identity-providers", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, Plane.OPERATORS)
def list_identity_providers(call: Call[MemberCaller]) -> IdentityProvidersOut:
    """Answer the identity providers of the member's workspace."""
    found = call.services.federation.upstreams.of(call.caller)
    return IdentityProvidersOut(items=[_shown(call, each) for each in found])


@routes.route(
    "/api/v1/identity-providers/{name}", methods=["PUT"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes,
    callers.member,
    Plane.OPERATORS,
    reads=(_NAME,),
    raises=(RECORD, CHECK, Duplicate, NotReady, UpstreamUnavailable),
)
def choose_identity_provider(
    call: Call[MemberCaller], body: IdentityProviderIn
) -> IdentityProviderOut:
    """Store an identity provider, or other settings of one."""
    name = call.request.param("name")
    return _shown(call, call.services.federation.upstreams.choose(call.caller, name, body.choice()))


@routes.route(
    "/api/v1/identity-providers/{name}", methods=["DELETE"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(
    routes, callers.member, Plane.OPERATORS, reads=(_NAME,), raises=(NotFound, NotReady, RECORD)
)
def remove_identity_provider(call: Call[MemberCaller]) -> IdentityProviderRemovedOut:
    """Remove an identity provider: nobody is sent there any more."""
    name = call.request.param("name")
    call.services.federation.upstreams.remove(call.caller, name)
    return IdentityProviderRemovedOut(removed=True, name=name)


def _shown(call: Call[MemberCaller], upstream: Upstream) -> IdentityProviderOut:
    slug = call.services.workspaces.get(upstream.workspace).slug
    place = (call.services.settings.origin, slug, upstream.name)
    if upstream.kind is UpstreamKind.SAML:
        descriptions = call.services.federation.descriptions
        return IdentityProviderOut.of(
            upstream,
            client_id=entity_of(*place),
            redirect_uri=recipient_of(*place),
            ends=descriptions.ends(upstream.certificates),
            warnings=descriptions.warnings(upstream.certificates),
        )
    return IdentityProviderOut.of(
        upstream, client_id=upstream.client_id, redirect_uri=callback_of(*place)
    )
