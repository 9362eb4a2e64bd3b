"""The audit trail in DynamoDB: events are put and queried, never changed."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import AUDIT, hour_of, shard_of, workspace_pk
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put, Refused
from chalicelib.domain.audit import Actor, ActorKind, AuditAction, AuditEvent, Origin, day_of
from chalicelib.domain.errors import AuditUnavailable, StoreUnavailable
from chalicelib.domain.ids import WorkspaceId, is_part

_SHARDS = 4
_VERSION = 1
_ONCE = 0  # the number of the hour's write beside its event


def audit_put(event: AuditEvent) -> Put:
    """Answer the write of an event, to stand in the transaction of what it records."""
    within = workspace_pk(event.workspace)
    day, shard = day_of(event.at // 1_000), shard_of(event.id, _SHARDS)
    return Put(
        table=AUDIT,
        item={
            "PK": f"{within}#{day}#{shard}",
            "SK": event.id,
            "sessPK": None if event.sid is None else f"{within}#S#{event.sid}",
            "actorPK": None if event.actor.uid is None else f"{within}#BY#{event.actor.uid}",
            "subjectPK": None if event.subject is None else f"{within}#ON#{event.subject}",
            "v": _VERSION,
            "id": event.id,
            "at": event.at,
            "wid": event.workspace,
            "action": event.action,
            "actor": {"kind": event.actor.kind, "uid": event.actor.uid},
            "subject": event.subject,
            "aid": event.app,
            "sid": event.sid,
            "outcome": event.outcome,
            "reason": event.reason,
            "ip": event.origin.ip,
            "agent": event.origin.agent,
            "requestId": event.origin.request_id,
            "meta": event.meta,
        },
        # An id that is already there is never written over.
        condition=ABSENT,
    )


def event_of(item: Item) -> AuditEvent:
    """Answer the event that an item holds."""
    actor = item["actor"]
    return AuditEvent(
        id=item["id"],
        at=item["at"],
        workspace=item["wid"],
        action=AuditAction(item["action"]),
        actor=Actor(ActorKind(actor["kind"]), actor.get("uid")),
        origin=Origin(ip=item["ip"], agent=item["agent"], request_id=item["requestId"]),
        subject=item.get("subject"),
        app=item.get("aid"),
        sid=item.get("sid"),
        outcome=item["outcome"],
        reason=item.get("reason"),
        meta=item["meta"],
    )


class DynamoAudit:
    """Answers `AuditStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def append(self, event: AuditEvent) -> None:
        try:
            self._tables.put(audit_put(event))
        except StoreUnavailable as error:
            raise AuditUnavailable("The audit trail did not answer. Try again.") from error

    def append_hourly(self, event: AuditEvent, kind: str) -> bool:
        hour = hour_of(event.at // 1_000)
        once = Put(
            table=AUDIT,
            item={
                "PK": f"{workspace_pk(event.workspace)}#ONCE",
                "SK": f"{kind}#{hour}",
                "id": event.id,
            },
            condition=ABSENT,
        )
        try:
            self._tables.transact([once, audit_put(event)])
        except Refused as refused:
            if _ONCE not in refused.found:
                raise
            return False
        except StoreUnavailable as error:
            raise AuditUnavailable("The audit trail did not answer. Try again.") from error
        return True

    def of_day(self, workspace: WorkspaceId, day: str) -> Sequence[AuditEvent]:
        if not is_part(workspace) or not day.isdigit():
            return []
        events = [
            event_of(item)
            for shard in range(_SHARDS)
            for item in self._tables.query(
                AUDIT, "#PK = :pk", {"pk": f"{workspace_pk(workspace)}#{day}#{shard}"}
            )
        ]
        return sorted(events, key=lambda event: event.id)
