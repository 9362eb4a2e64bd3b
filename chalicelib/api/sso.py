"""The door for the hosted login's page where people sign in by a provider elsewhere."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import detour_ended, detour_kept, entered
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import PROOF, STEP
from chalicelib.api.schemas.login import LeaveOut, StepIn
from chalicelib.api.schemas.sso import LinkedOut, RouteIn, RouteOut, SsoIn, UnlinkedOut
from chalicelib.api.schemas.steps import StepOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, Forbidden, RateLimited, TokenMissing
from chalicelib.domain.errors import AuditUnavailable, NotReady, UpstreamUnavailable, WriteConflict
from chalicelib.services.federated import Unlinked
from chalicelib.services.steps import Step

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY


@routes.route("/api/v1/login/sso/route", methods=["POST"], content_types=[])
@endpoint(routes, callers.own_page, _PLANE, raises=STEP)
def route_address(call: Call[Visit], body: RouteIn) -> RouteOut:
    """Answer where the people of an address's domain sign in; whether it is known plays no part."""
    routed = call.services.federation.detours.route(body.request, email=body.email)
    return RouteOut.of(routed)


@routes.route("/api/v1/login/sso", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(STEP, NotReady, RateLimited, UpstreamUnavailable),
)
def begin_sso(call: Call[Visit], body: SsoIn) -> Reply[LeaveOut]:
    """Answer where the browser goes to sign in by a provider elsewhere."""
    departure = call.services.federation.detours.begin(
        body.request, body.provider, email=body.email, visit=call.caller
    )
    return Reply(
        LeaveOut(redirect_to=departure.location),
        cookies=detour_kept(departure.workspace, departure.secret),
    )


@routes.route("/api/v1/login/sso/finish", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    sends=(SET_COOKIE,),
    raises=(PROOF, AuditUnavailable, ChallengeEnded, Forbidden, WriteConflict),
)
def finish_sso(
    call: Call[Visit], body: StepIn
) -> Reply[LeaveOut] | Reply[StepOut] | Reply[UnlinkedOut]:
    """Let a person in for whom a provider elsewhere vouched, or say what has to come first."""
    cookies = call.request.cookies()
    onward = call.services.federation.federated.finish(body.request, cookies, call.caller)
    if isinstance(onward, Unlinked):
        return Reply(UnlinkedOut.of(onward))
    if isinstance(onward, Step):
        return Reply(StepOut.of(onward))
    return Reply(
        LeaveOut(redirect_to=onward.location),
        cookies=(
            *entered(onward, cookies),
            *detour_ended(onward.workspace),
        ),
    )


@routes.route("/api/v1/login/sso/link", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    _PLANE,
    raises=(STEP, AuditUnavailable, ChallengeEnded, Forbidden, TokenMissing, WriteConflict),
)
def link_sso(call: Call[Visit], body: StepIn) -> LinkedOut:
    """Make the account that was just signed in to and whom a provider vouched for one."""
    name = call.services.federation.federated.link(
        body.request, call.request.cookies(), call.caller
    )
    return LinkedOut(linked=name)
