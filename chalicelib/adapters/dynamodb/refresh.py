"""Refresh families in DynamoDB: each where its name leads, and in the list of its person."""

from collections.abc import Sequence
from contextlib import suppress

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import new, settle
from chalicelib.adapters.dynamodb.codes import sign_in_fields, sign_in_of
from chalicelib.adapters.dynamodb.layout import LOGIN, Key, person_pk
from chalicelib.adapters.dynamodb.login_rows import family_key, family_of_person_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Put, Update, changing
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, FamilyId, GrantId, SessionId, UserId, WorkspaceId
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Partition, Person, SessionRef

_STANDS = f"{PRESENT} AND #ended = :false"


class DynamoRefresh:
    """Answers `RefreshStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def add(self, family: RefreshFamily) -> None:
        listed = _listed(family)
        settle(
            self._tables,
            self._clock,
            new(_key(family), _fields(family)),
            Put(table=LOGIN, item={"PK": listed.pk, "SK": listed.sk, **_fields(family)}),
        )

    def get(self, workspace: WorkspaceId, family: FamilyId, *, now: int) -> RefreshFamily | None:
        found = self._tables.get(family_key(workspace, family))
        return None if found is None or now >= found["exp"] else _family_of(found)

    def rotate(self, before: RefreshFamily, after: RefreshFamily) -> None:
        fields = _fields(after)
        rotation = Update(
            key=_key(before),
            change=changing(fields),
            condition=f"{_STANDS} AND #current = :before",
            values={**fields, "before": before.current, "false": False},
        )
        listing = Update(key=_listed(before), change=changing(fields), values=fields)
        self._tables.transact([rotation, listing])

    def end(self, family: RefreshFamily) -> None:
        end = Update(
            key=_key(family),
            change="SET #ended = :true REMOVE #successor",
            condition=_STANDS,
            values={"true": True, "false": False},
        )
        with suppress(Stale):  # somebody else has ended it, or its time has
            settle(self._tables, self._clock, end, Delete(key=_listed(family)))

    def of(self, person: Person, *, now: int) -> Sequence[RefreshFamily]:
        rows = self._tables.query(
            LOGIN,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": "RF#"},
        )
        return [_family_of(row) for row in rows if now < row["exp"]]


def _key(family: RefreshFamily) -> Key:
    return family_key(family.ref.partition.workspace, family.id)


def _listed(family: RefreshFamily) -> Key:
    return family_of_person_key(family.ref.partition.person, family.id)


def _fields(family: RefreshFamily) -> Fields:
    partition = family.ref.partition
    return {
        "wid": partition.workspace,
        "aid": partition.app,
        "uid": partition.user,
        "sid": family.ref.sid,
        "fid": family.id,
        "clientId": family.client_id,
        "gid": family.grant,
        "scope": family.scope,
        "signIn": sign_in_fields(family.sign_in),
        "current": family.current,
        "previous": family.previous,
        "successor": None if family.successor is None else sealed_fields(family.successor),
        "createdAt": family.created_at,
        "rotatedAt": family.rotated_at,
        "exp": family.exp,
        "ended": family.is_ended,
        "jkt": family.key,
        "ttl": family.exp,
    }


def _family_of(item: Item) -> RefreshFamily:
    partition = Partition(WorkspaceId(item["wid"]), AppId(item["aid"]), UserId(item["uid"]))
    return RefreshFamily(
        id=FamilyId(item["fid"]),
        ref=SessionRef(partition, SessionId(item["sid"])),
        client_id=item["clientId"],
        grant=GrantId(item["gid"]),
        scope=item["scope"],
        sign_in=sign_in_of(item["signIn"]),
        current=item["current"],
        previous=item.get("previous"),
        successor=sealed_of(item["successor"]) if "successor" in item else None,
        created_at=item["createdAt"],
        rotated_at=item["rotatedAt"],
        exp=item["exp"],
        is_ended=item["ended"],
        key=item.get("jkt"),
    )
