"""Upstreams in DynamoDB, their secrets sealed, with the keys for these beside them."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.apart import apart_fields, apart_of
from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import part
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key, workspace_pk
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.upstreams import Upstream, UpstreamKind

_PREFIX = "IDP#"


class DynamoUpstreams:
    """Answers `UpstreamStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def put(self, upstream: Upstream, event: AuditEvent) -> None:
        key = _key(upstream.workspace, upstream.name)
        before = upstream.version - 1
        item = {"PK": key.pk, "SK": key.sk, **_fields(upstream)}
        written = Put(
            table=key.table,
            item=item,
            condition="#ver = :before" if before else ABSENT,
            values={"before": before} if before else {},
        )
        self._tables.transact([written, audit_put(event)])

    def get(self, workspace: WorkspaceId, name: str) -> Upstream | None:
        if not is_part(workspace) or not is_part(name):
            return None
        found = self._tables.get(_key(workspace, name))
        return None if found is None else _upstream_of(found)

    def of(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        if not is_part(workspace):
            return []
        rows = self._tables.query(
            DIRECTORY,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": workspace_pk(workspace), "sk": _PREFIX},
        )
        return [_upstream_of(row) for row in rows]


def _key(workspace: WorkspaceId, name: str) -> Key:
    return Key(DIRECTORY, f"W#{part(workspace)}", f"{_PREFIX}{part(name)}")


def _fields(upstream: Upstream) -> Fields:
    return {
        "wid": upstream.workspace,
        "name": upstream.name,
        "issuer": upstream.issuer,
        "clientId": upstream.client_id,
        "displayName": upstream.display_name,
        "createdAt": upstream.created_at,
        "secret": None if upstream.secret is None else apart_fields(upstream.secret),
        "domains": upstream.domains,
        "isEnabled": upstream.is_enabled,
        "isOffered": upstream.is_offered,
        "makesUsers": upstream.makes_users,
        "trustsMfa": upstream.is_trusted_with_mfa,
        "attributes": [[name, claim] for name, claim in upstream.attributes.items()],
        "tenants": upstream.tenants or None,
        "kind": None if upstream.kind is UpstreamKind.OIDC else upstream.kind,
        "ssoUrl": upstream.sso_url or None,
        "certificates": upstream.certificates or None,
        "isProven": upstream.is_proven or None,
        "isRemoved": upstream.is_removed,
        "ver": upstream.version,
    }


def _upstream_of(item: Item) -> Upstream:
    workspace = WorkspaceId(item["wid"])
    return Upstream(
        workspace=workspace,
        name=item["name"],
        issuer=item["issuer"],
        client_id=item["clientId"],
        display_name=item["displayName"],
        created_at=item["createdAt"],
        secret=apart_of(workspace, item["secret"]) if "secret" in item else None,
        domains=tuple(item["domains"]),
        is_enabled=item["isEnabled"],
        is_offered=item["isOffered"],
        makes_users=item["makesUsers"],
        is_trusted_with_mfa=item["trustsMfa"],
        attributes={name: claim for name, claim in item["attributes"]},  # noqa: C416 - lists, no pairs
        tenants=tuple(item.get("tenants", ())),
        # Rows of before there was another kind say none.
        kind=UpstreamKind(item.get("kind", UpstreamKind.OIDC)),
        sso_url=item.get("ssoUrl", ""),
        certificates=tuple(item.get("certificates", ())),
        is_proven=item.get("isProven", False),
        is_removed=item["isRemoved"],
        version=item["ver"],
    )
