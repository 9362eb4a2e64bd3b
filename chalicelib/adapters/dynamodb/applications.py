"""Applications in DynamoDB, with the claims of their client ids."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import claim, client_key, new, settle
from chalicelib.adapters.dynamodb.layout import DIRECTORY, application_key, workspace_pk
from chalicelib.adapters.dynamodb.transactions import PRESENT, Update, changing
from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.clients import ClientKind, ClientSecret, DpopUse
from chalicelib.domain.ids import AppId, WorkspaceId, is_part
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse


class DynamoApplications:
    """Answers `ApplicationStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def create(self, application: Application, event: AuditEvent) -> None:
        settle(
            self._tables,
            self._clock,
            claim(
                client_key(application.client_id),
                {"wid": application.workspace, "aid": application.id},
            ),
            new(application_key(application.workspace, application.id), _fields(application)),
            audit_put(event),
        )

    def update(self, application: Application, event: AuditEvent) -> None:
        fields = _fields(application)
        # Rows of before there were versions have none, and are version 0.
        stands = "#ver = :before" if application.version > 1 else "attribute_not_exists(#ver)"
        before = {"before": application.version - 1} if application.version > 1 else {}
        change = Update(
            key=application_key(application.workspace, application.id),
            change=changing(fields),
            condition=f"{PRESENT} AND {stands}",
            values={**fields, **before},
        )
        self._tables.transact([change, audit_put(event)])

    def add_redirect(
        self, workspace: WorkspaceId, app: AppId, uri: str, *, limit: int, event: AuditEvent
    ) -> None:
        addition = Update(
            key=application_key(workspace, app),
            change="SET #redirectUris = list_append(#redirectUris, :added) ADD #ver :one",
            condition=f"{PRESENT} AND NOT contains(#redirectUris, :uri)"
            " AND size(#redirectUris) < :limit",
            values={"added": [uri], "uri": uri, "limit": limit, "one": 1},
        )
        self._tables.transact([addition, audit_put(event)])

    def get(self, workspace: WorkspaceId, app: AppId) -> Application | None:
        if not is_part(workspace) or not is_part(app):
            return None
        found = self._tables.get(application_key(workspace, app))
        return None if found is None else application_of(found)

    def find(self, client_id: str) -> Application | None:
        if not is_part(client_id):
            return None
        claimed = self._tables.get(client_key(client_id))
        if claimed is None:
            return None
        return self.get(WorkspaceId(claimed["wid"]), AppId(claimed["aid"]))

    def of(self, workspace: WorkspaceId) -> Sequence[Application]:
        if not is_part(workspace):
            return []
        rows = self._tables.query(
            DIRECTORY,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": workspace_pk(workspace), "sk": "APP#"},
        )
        return [application_of(row) for row in rows]


def application_of(item: Item) -> Application:
    """Answer the application that an item holds."""
    return Application(
        workspace=WorkspaceId(item["wid"]),
        id=AppId(item["aid"]),
        client_id=item["clientId"],
        name=item["name"],
        redirect_uris=tuple(item["redirectUris"]),
        post_logout_uris=tuple(item["postLogoutUris"]),
        created_at=item["createdAt"],
        color=item.get("color"),
        token_seconds=item["tokenSeconds"],
        payload_seconds=item["payloadSeconds"],
        payload_bytes=item["payloadBytes"],
        requires_if_match=item["requiresIfMatch"],
        requests_per_minute=item.get("requestsPerMinute"),
        # Rows of before a setting have none.
        return_flow=ReturnFlow(item.get("returnFlow", ReturnFlow.CODE)),
        payload_schema=item.get("payloadSchema"),
        version=item.get("ver", 0),
        kind=ClientKind(item.get("kind", ClientKind.BROWSER)),
        dpop=DpopUse(item.get("dpop", DpopUse.ALLOWED)),
        id_token_alg=SigningAlg(item.get("idTokenAlg", SigningAlg.ES256)),
        secrets=tuple(map(_secret_of, item.get("secrets", ()))),
        visitors=VisitorUse(item.get("visitors", VisitorUse.OFF)),
    )


def _fields(application: Application) -> Fields:
    return {
        "wid": application.workspace,
        "aid": application.id,
        "clientId": application.client_id,
        "name": application.name,
        # Lists keep the order in which a person entered them, and may be empty.
        "redirectUris": application.redirect_uris,
        "postLogoutUris": application.post_logout_uris,
        "createdAt": application.created_at,
        "color": application.color,
        "tokenSeconds": application.token_seconds,
        "payloadSeconds": application.payload_seconds,
        "payloadBytes": application.payload_bytes,
        "requiresIfMatch": application.requires_if_match,
        "requestsPerMinute": application.requests_per_minute,
        "returnFlow": application.return_flow,
        "payloadSchema": application.payload_schema,
        "ver": application.version,
        "kind": application.kind,
        "dpop": application.dpop,
        "idTokenAlg": application.id_token_alg,
        "visitors": application.visitors,
        "secrets": [
            {"id": each.id, "digest": each.digest, "createdAt": each.created_at}
            for each in application.secrets
        ],
    }


def _secret_of(attribute: Item) -> ClientSecret:
    return ClientSecret(
        id=attribute["id"], digest=attribute["digest"], created_at=attribute["createdAt"]
    )
