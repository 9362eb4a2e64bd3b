"""The door for operators who choose or create a workspace."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.refusals import ARRIVAL, RECORD
from chalicelib.api.schemas.console import (
    HeldWorkspaceOut,
    MemberTokenIn,
    MemberTokenOut,
    WorkspaceIn,
    WorkspaceOut,
    WorkspacePatchIn,
)
from chalicelib.domain.callers import IdentityCaller, MemberCaller
from chalicelib.domain.errors import AuditUnavailable, Duplicate, Fault, InvalidInput, NotReady
from chalicelib.domain.ids import RESERVED_SLUGS, slug_of

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS


@routes.route("/api/v1/auth/member-token", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE, raises=ARRIVAL)
def choose_workspace(call: Call[IdentityCaller], body: MemberTokenIn) -> MemberTokenOut:
    """Answer a member token for the workspace an operator chose."""
    admitted = call.services.operators.enter(call.caller, body.workspace_name)
    return MemberTokenOut(
        member_token=admitted.text,
        workspace_name=body.workspace_name,
        role=admitted.member.role.value,
        expires_in=admitted.lifetime,
    )


@routes.route("/api/v1/workspaces", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.identity,
    _PLANE,
    status=201,
    raises=(ARRIVAL, AuditUnavailable, Duplicate),
)
def create_workspace(call: Call[IdentityCaller], body: WorkspaceIn) -> WorkspaceOut:
    """Create a workspace whose owner is the operator behind the ID token."""
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
    return WorkspaceOut.of(workspace)


@routes.route("/api/v1/workspaces", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def get_workspace(call: Call[MemberCaller]) -> HeldWorkspaceOut:
    """Answer the workspace that the member token was made for, and what it holds."""
    workspace = call.services.workspaces.get(call.caller.member.workspace)
    return HeldWorkspaceOut.holding(workspace, call.services.holdings.quotas.holdings(workspace))


@routes.route("/api/v1/workspaces", methods=["PATCH"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE, raises=(RECORD, NotReady))
def change_workspace(call: Call[MemberCaller], body: WorkspacePatchIn) -> WorkspaceOut:
    """Change the workspace's settings; sign-ins of before stay, and prove no more than they did."""
    return WorkspaceOut.of(call.services.federation.demands.change(call.caller, body.wish()))
