"""Challenges in DynamoDB: rows that end by themselves, every time compared."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.login_rows import challenge_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Put, Update
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.limits import CHALLENGE_TRIES


class DynamoChallenges:
    """Answers `ChallengeStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def open(self, challenge: Challenge) -> None:
        key = challenge_key(challenge.workspace, challenge.digest)
        item = {"PK": key.pk, "SK": key.sk, **_fields(challenge)}
        self._tables.put(Put(table=key.table, item=item))

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        found = self._tables.get(challenge_key(workspace, digest))
        if found is None or found.get("kind") != kind or now >= found["exp"]:
            return None
        return _challenge_of(found)

    def count_try(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        update = Update(
            key=challenge_key(workspace, digest),
            change="ADD #tries :one",
            condition=f"{PRESENT} AND #kind = :kind AND #exp > :now AND #tries < :most",
            values={"one": 1, "kind": kind, "now": now, "most": CHALLENGE_TRIES},
        )
        try:
            return _challenge_of(self._tables.update(update, answer="ALL_NEW"))
        except Stale:
            return None

    def close(self, challenge: Challenge) -> bool:
        delete = Delete(
            key=challenge_key(challenge.workspace, challenge.digest),
            condition="#kind = :kind",
            values={"kind": challenge.kind},
        )
        try:
            self._tables.delete(delete)
        except Stale:
            return False
        return True


def _fields(challenge: Challenge) -> Fields:
    return {
        "wid": challenge.workspace,
        "digest": challenge.digest,
        "kind": challenge.kind,
        "uid": challenge.user,
        "bound": challenge.bound,
        "exp": challenge.exp,
        "tries": challenge.tries,
        "code": challenge.code,
        "method": challenge.method,
        "amr": challenge.amr,
        "sealed": None if challenge.sealed is None else sealed_fields(challenge.sealed),
        "ttl": challenge.exp,
    }


def _challenge_of(item: Item) -> Challenge:
    return Challenge(
        digest=item["digest"],
        workspace=WorkspaceId(item["wid"]),
        kind=ChallengeKind(item["kind"]),
        user=UserId(item["uid"]),
        bound=item["bound"],
        exp=item["exp"],
        tries=item["tries"],
        code=item["code"],
        method=item["method"],
        amr=tuple(item["amr"]),
        sealed=sealed_of(item["sealed"]) if "sealed" in item else None,
    )
