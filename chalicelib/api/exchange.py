"""The door for a person with a fresh ID token, who begins or renews a session."""

from collections.abc import Callable

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import IDEMPOTENCY_KEY, REPLAYED
from chalicelib.api.idempotency import attempt_of, marked
from chalicelib.api.refusals import BEGINNING, RENEWAL
from chalicelib.api.schemas.session import RenewIn, RenewOut, SessionIn, SessionOut
from chalicelib.domain.callers import Arrival, IdentityCaller, SessionCaller
from chalicelib.domain.denials import Forbidden, NotOwner, SessionEnded
from chalicelib.domain.payloads import Payload, payload_of
from chalicelib.domain.receipts import Attempt
from chalicelib.services.sessions import Begun

routes = Blueprint(__name__)

_PLANE = Plane.EXCHANGE
_READS = (IDEMPOTENCY_KEY,)
_RAISES = (BEGINNING, SessionEnded)
_Enter = Callable[[Arrival, Payload, int | None, Attempt | None], Begun]
_TOKEN = Parameter("path", "session_token", "The token to renew; it may be expired.")


@routes.route("/api/v1/sessions", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE, reads=_READS, sends=(REPLAYED,), raises=_RAISES)
def create_session(call: Call[IdentityCaller], body: SessionIn) -> Reply[SessionOut]:
    """Begin a new session beside those that are live."""
    return _entered(call, body, call.services.sessions.create)


@routes.route("/api/v1/sessions/get-or-create", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE, reads=_READS, sends=(REPLAYED,), raises=_RAISES)
def get_or_create_session(call: Call[IdentityCaller], body: SessionIn) -> Reply[SessionOut]:
    """Continue the newest live session, or begin one; a fresh token each call."""
    return _entered(call, body, call.services.sessions.get_or_create)


@routes.route("/api/v1/sessions/renew", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.identity, _PLANE, raises=(RENEWAL, NotOwner))
def renew_session(call: Call[IdentityCaller], body: RenewIn) -> RenewOut:
    """Supersede a session's tokens by a fresh one, for its owner."""
    return _renewed(call, body.session_token)


@routes.route(
    "/api/v1/sessions/renew/{session_token}", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.identity, _PLANE, reads=(_TOKEN,), raises=(RENEWAL, NotOwner))
def renew_session_by_path(call: Call[IdentityCaller]) -> RenewOut:
    """Renew a session whose token comes in the path (for `returnFlow: "token"`)."""
    application = call.services.arrivals.application(call.caller)
    if not application.carries_tokens:
        raise Forbidden(
            "This application sends no tokens in addresses.",
            hint="Send the token in the body of POST /api/v1/sessions/renew.",
        )
    return _renewed(call, call.request.param("session_token"))


def _renewed(call: Call[IdentityCaller], old_token: str) -> RenewOut:
    old = call.services.tokens.read_past_session_token(old_token)
    arrival = call.services.arrivals.of_session(call.caller, old)
    token = call.caller.token
    issued = call.services.grants.renew(arrival, old, grant=token.grant, given_at=token.iat)
    payload = call.services.payloads.read(SessionCaller(issued.token, call.caller.visit))
    return RenewOut(session_token=issued.text, payload=payload.data)


def _entered(call: Call[IdentityCaller], body: SessionIn, enter: _Enter) -> Reply[SessionOut]:
    attempt = attempt_of(call.request)
    arrival = call.services.arrivals.of(call.caller, body.workspace_name, body.app_id)
    ttl_seconds = arrival.application.shortened(body.ttl_seconds)
    begun = enter(arrival, payload_of(body.payload or {}), ttl_seconds, attempt)
    # A receipt holds no token: whoever repeats a creation gets a new one for the same session.
    token = call.caller.token
    issued = call.services.grants.hand_out(
        arrival, begun.head, grant=token.grant, given_at=token.iat
    )
    out = SessionOut(session_token=issued.text)
    return Reply(out, headers=marked({}, is_replay=begun.is_replay))
