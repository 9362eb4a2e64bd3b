"""The door for operators: member tokens, workspaces, applications."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, Reply, endpoint
from chalicelib.api.paging import after_of, cursor_of
from chalicelib.api.schemas.console import (
    ApplicationIn,
    ApplicationOut,
    ApplicationsOut,
    MemberTokenIn,
    MemberTokenOut,
    WorkspaceIn,
    WorkspaceOut,
)
from chalicelib.domain.applications import ReturnFlow, redirect_uri_of
from chalicelib.domain.callers import IdentityCaller, MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import RESERVED_SLUGS, app_id_of, slug_of
from chalicelib.domain.limits import MIN_LIFETIME
from chalicelib.services.applications import Registration

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS


@routes.route("/api/v1/auth/member-token", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE)
def choose_workspace(call: Call[IdentityCaller]) -> Body:
    """Answer a member token for the workspace an operator chose."""
    body = call.request.model(MemberTokenIn)
    admitted = call.services.operators.enter(call.caller, body.workspace_name)
    return MemberTokenOut(
        member_token=admitted.text,
        workspace_name=body.workspace_name,
        role=admitted.member.role.value,
        expires_in=admitted.lifetime,
    )


@routes.route("/api/v1/workspaces", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE)
def create_workspace(call: Call[IdentityCaller]) -> Reply:
    """Create a workspace whose owner is the operator behind the ID token."""
    body = call.request.model(WorkspaceIn)
    slug = slug_of(body.workspace_name)
    if slug in RESERVED_SLUGS:
        raise InvalidInput("This name is reserved.", Fault("/workspaceName", "reserved"))
    workspace = call.services.workspaces.create(
        slug=slug,
        name=body.display_name,
        owner=call.services.operators.operator(call.caller),
        open_signup=body.open_signup,
        origin=call.caller.visit.origin,
    )
    return Reply(WorkspaceOut.of(workspace), status=201)


@routes.route("/api/v1/workspaces", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def get_workspace(call: Call[MemberCaller]) -> Body:
    """Answer the workspace that the member token was made for."""
    return WorkspaceOut.of(call.services.workspaces.get(call.caller.member.workspace))


@routes.route("/api/v1/applications", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def list_applications(call: Call[MemberCaller]) -> Body:
    """Answer the applications of the member's workspace, by pages."""
    found, last = call.services.applications.of(
        call.caller, after=after_of(call.request, app_id_of)
    )
    return ApplicationsOut(
        items=[ApplicationOut.of(application) for application in found],
        next_cursor=cursor_of(last),
    )


@routes.route("/api/v1/applications", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def register_application(call: Call[MemberCaller]) -> Reply:
    """Register an application in the member's workspace."""
    body = call.request.model(ApplicationIn)
    if 0 < body.payload_seconds < MIN_LIFETIME:
        raise InvalidInput(
            "A payload lifetime is 0 (kept) or at least 60 seconds.",
            Fault("/payloadLifetime", "0, or 60 and more"),
        )
    registration = Registration(
        id=app_id_of(body.app_id),
        name=body.display_name,
        redirect_uris=tuple(dict.fromkeys(map(redirect_uri_of, body.redirect_uris))),
        post_logout_uris=tuple(dict.fromkeys(map(redirect_uri_of, body.post_logout_uris))),
        token_seconds=body.token_seconds,
        payload_seconds=body.payload_seconds,
        payload_bytes=body.payload_bytes,
        color=body.color,
        requires_if_match=body.requires_if_match,
        requests_per_minute=body.requests_per_minute,
        return_flow=ReturnFlow(body.return_flow),
    )
    application = call.services.applications.register(call.caller, registration)
    return Reply(ApplicationOut.of(application), status=201)
