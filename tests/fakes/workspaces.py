"""Workspaces and gates in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.keys import WorkspaceKeys
from chalicelib.domain.workspaces import Gate, GateStatus, Member, Workspace
from tests.fakes.audit import MemoryAudit
from tests.fakes.keys import MemoryKeys
from tests.fakes.members import MemoryMembers


class MemoryWorkspaces:
    """Answers `WorkspaceStore`; owners appear in the members, keys in the keys."""

    def __init__(self, *, audit: MemoryAudit, keys: MemoryKeys, members: MemoryMembers) -> None:
        self._audit = audit
        self._keys = keys
        self._members = members
        self._lock = Lock()
        self._claims: dict[str, WorkspaceId] = {}
        self._workspaces: dict[WorkspaceId, Workspace] = {}
        self.gates: dict[WorkspaceId, Gate] = {}

    def create(
        self,
        workspace: Workspace,
        *,
        keys: WorkspaceKeys,
        owner: Member | None,
        events: Sequence[AuditEvent],
    ) -> None:
        if not is_part(workspace.slug):
            raise ValueError("not a part of a key")
        with self._lock:
            if workspace.slug in self._claims or workspace.id in self._workspaces:
                raise Stale
            if self._keys.of_workspace(workspace.id) is not None:
                raise Stale
            recorded = {event.id for event in self._audit.events}
            if any(event.id in recorded for event in events):
                raise Stale
            for event in events:
                self._audit.append(event)
            self._claims[workspace.slug] = workspace.id
            self._workspaces[workspace.id] = workspace
            self.gates[workspace.id] = Gate(GateStatus.LIVE, 1)
            self._keys.put_workspace(keys)
            if owner is not None:
                self._members.put(owner)

    def change_quotas(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        with self._lock:
            there = self._workspaces.get(before.id)
            if there is None or _quotas(there) != _quotas(before):
                raise Stale
            self._audit.append(event)
            self._workspaces[before.id] = replace(
                there, session_quota=after.session_quota, payload_quota=after.payload_quota
            )

    def change_settings(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        with self._lock:
            there = self._workspaces.get(before.id)
            if there is None or _settings(there) != _settings(before):
                raise Stale
            self._audit.append(event)
            self._workspaces[before.id] = replace(
                there,
                require_mfa=after.require_mfa,
                open_signup=after.open_signup,
                require_sso=after.require_sso,
                break_glass=after.break_glass,
            )

    def all(self) -> Iterator[Workspace]:
        with self._lock:
            found = list(self._workspaces.values())
        yield from found

    def find(self, slug: str) -> Workspace | None:
        with self._lock:
            claimed = self._claims.get(slug)
            return None if claimed is None else self._workspaces.get(claimed)

    def get(self, workspace: WorkspaceId) -> Workspace | None:
        with self._lock:
            return self._workspaces.get(workspace)

    def gate(self, workspace: WorkspaceId) -> Gate | None:
        with self._lock:
            return self.gates.get(workspace)


def _settings(workspace: Workspace) -> tuple[object, ...]:
    chosen = workspace.require_mfa, workspace.open_signup
    return (*chosen, workspace.require_sso, workspace.break_glass)


def _quotas(workspace: Workspace) -> tuple[int, int]:
    return workspace.session_quota, workspace.payload_quota
