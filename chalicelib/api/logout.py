"""The door for those who end a sign-in, and leave the data alone."""

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cookies import signed_out_of
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import LOCATION, SET_COOKIE
from chalicelib.api.navigation import onward
from chalicelib.api.refusals import ADMISSION, LINK, RECORD
from chalicelib.api.schemas.session import LoggedOutOut
from chalicelib.domain.callers import SessionCaller, Visit
from chalicelib.domain.errors import Fault, InvalidInput

routes = Blueprint(__name__)

_EVERYWHERE = Parameter(
    "query",
    "everywhere",
    "Whether to end all tokens of this person in this application.",
    {"type": "boolean", "default": False},
)
_TOKEN = Parameter("query", "session_token", "The token whose sign-in ends; it may be expired.")
_RETURN = Parameter("query", "redirect_uri", "A registered address to go to afterwards.")


@routes.route("/api/v1/auth/logout", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.session,
    Plane.IDENTITY,
    reads=(_EVERYWHERE,),
    raises=(ADMISSION, RECORD),
)
def log_out(call: Call[SessionCaller]) -> LoggedOutOut:
    """End this sign-in's tokens, or with `?everywhere=true` all of them."""
    # Python's clients write True.
    everywhere = call.request.query.get("everywhere", "false").lower()
    if everywhere not in {"true", "false"}:
        raise InvalidInput("everywhere is true or false.", Fault("/everywhere", "not a boolean"))
    if everywhere == "true":
        call.services.grants.log_out_everywhere(call.caller)
    else:
        call.services.grants.log_out(call.caller)
    return LoggedOutOut(logged_out=True)


@routes.route("/api/v1/auth/logout", methods=["GET"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    Plane.IDENTITY,
    status=302,
    reads=(_TOKEN, _RETURN),
    sends=(LOCATION, SET_COOKIE),
    raises=(LINK, RECORD),
)
def log_out_by_link(call: Call[Visit]) -> Reply[None]:
    """Sign a browser out that was sent here, and send it back (for `returnFlow: "token"`)."""
    query = call.request.query
    signed_out = call.services.hosted.sign_outs.by_link(
        _token(query.get("session_token")),
        query.get("redirect_uri"),
        cookies=call.request.cookies(),
        visit=call.caller,
    )
    return onward(signed_out.location, signed_out_of(signed_out))


def _token(text: str | None) -> str:
    if not text:
        raise InvalidInput(
            "Send the session_token whose sign-in ends.", Fault("/session_token", "missing")
        )
    return text
