"""The door where a visitor's data is sealed anew for an account: it opens, so it stands apart."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cookies import visit_ended
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import SET_COOKIE
from chalicelib.api.refusals import BEGINNING, STEP
from chalicelib.api.schemas.visits import ChoiceIn, CopiedOut
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.errors import ErasureRefused

routes = Blueprint(__name__)


@routes.route("/api/v1/sessions/copies", methods=["POST"], content_types=[])
@endpoint(
    routes,
    callers.own_page,
    Plane.EXCHANGE,
    sends=(SET_COOKIE,),
    raises=(STEP, BEGINNING, ChallengeEnded, ErasureRefused),
)
def copy_visit(call: Call[Visit], body: ChoiceIn) -> Reply[CopiedOut]:
    """Copy what this browser's visitor has into the account that is signing in, and erase them.

    Only into applications where the account has no live session; asked again after an
    interruption it goes on.
    """
    workspace, copied = call.services.visiting.copies.take(
        body.request,
        challenge=body.challenge,
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return Reply(CopiedOut(copied=list(copied)), cookies=visit_ended(workspace))
