"""Operators and their roles in DynamoDB, found from the workspace and from the operator."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import new
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key, workspace_pk
from chalicelib.adapters.dynamodb.transactions import Put
from chalicelib.domain.ids import UserId, WorkspaceId, is_part
from chalicelib.domain.workspaces import Member, Role


class DynamoMembers:
    """Answers `MemberStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def get(self, workspace: WorkspaceId, operator: UserId) -> Member | None:
        if not is_part(workspace):
            return None
        found = self._tables.get(_member_key(workspace, operator))
        if found is None:
            return None
        return Member(
            workspace=workspace, operator=operator, role=Role(found["role"]), since=found["since"]
        )

    def workspaces_of(self, operator: UserId) -> Sequence[WorkspaceId]:
        rows = self._tables.query(
            DIRECTORY,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": _operator_pk(operator), "sk": "W#"},
        )
        return [WorkspaceId(row["wid"]) for row in rows]


def member_puts(member: Member) -> tuple[Put, Put]:
    """Answer the writes of a new membership: the one that counts, and the way to find it."""
    at = _member_key(member.workspace, member.operator)
    back = Key(DIRECTORY, _operator_pk(member.operator), workspace_pk(member.workspace))
    return (
        new(at, {"role": member.role, "since": member.since}),
        new(back, {"wid": member.workspace}),
    )


def _member_key(workspace: WorkspaceId, operator: UserId) -> Key:
    return Key(DIRECTORY, workspace_pk(workspace), f"MEM#{operator}")


def _operator_pk(operator: UserId) -> str:
    return f"OP#{operator}"
