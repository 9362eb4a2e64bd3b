"""Operators and their roles in memory."""

from collections.abc import Sequence
from threading import Lock

from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.workspaces import Member


class MemoryMembers:
    """Answers `MemberStore`; rows come from the workspaces' fake, or from a test."""

    def __init__(self) -> None:
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
