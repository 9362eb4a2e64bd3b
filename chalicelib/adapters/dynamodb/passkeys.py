"""Passkeys in DynamoDB, beside the person whose they are, with the claims of their ids."""

from collections.abc import Sequence

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import claim, new, part, settle
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key, person_pk
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Update
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.keys import Sealed
from chalicelib.domain.passkeys import Passkey
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person

_FOLLOWS = "(#signCount < :count OR (#signCount = :count AND :count = :none))"


class DynamoPasskeys:
    """Answers `PasskeyStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def of(self, person: Person) -> Sequence[Passkey]:
        rows = self._tables.query(
            DIRECTORY,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": "CRED#"},
        )
        return sorted(map(_passkey_of, rows), key=lambda each: (each.created_at, each.id))

    def find(self, workspace: WorkspaceId, digest: str) -> Passkey | None:
        claimed = self._tables.get(passkey_claim_key(workspace, digest))
        if claimed is None:
            return None
        found = self._tables.get(_key(Person(workspace, UserId(claimed["uid"])), digest))
        return None if found is None else _passkey_of(found)

    def add(self, passkey: Passkey, event: AuditEvent) -> None:
        person = passkey.person
        settle(
            self._tables,
            self._clock,
            claim(passkey_claim_key(person.workspace, passkey.digest), {"uid": person.user}),
            new(_key(person, passkey.digest), _fields(passkey)),
            audit_put(event),
        )

    def use(self, passkey: Passkey, *, sign_count: int, is_backed_up: bool, now: int) -> None:
        use = Update(
            key=_key(passkey.person, passkey.digest),
            change="SET #signCount = :count, #backedUp = :backed, #lastUsedAt = :now",
            condition=f"{PRESENT} AND {_FOLLOWS}",
            values={"count": sign_count, "none": 0, "backed": is_backed_up, "now": now},
        )
        self._tables.update(use, answer="ALL_NEW")

    def rename(self, passkey: Passkey, name: Sealed, event: AuditEvent) -> None:
        rename = Update(
            key=_key(passkey.person, passkey.digest),
            change="SET #name = :name",
            condition=PRESENT,
            values={"name": sealed_fields(name)},
        )
        settle(self._tables, self._clock, rename, audit_put(event))

    def remove(self, passkey: Passkey, event: AuditEvent, *, beside: Passkey | None = None) -> None:
        person = passkey.person
        settle(
            self._tables,
            self._clock,
            *(() if beside is None else (_there(beside),)),
            Delete(key=_key(person, passkey.digest), condition=PRESENT),
            Delete(key=passkey_claim_key(person.workspace, passkey.digest)),
            audit_put(event),
        )


def _there(passkey: Passkey) -> Update:
    # It writes what is there: whoever removes that one at the same moment collides with it.
    return Update(
        key=_key(passkey.person, passkey.digest),
        change="SET #id = :id",
        condition=PRESENT,
        values={"id": passkey.id},
    )


def _key(person: Person, digest: str) -> Key:
    return Key(DIRECTORY, person_pk(person), f"CRED#{part(digest)}")


def passkey_claim_key(workspace: WorkspaceId, digest: str) -> Key:
    """Answer where the id of a passkey is claimed; raises `ValueError`."""
    return Key(DIRECTORY, f"W#{part(workspace)}#C#{part(digest)}", "CLAIM")


def _fields(passkey: Passkey) -> Fields:
    return {
        "wid": passkey.person.workspace,
        "uid": passkey.person.user,
        "id": passkey.id,
        "rpId": passkey.rp_id,
        "publicKey": passkey.public_key,
        "signCount": passkey.sign_count,
        "synced": passkey.is_synced,
        "backedUp": passkey.is_backed_up,
        "transports": passkey.transports,
        "aaguid": passkey.aaguid,
        "name": sealed_fields(passkey.name),
        "createdAt": passkey.created_at,
        "lastUsedAt": passkey.last_used_at,
    }


def _passkey_of(item: Item) -> Passkey:
    return Passkey(
        id=item["id"],
        person=Person(WorkspaceId(item["wid"]), UserId(item["uid"])),
        rp_id=item["rpId"],
        public_key=item["publicKey"],
        sign_count=item["signCount"],
        is_synced=item["synced"],
        is_backed_up=item["backedUp"],
        transports=tuple(item["transports"]),
        aaguid=item["aaguid"],
        name=sealed_of(item["name"]),
        created_at=item["createdAt"],
        last_used_at=item.get("lastUsedAt"),
    )
