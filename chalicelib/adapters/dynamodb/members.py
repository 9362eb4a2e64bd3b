"""Operators and their roles in DynamoDB, found from the workspace and from the operator."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import new, settle
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key, workspace_pk
from chalicelib.adapters.dynamodb.transactions import Delete, Put, Update
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import UserId, WorkspaceId, is_part
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.workspaces import Member, Role


class DynamoMembers:
    """Answers `MemberStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

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

    def of(self, workspace: WorkspaceId) -> Sequence[Member]:
        if not is_part(workspace):
            return []
        rows = self._tables.query(
            DIRECTORY,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": workspace_pk(workspace), "sk": "MEM#"},
        )
        return [
            Member(
                workspace=workspace,
                operator=UserId(int(row["SK"].removeprefix("MEM#"))),
                role=Role(row["role"]),
                since=row["since"],
            )
            for row in rows
        ]

    def remove(self, member: Member, *, owner: Member | None, event: AuditEvent) -> None:
        keeping = [] if owner is None else [_stays(owner)]
        back = Key(DIRECTORY, _operator_pk(member.operator), workspace_pk(member.workspace))
        settle(
            self._tables,
            self._clock,
            Delete(
                key=_member_key(member.workspace, member.operator),
                condition="#role = :role",
                values={"role": member.role},
            ),
            Delete(key=back),
            *keeping,
            audit_put(event),
        )


def member_puts(member: Member) -> tuple[Put, Put]:
    """Answer the writes of a new membership: the one that counts, and the way to find it."""
    at = _member_key(member.workspace, member.operator)
    back = Key(DIRECTORY, _operator_pk(member.operator), workspace_pk(member.workspace))
    return (
        new(at, {"role": member.role, "since": member.since}),
        new(back, {"wid": member.workspace}),
    )


def _stays(owner: Member) -> Update:
    # Writes what is there: a condition alone would be another right than to change.
    return Update(
        key=_member_key(owner.workspace, owner.operator),
        change="SET #role = :role",
        condition="#role = :role",
        values={"role": Role.OWNER},
    )


def _member_key(workspace: WorkspaceId, operator: UserId) -> Key:
    return Key(DIRECTORY, workspace_pk(workspace), f"MEM#{operator}")


def _operator_pk(operator: UserId) -> str:
    return f"OP#{operator}"
