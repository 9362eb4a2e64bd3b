"""The door for operators who invite people."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.paging import CURSOR, after_of, cursor_of
from chalicelib.api.refusals import CHECK, RECORD
from chalicelib.api.schemas.invites import InviteIn, InviteOut, InviteRevokedOut, InvitesOut
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.denials import RateLimited
from chalicelib.domain.errors import Duplicate, NotFound
from chalicelib.domain.ids import AppId
from chalicelib.domain.invites import invite_id_of, position_of
from chalicelib.services.invites import Invited

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS
_INVITE = Parameter("path", "inviteId", "The invite's id, of a list.")


@routes.route("/api/v1/invites", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.member,
    _PLANE,
    status=201,
    raises=(NotFound, Duplicate, RateLimited, RECORD, CHECK),
)
def invite_user(call: Call[MemberCaller], body: InviteIn) -> InviteOut:
    """Mail somebody a link by which they may make an account; only the mail has its secret."""
    invited = call.services.hosted.guests.invites.invite(
        call.caller,
        email=body.email,
        app=None if body.app_id is None else AppId(body.app_id),
        seconds=body.ttl_seconds,
    )
    return _shown(call, invited)


@routes.route("/api/v1/invites", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE, reads=(CURSOR,), raises=CHECK)
def list_invites(call: Call[MemberCaller]) -> InvitesOut:
    """Answer the invites of the member's workspace, the newest first, by pages."""
    before = after_of(call.request, position_of)
    found, last = call.services.hosted.guests.invites.of(call.caller, before=before)
    return InvitesOut(items=[_shown(call, each) for each in found], next_cursor=cursor_of(last))


@routes.route("/api/v1/invites/{inviteId}", methods=["DELETE"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE, reads=(_INVITE,), raises=(NotFound, RECORD))
def revoke_invite(call: Call[MemberCaller]) -> InviteRevokedOut:
    """Take an invite back: its link permits nothing any more."""
    revoked = call.services.hosted.guests.invites.revoke(
        call.caller, invite_id_of(call.request.param("inviteId"))
    )
    return InviteRevokedOut(revoked=True, invite_id=revoked.id)


def _shown(call: Call[MemberCaller], invited: Invited) -> InviteOut:
    return InviteOut.of(invited, now=call.services.adapters.clock.now())
