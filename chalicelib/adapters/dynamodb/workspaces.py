"""Workspaces and their gates in DynamoDB."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import claim, new, settle, slug_key
from chalicelib.adapters.dynamodb.keys import workspace_keys_put
from chalicelib.adapters.dynamodb.layout import gate_key, meta_key
from chalicelib.adapters.dynamodb.members import member_puts
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.keys import WorkspaceKeys
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.workspaces import Gate, GateStatus, Member, Workspace


class DynamoWorkspaces:
    """Answers `WorkspaceStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def create(
        self,
        workspace: Workspace,
        *,
        keys: WorkspaceKeys,
        owner: Member | None,
        events: Sequence[AuditEvent],
    ) -> None:
        settle(
            self._tables,
            self._clock,
            claim(slug_key(workspace.slug), {"wid": workspace.id}),
            new(
                meta_key(workspace.id),
                {
                    "wid": workspace.id,
                    "slug": workspace.slug,
                    "name": workspace.name,
                    "createdAt": workspace.created_at,
                    "openSignup": workspace.open_signup,
                },
            ),
            new(gate_key(workspace.id), {"status": GateStatus.LIVE, "version": 1}),
            workspace_keys_put(keys),
            *([] if owner is None else member_puts(owner)),
            *map(audit_put, events),
        )

    def find(self, slug: str) -> Workspace | None:
        if not is_part(slug):
            return None
        claimed = self._tables.get(slug_key(slug))
        return None if claimed is None else self.get(WorkspaceId(claimed["wid"]))

    def get(self, workspace: WorkspaceId) -> Workspace | None:
        if not is_part(workspace):
            return None
        found = self._tables.get(meta_key(workspace))
        return None if found is None else workspace_of(found)

    def gate(self, workspace: WorkspaceId) -> Gate | None:
        if not is_part(workspace):
            return None
        found = self._tables.get(gate_key(workspace))
        return None if found is None else gate_of(found)


def workspace_of(item: Item) -> Workspace:
    """Answer the workspace that a META item holds."""
    return Workspace(
        id=WorkspaceId(item["wid"]),
        slug=item["slug"],
        name=item["name"],
        created_at=item["createdAt"],
        open_signup=item["openSignup"],
    )


def gate_of(item: Item) -> Gate:
    """Answer the gate that a GATE item holds."""
    return Gate(status=GateStatus(item["status"]), version=item["version"])
