"""Detours in DynamoDB: rows that end by themselves, what they carry sealed."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.keys import rings_of, user_keys_of
from chalicelib.adapters.dynamodb.login_rows import challenge_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import Delete, Put
from chalicelib.domain.detours import Detour, DetourKind
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.sessions import Person


class DynamoDetours:
    """Answers `DetourStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def open(self, detour: Detour) -> None:
        key = challenge_key(detour.workspace, detour.digest)
        item = {"PK": key.pk, "SK": key.sk, **_fields(detour)}
        self._tables.put(Put(table=key.table, item=item))

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: DetourKind, now: int
    ) -> Detour | None:
        found = self._tables.get(challenge_key(workspace, digest))
        if found is None or found.get("kind") != kind or now >= found["exp"]:
            return None
        return _detour_of(found)

    def close(self, detour: Detour) -> bool:
        delete = Delete(
            key=challenge_key(detour.workspace, detour.digest),
            condition="#kind = :kind",
            values={"kind": detour.kind},
        )
        try:
            self._tables.delete(delete)
        except Stale:
            return False
        return True


def _fields(detour: Detour) -> Fields:
    return {
        "wid": detour.workspace,
        "digest": detour.digest,
        "kind": detour.kind,
        "upstream": detour.upstream,
        "issuer": detour.issuer,
        "bound": detour.bound,
        "exp": detour.exp,
        "uid": detour.keys.user,
        "keys": rings_of(detour.keys),
        "sealed": sealed_fields(detour.sealed),
        "ttl": detour.exp,
    }


def _detour_of(item: Item) -> Detour:
    workspace = WorkspaceId(item["wid"])
    holder = Person(workspace, UserId(item["uid"]))
    return Detour(
        digest=item["digest"],
        workspace=workspace,
        kind=DetourKind(item["kind"]),
        upstream=item["upstream"],
        issuer=item["issuer"],
        bound=item["bound"],
        exp=item["exp"],
        keys=user_keys_of(holder, item["keys"]),
        sealed=sealed_of(item["sealed"]),
    )
