"""Operators and their roles in memory."""

from collections.abc import Sequence
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.workspaces import Member, Role
from tests.fakes.audit import MemoryAudit


class MemoryMembers:
    """Answers `MemberStore`; rows come from the workspaces' fake, or from a test."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._members: dict[tuple[WorkspaceId, UserId], Member] = {}

    def put(self, member: Member) -> None:
        with self._lock:
            self._members[member.workspace, member.operator] = member

    def get(self, workspace: WorkspaceId, operator: UserId) -> Member | None:
        with self._lock:
            return self._members.get((workspace, operator))

    def workspaces_of(self, operator: UserId) -> Sequence[WorkspaceId]:
        with self._lock:
            return sorted(w for w, member in self._members if member == operator)

    def of(self, workspace: WorkspaceId) -> Sequence[Member]:
        with self._lock:
            found = [each for each in self._members.values() if each.workspace == workspace]
        return sorted(found, key=lambda each: str(each.operator))

    def remove(self, member: Member, *, owner: Member | None, event: AuditEvent) -> None:
        with self._lock:
            there = self._members.get((member.workspace, member.operator))
            if there is None or there.role is not member.role:
                raise Stale
            if owner is not None:
                keeps = self._members.get((owner.workspace, owner.operator))
                if keeps is None or keeps.role is not Role.OWNER:
                    raise Stale
            self._audit.append(event)
            del self._members[member.workspace, member.operator]
