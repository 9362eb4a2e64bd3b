"""Pushed requests in DynamoDB: one row each, whose words leave it with the first who comes."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.login_rows import pushed_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Put, Update
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.pushed_requests import PushedRequest


class DynamoPushedRequests:
    """Answers `PushedRequestStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def add(self, pushed: PushedRequest) -> None:
        key = pushed_key(pushed.workspace, pushed.digest)
        fields: Fields = {
            "PK": key.pk,
            "SK": key.sk,
            "wid": pushed.workspace,
            "digest": pushed.digest,
            "clientId": pushed.client_id,
            "sealed": sealed_fields(pushed.sealed),
            "exp": pushed.exp,
            "ttl": pushed.exp,
        }
        self._tables.put(Put(table=key.table, item=fields))

    def take(self, workspace: WorkspaceId, digest: str, *, now: int) -> PushedRequest | None:
        # Of all who come at the same moment, exactly one finds the words.
        update = Update(
            key=pushed_key(workspace, digest),
            change="REMOVE #sealed",
            condition=f"{PRESENT} AND #exp > :now AND attribute_exists(#sealed)",
            values={"now": now},
        )
        try:
            return _pushed_of(self._tables.update(update, answer="ALL_OLD"))
        except Stale:
            return None


def _pushed_of(item: Item) -> PushedRequest:
    return PushedRequest(
        digest=item["digest"],
        workspace=WorkspaceId(item["wid"]),
        client_id=item["clientId"],
        sealed=sealed_of(item["sealed"]),
        exp=item["exp"],
    )
