"""The access log: one line for each request, on who called which route and how that went."""

from dataclasses import dataclass

from chalice.app import Request, Response

from chalicelib import logs
from chalicelib.domain.callers import IdentityCaller, MemberCaller, PersonCaller, SessionCaller
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId
from chalicelib.wiring.container import Container

_MAX_AGENT = 300  # characters

_log = logs.logger("access")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is known of a request when it is answered; `caller` is `None` until one is proven.

    `status` of a refusal is its own, also where a person's browser was sent to read of it.
    """

    kind: str
    plane: str
    caller: object
    status: int
    code: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Known:
    workspace: WorkspaceId
    user: UserId
    app: AppId | None = None
    sid: SessionId | None = None


def record(raw: Request, response: Response, passage: Passage, services: Container) -> None:
    """Write the line: templates, ids and numbers, and never what was asked or answered."""
    identity = raw.context.get("identity") or {}
    known = _known(passage.caller, services)
    fields: dict[str, object] = {
        "kind": "access",
        "route": raw.path,
        "method": raw.method,
        "plane": passage.plane,
        "status": passage.status,
        "code": passage.code,
        "duration_ms": round(passage.seconds * 1_000, 1),
        "bytes_in": len(raw.raw_body),
        "bytes_out": _size(response.body),
        "caller": passage.kind,
        "ip": str(identity.get("sourceIp") or ""),
        "agent": str(raw.headers.get("user-agent") or "")[:_MAX_AGENT],
        "request_id": str(raw.context.get("requestId") or ""),
    }
    if known is not None:
        fields |= {
            "workspace": known.workspace,
            "app": known.app,
            "sid": known.sid,
            "user": known.user,
        }
    _log.info("request", extra=fields)


def _known(caller: object, services: Container) -> _Known | None:
    match caller:
        case SessionCaller():
            ref = caller.token.access.ref
            partition = ref.partition
            return _Known(partition.workspace, partition.user, partition.app, ref.sid)
        case IdentityCaller():
            # The token names its client; whose that is costs no read here. A request that failed
            # before anybody asked stays without a workspace.
            application = services.applications.client_at_hand(caller.token.client_id)
            if application is None:
                return None
            return _Known(application.workspace, caller.token.user, application.id)
        case MemberCaller():
            return _Known(caller.member.workspace, caller.member.operator)
        case PersonCaller():
            return _Known(caller.person.workspace, caller.person.user)
    return None


def _size(body: object) -> int:
    if isinstance(body, str):
        # Most answers are ASCII, whose length Python knows without looking.
        return len(body) if body.isascii() else len(body.encode())
    return len(body) if isinstance(body, bytes) else 0
