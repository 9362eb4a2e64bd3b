"""Quotas: hold what somebody wants to add against what their workspace may hold."""

from collections.abc import Iterator, Mapping

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.errors import (
    AuditUnavailable,
    Contended,
    PayloadQuota,
    SessionQuota,
    Stale,
)
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import MAX_LIVE_SESSIONS, SETTINGS_AGE
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.quotas import Holding, QuotaKind, Room, rooms
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Partition
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.audit import Trail
from chalicelib.services.usage import Usage
from chalicelib.services.workspaces import Workspaces

_LOOKS = 4
_HOUR = 3_600.0
# An hour's record of one crowded person hides no full workspace.
_CROWDED = "session_cap"
_RAISED = "Who runs the deployment can raise the quota of a workspace."


class Quotas:
    """Live sessions are limited exactly, stored bytes by what is known of them."""

    def __init__(
        self,
        *,
        clock: Clock,
        workspaces: Workspaces,
        usage: Usage,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports; what is remembered is at most `SETTINGS_AGE` seconds old."""
        self._workspaces = workspaces
        self._usage = usage
        self._audit = audit
        self._trail = trail
        self._counts: Recent[WorkspaceId, tuple[int, ...]] = Recent(
            clock.monotonic, age=SETTINGS_AGE
        )
        self._recorded: Recent[tuple[WorkspaceId, str, int], bool] = Recent(
            clock.monotonic, age=_HOUR
        )

    def rooms(self, partition: Partition, origin: Origin, *, first: int) -> Iterator[Room]:
        """Answer where one more session may be counted, one place after another.

        Raises `SessionQuota` when there is none, and `Stale` when others were always faster.
        """
        workspace = partition.workspace
        quota = self._workspaces.get(workspace).session_quota
        known = self._counts.get(workspace)
        if known is not None:
            yield from rooms(quota, known, first=first)
        for _ in range(_LOOKS):
            counts = self._usage.counts(workspace)
            now = tuple(counter.count for counter in counts.sessions)
            free = rooms(quota, self._counts.keep(workspace, now), first=first)
            if not free:
                self._record(
                    SessionQuota.code, partition, origin, limit=quota, used=counts.live_sessions
                )
                raise SessionQuota(
                    "The workspace holds as many live sessions as it may.",
                    limit=quota,
                    hint=_RAISED,
                )
            yield from free
        raise Stale

    def crowded(self, partition: Partition, origin: Origin, *, used: int) -> SessionQuota:
        """Answer the refusal of one more session where one person has as many as anybody may."""
        self._record(_CROWDED, partition, origin, limit=MAX_LIVE_SESSIONS, used=used)
        return SessionQuota(
            f"One person has {MAX_LIVE_SESSIONS} live sessions of an application at most.",
            limit=MAX_LIVE_SESSIONS,
            hint="Continue the newest with get-or-create, or revoke one.",
        )

    def admit(self, partition: Partition, origin: Origin, *, growth: int) -> None:
        """Let a payload grow by some bytes; raises `PayloadQuota`. Shrinking is always allowed."""
        if growth <= 0:
            return
        limit = self._workspaces.get(partition.workspace).payload_quota
        used = self._usage.stored_bytes(partition.workspace)
        if used + growth > limit:
            self._record(PayloadQuota.code, partition, origin, limit=limit, used=used)
            raise PayloadQuota(
                "The workspace's payloads are as large as they may be together."
                " What makes one smaller is accepted.",
                limit=limit,
                hint=_RAISED,
            )

    def room(self, workspace: WorkspaceId) -> int:
        """Answer how many bytes a workspace could still store, as far as this process knows."""
        limit = self._workspaces.get(workspace).payload_quota
        return max(0, limit - self._usage.stored_bytes(workspace))

    def holdings(self, workspace: Workspace) -> Mapping[QuotaKind, Holding]:
        """Answer every quota of a workspace, and what is used of it at this moment."""
        sessions = self._usage.counts(workspace.id).live_sessions
        stored = self._usage.stored_bytes(workspace.id)
        return {
            QuotaKind.SESSIONS: Holding(workspace.session_quota, max(0, sessions)),
            QuotaKind.BYTES: Holding(workspace.payload_quota, stored),
        }

    def _record(
        self, kind: str, partition: Partition, origin: Origin, *, limit: int, used: int
    ) -> None:
        event = self._trail.event(
            AuditAction.QUOTA_EXCEEDED,
            workspace=partition.workspace,
            actor=Actor(ActorKind.USER, partition.user),
            origin=origin,
            app=partition.app,
            outcome="denied",
            meta={"kind": kind, "limit": limit, "used": used},
        )
        hour = (partition.workspace, kind, event.at // 3_600_000)
        if self._recorded.get(hour):
            return
        try:
            self._audit.append_hourly(event, kind)
        except (AuditUnavailable, Contended, Stale):
            # A refusal changes nothing, so it stands without its record; the next one tries again.
            return
        self._recorded.keep(hour, value=True)
