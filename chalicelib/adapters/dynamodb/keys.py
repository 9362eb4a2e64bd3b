"""Wrapped keys in DynamoDB: of workspaces and users all versions in one item, and for signing."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import KEYS, Key, user_keys_key, workspace_keys_key
from chalicelib.adapters.dynamodb.transactions import (
    ABSENT,
    PRESENT,
    Delete,
    Put,
    Refused,
    Update,
    changing,
)
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.keys import (
    KeyKind,
    Purpose,
    UserKey,
    UserKeys,
    UserRing,
    WorkspaceKey,
    WorkspaceKeys,
    WorkspaceRing,
)
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey

_DEPLOYMENT = "DEPLOYMENT"


def workspace_keys_put(keys: WorkspaceKeys) -> Put:
    """Answer the write of the keys of a new workspace."""
    key = workspace_keys_key(keys.workspace)
    rings: Fields = {purpose: _workspace_ring(ring) for purpose, ring in keys.rings.items()}
    return Put(table=KEYS, item={"PK": key.pk, "SK": key.sk, **rings}, condition=ABSENT)


def user_keys_put(keys: UserKeys) -> Put:
    """Answer the write of the keys of a new user."""
    person = Person(keys.workspace, keys.user)
    key = user_keys_key(person)
    rings: Fields = {kind: _user_ring(ring) for kind, ring in keys.rings.items()}
    data = keys.rings.get(KeyKind.DK)
    index = {} if data is None else _index(person, _oldest(data))
    return Put(table=KEYS, item={"PK": key.pk, "SK": key.sk, **rings, **index}, condition=ABSENT)


def rings_of(keys: UserKeys) -> Fields:
    """Answer the rings as they stand in the keys table, without its key and index."""
    item = user_keys_put(keys).item
    return {kind: item[kind] for kind in keys.rings}


def workspace_keys_of(workspace: WorkspaceId, item: Item) -> WorkspaceKeys:
    """Answer the keys that a workspace's item holds."""
    return WorkspaceKeys(
        workspace,
        {
            purpose: WorkspaceRing(
                item[purpose]["current"],
                {
                    int(number): WorkspaceKey(
                        wrapped=key["wrapped"],
                        root_arn=key["rootArn"],
                        created_at=key["createdAt"],
                        state=key["state"],
                    )
                    for number, key in item[purpose]["versions"].items()
                },
            )
            for purpose in Purpose
            if purpose in item
        },
    )


def user_keys_of(person: Person, item: Item) -> UserKeys:
    """Answer the keys that a user's item holds."""
    return UserKeys(
        person.workspace,
        person.user,
        {
            kind: UserRing(
                item[kind]["current"],
                {
                    int(number): UserKey(wrapped=key["wrapped"], workspace_version=key["wkv"])
                    for number, key in item[kind]["versions"].items()
                },
            )
            for kind in KeyKind
            if kind in item
        },
    )


class DynamoKeys:
    """Answers `KeyStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def of_workspace(self, workspace: WorkspaceId) -> WorkspaceKeys | None:
        if not is_part(workspace):
            return None
        item = self._tables.get(workspace_keys_key(workspace))
        return None if item is None else workspace_keys_of(workspace, item)

    def of_user(self, person: Person) -> UserKeys | None:
        item = self._tables.get(user_keys_key(person))
        return None if item is None else user_keys_of(person, item)

    def add(self, person: Person, *, kind: KeyKind, version: int, key: UserKey) -> None:
        change = "SET #ring = :ring"
        values: dict[str, Fields | str] = {"ring": _user_ring(UserRing(version, {version: key}))}
        if kind is KeyKind.DK:
            change += ", #wkvPK = :wkvPK, #wkvSK = :wkvSK"
            values |= _index(person, key.workspace_version)
        self._tables.update(
            Update(
                key=user_keys_key(person),
                change=change,
                # Whoever was erased has no item, and a cached copy must not bring one back.
                condition=f"{PRESENT} AND attribute_not_exists(#ring)",
                values=values,
                names={"ring": kind.value},
            ),
            answer="ALL_OLD",
        )

    def signing(self) -> Sequence[SigningKey]:
        found = self._tables.query(
            KEYS,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": _DEPLOYMENT, "sk": "SIGN#"},
        )
        return [_signing_key(item) for item in found]

    def add_signing(self, key: SigningKey) -> None:
        try:
            self._tables.put(_signing_put(key))
        except Refused as refused:
            there = refused.found[0]
            if there is None or there["public"] != key.public:
                raise Stale("another signing key has this id") from refused

    def publish_signing(self, key: SigningKey, event: AuditEvent) -> None:
        self._tables.transact([_signing_put(key), audit_put(event)])

    def turn_signing(
        self, turns: Sequence[tuple[SigningKey, SigningKey | None]], event: AuditEvent
    ) -> None:
        self._tables.transact(
            [*(_turn(before, after) for before, after in turns), audit_put(event)]
        )


def _workspace_ring(ring: WorkspaceRing) -> Fields:
    return {
        "current": ring.current,
        "versions": {
            str(number): {
                "wrapped": key.wrapped,
                "rootArn": key.root_arn,
                "createdAt": key.created_at,
                "state": key.state,
            }
            for number, key in ring.versions.items()
        },
    }


def _user_ring(ring: UserRing) -> Fields:
    return {
        "current": ring.current,
        "versions": {
            str(number): {"wrapped": key.wrapped, "wkv": key.workspace_version}
            for number, key in ring.versions.items()
        },
    }


def _oldest(ring: UserRing) -> int:
    return min(key.workspace_version for key in ring.versions.values())


def _index(person: Person, workspace_version: int) -> dict[str, str]:
    return {
        "wkvPK": f"W#{person.workspace}#V#{workspace_version}",
        "wkvSK": str(person.user),
    }


def _signing_put(key: SigningKey) -> Put:
    place = _signing_place(key)
    return Put(
        table=KEYS,
        item={
            "PK": place.pk,
            "SK": place.sk,
            "arn": key.arn,
            "alg": key.alg,
            "state": key.state,
            "public": key.public,
            "publishedAt": key.published_at,
            "notAfter": key.not_after,
        },
        condition=ABSENT,
    )


def _turn(before: SigningKey, after: SigningKey | None) -> Update | Delete:
    place, stands, values = _signing_place(before), "#state = :before", {"before": before.state}
    if after is None:
        return Delete(key=place, condition=stands, values=values)
    changed: Fields = {"state": after.state, "notAfter": after.not_after}
    return Update(
        key=place, change=changing(changed), condition=stands, values={**changed, **values}
    )


def _signing_place(key: SigningKey) -> Key:
    return Key(KEYS, _DEPLOYMENT, f"SIGN#{key.kid}")


def _signing_key(item: Item) -> SigningKey:
    return SigningKey(
        kid=item["SK"].removeprefix("SIGN#"),
        arn=item["arn"],
        alg=SigningAlg(item["alg"]),
        state=KeyState(item["state"]),
        public=item["public"],
        published_at=item.get("publishedAt", 0),
        not_after=item.get("notAfter"),
    )
