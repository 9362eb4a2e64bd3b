"""The door for the hosted login's page where somebody follows the link of an invite."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import invite_kept
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import STEP
from chalicelib.api.schemas.invites import InviteShownIn, WelcomeOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded

routes = Blueprint(__name__)


@routes.route("/api/v1/login/invite", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    Plane.IDENTITY,
    sends=(SET_COOKIE,),
    raises=(STEP, ChallengeEnded),
)
def show_invite(call: Call[Visit], body: InviteShownIn) -> Reply[WelcomeOut]:
    """Answer what an invite is for, and let the browser show it where an account is made."""
    welcome = call.services.hosted.guests.invites.welcome(body.workspace_name, body.invite)
    kept = invite_kept(welcome.workspace.id, body.invite)
    return Reply(WelcomeOut.of(welcome), cookies=kept)
