"""Makes audit events; stores append them in the transaction of the change they describe."""

from collections.abc import Mapping

from chalicelib.domain.audit import Actor, AuditAction, AuditEvent, Origin
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId, new_ulid
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import SessionRef

_MAX_AGENT = 300  # characters
_MAX_REASON = 300  # the same


class Trail:
    """Gives every event its id and time; a repeated attempt asks again and gets fresh ones."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock."""
        self._clock = clock

    def event(
        self,
        action: AuditAction,
        *,
        workspace: WorkspaceId,
        actor: Actor,
        origin: Origin,
        subject: UserId | None = None,
        app: AppId | None = None,
        sid: SessionId | None = None,
        outcome: str = "success",
        reason: str | None = None,
        meta: Mapping[str, str | int] | None = None,
    ) -> AuditEvent:
        """Answer a new event of now."""
        at = self._clock.millis()
        bounded = Origin(
            ip=origin.ip, agent=origin.agent[:_MAX_AGENT], request_id=origin.request_id
        )
        return AuditEvent(
            id=new_ulid(at),
            at=at,
            workspace=workspace,
            action=action,
            actor=actor,
            origin=bounded,
            subject=subject,
            app=app,
            sid=sid,
            outcome=outcome,
            reason=None if reason is None else reason[:_MAX_REASON],
            meta=meta or {},
        )

    def of_session(
        self,
        action: AuditAction,
        ref: SessionRef,
        *,
        actor: Actor,
        origin: Origin,
        meta: Mapping[str, str | int] | None = None,
    ) -> AuditEvent:
        """Answer a new event about one session and its person."""
        return self.event(
            action,
            workspace=ref.partition.workspace,
            actor=actor,
            origin=origin,
            subject=ref.partition.user,
            app=ref.partition.app,
            sid=ref.sid,
            meta=meta,
        )
