"""Workspaces and their gates in DynamoDB."""

from collections.abc import Iterator, Sequence

from chalicelib.adapters.dynamodb.attributes import Fields, Item, Raw, Value, read
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import claim, new, settle, slug_key
from chalicelib.adapters.dynamodb.keys import workspace_keys_put
from chalicelib.adapters.dynamodb.layout import DIRECTORY, gate_key, meta_key
from chalicelib.adapters.dynamodb.members import member_puts
from chalicelib.adapters.dynamodb.transactions import PRESENT, Update, names_in
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.keys import WorkspaceKeys
from chalicelib.domain.limits import DEFAULT_PAYLOAD_QUOTA, DEFAULT_SESSION_QUOTA
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.workspaces import Gate, GateStatus, Member, Workspace

META_FIELDS = (
    "wid",
    "slug",
    "name",
    "createdAt",
    "openSignup",
    "sessionQuota",
    "payloadQuota",
    "settings",
)


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
                    "sessionQuota": _unless(workspace.session_quota, DEFAULT_SESSION_QUOTA),
                    "payloadQuota": _unless(workspace.payload_quota, DEFAULT_PAYLOAD_QUOTA),
                    "settings": _settings(workspace) or None,
                },
            ),
            new(gate_key(workspace.id), {"status": GateStatus.LIVE, "version": 1}),
            workspace_keys_put(keys),
            *([] if owner is None else member_puts(owner)),
            *map(audit_put, events),
        )

    def change_quotas(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        quotas = (
            ("sessionQuota", "oldSessions", before.session_quota, DEFAULT_SESSION_QUOTA),
            ("payloadQuota", "oldBytes", before.payload_quota, DEFAULT_PAYLOAD_QUOTA),
        )
        stands = [
            # A quota that was never set is the default, also where the default has changed since.
            f"(#{name} = :{old}" + (f" OR attribute_not_exists(#{name}))" if is_default else ")")
            for name, old, value, default in quotas
            for is_default in [value == default]
        ]
        change = Update(
            key=meta_key(before.id),
            change="SET #sessionQuota = :sessions, #payloadQuota = :bytes",
            condition=" AND ".join([PRESENT, *stands]),
            values={
                "sessions": after.session_quota,
                "bytes": after.payload_quota,
                "oldSessions": before.session_quota,
                "oldBytes": before.payload_quota,
            },
        )
        self._tables.transact([change, audit_put(event)])

    def change_settings(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        old = _settings(before)
        stands = "#settings = :old" + ("" if old else " OR attribute_not_exists(#settings)")
        change = Update(
            key=meta_key(before.id),
            change="SET #settings = :new, #openSignup = :newOpen",
            condition=f"{PRESENT} AND ({stands}) AND #openSignup = :oldOpen",
            values={
                "old": old,
                "new": _settings(after),
                "oldOpen": before.open_signup,
                "newOpen": after.open_signup,
            },
        )
        settle(self._tables, self._clock, change, audit_put(event))

    def all(self) -> Iterator[Workspace]:
        names = [f"#{name}" for name in META_FIELDS]
        request: Raw = {
            "TableName": self._tables.name(DIRECTORY),
            "ConsistentRead": True,
            "FilterExpression": "#SK = :meta",
            # The directory holds people as well: who goes through it gets to see none of them.
            "Select": "SPECIFIC_ATTRIBUTES",
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names_in(" ".join([*names, "#SK"]), {}),
            "ExpressionAttributeValues": {":meta": {"S": "META"}},
        }
        while True:
            page = self._tables.call("Scan", request)
            for item in page["Items"]:
                yield workspace_of(read(item))
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

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
        key = gate_key(workspace)
        # Named, so that a job which may read gates sees nothing else of a workspace.
        found = self._tables.get_all([key], only=("status", "version"))
        return gate_of(found[key]) if key in found else None


def workspace_of(item: Item) -> Workspace:
    """Answer the workspace that a META item holds."""
    return Workspace(
        id=WorkspaceId(item["wid"]),
        slug=item["slug"],
        name=item["name"],
        created_at=item["createdAt"],
        open_signup=item["openSignup"],
        session_quota=item.get("sessionQuota", DEFAULT_SESSION_QUOTA),
        payload_quota=item.get("payloadQuota", DEFAULT_PAYLOAD_QUOTA),
        require_mfa=item.get("settings", {}).get("requireMfa", False),
        require_sso=item.get("settings", {}).get("requireSso", False),
        break_glass=tuple(item.get("settings", {}).get("breakGlass", ())),
    )


def _settings(workspace: Workspace) -> Fields:
    # Without what is as it is by default, so that a setting of tomorrow changes no row of today.
    settings: dict[str, Value] = {
        "requireMfa": workspace.require_mfa,
        "requireSso": workspace.require_sso,
        "breakGlass": list(workspace.break_glass),
    }
    return {name: value for name, value in settings.items() if value}


def _unless(value: int, default: int) -> int | None:
    return None if value == default else value


def gate_of(item: Item) -> Gate:
    """Answer the gate that a GATE item holds."""
    return Gate(status=GateStatus(item["status"]), version=item["version"])
