"""Erasures in DynamoDB: whole partitions of a person, and the rows elsewhere to which they lead."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from chalicelib.adapters.dynamodb.attributes import Fields, Item, Raw, read
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import address_key, settle, subject_key
from chalicelib.adapters.dynamodb.invites import forgetting
from chalicelib.adapters.dynamodb.layout import (
    AUDIT,
    BY_TIME,
    DIRECTORY,
    LOGIN,
    PAYLOADS,
    SESSIONS,
    Key,
    Table,
    month_of,
    months_between,
    person_pk,
    profile_key,
    seconds_sk,
    user_keys_key,
)
from chalicelib.adapters.dynamodb.login_rows import browser_key, family_key
from chalicelib.adapters.dynamodb.passkeys import passkey_claim_key
from chalicelib.adapters.dynamodb.sealed import sealed_fields
from chalicelib.adapters.dynamodb.transactions import ABSENT, PRESENT, Delete, Put, Update
from chalicelib.adapters.dynamodb.visitors import forgotten
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.erasures import Erasure, Remains
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import FamilyId, UserId, WorkspaceId
from chalicelib.domain.keys import Sealed
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person, SessionStatus
from chalicelib.domain.users import UserStatus
from chalicelib.domain.visitors import Awaited

_UNDER_WAY = "ERASURES"  # in `by_time`, where the list of a workspace's people is no more
_SUBJECTS = 50  # that go with the keys; a transaction has room for a hundred writes
# Addresses, subjects of upstreams, and ids of passkeys.
_CLAIMED = re.compile(r"W#([^#]+)#[EXC]#[^#]+")
_COUNTED = {
    "SSO": Remains.SIGN_INS,
    "RF": Remains.REFRESHES,
    "KD": Remains.DEVICES,
    "CRED": Remains.PASSKEYS,
    "TOTP": Remains.AUTHENTICATORS,
}

_TURN = "SET #status = :erasing, #erasure = :erasure, #timePK = :pk, #timeSK = :sk REMOVE #password"


class DynamoErasures:
    """Answers `ErasureStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def is_held(self, person: Person) -> bool:
        return bool(self._tables.get(user_keys_key(person), only="hold"))

    def begin(
        self,
        erasure: Erasure,
        *,
        profile: Sealed,
        address: str | None,
        events: Sequence[AuditEvent],
        awaited: Awaited | None = None,
    ) -> None:
        person = erasure.person
        found = self._tables.get(profile_key(person)) or {}
        subjects: list[str] = found.get("subjects", [])
        claims = [subject_key(person.workspace, each) for each in subjects[:_SUBJECTS]]
        if address is not None:
            claims.append(address_key(person.workspace, address))
        stands = "attribute_not_exists(#subjects)"
        before: Fields = {"before": sealed_fields(profile), "erasing": UserStatus.ERASING}
        if subjects:
            stands, before = "#subjects = :subjects", {**before, "subjects": subjects}
        settle(
            self._tables,
            self._clock,
            Update(
                key=profile_key(person),
                change=_TURN,
                condition=f"#profile = :before AND #status <> :erasing AND {stands}",
                values={**before, **_turned(erasure)},
            ),
            Delete(
                key=user_keys_key(person),
                condition=f"{PRESENT} AND attribute_not_exists(#hold)",
            ),
            *(_unclaim(key, person) for key in claims),
            _record(erasure),
            *map(audit_put, events),
            *([] if awaited is None else [forgotten(awaited)]),
        )

    def of(self, person: Person) -> Erasure | None:
        found = self._tables.get(profile_key(person))
        if found is None or found["status"] != UserStatus.ERASING:
            return None
        return Erasure(found["erasure"]["id"], person, found["erasure"]["at"])

    def under_way(self, *, now: int, limit: int) -> Sequence[Person]:
        found = self._tables.query(
            DIRECTORY,
            "#timePK = :pk AND #timeSK < :sk",
            {"pk": _UNDER_WAY, "sk": seconds_sk(now, "~")},
            index=BY_TIME,
            limit=limit,
        )
        return [_person_in(item) for item in found]

    def put_off(self, erasure: Erasure, *, until: int, event: AuditEvent | None = None) -> None:
        later = Update(
            key=profile_key(erasure.person),
            change="SET #timeSK = :sk",
            condition="#status = :erasing AND #erasure.#id = :id",
            values={
                "sk": _time_sk(erasure.person, until),
                "erasing": UserStatus.ERASING,
                "id": erasure.id,
            },
        )
        settle(self._tables, self._clock, later, *([] if event is None else [audit_put(event)]))

    def sign_out(self, person: Person) -> Counter[Remains]:
        return self._remove_all(LOGIN, person)

    def release(self, person: Person) -> Counter[Remains]:
        found = self._tables.get(profile_key(person)) or {}
        for subject in found.get("subjects", ()):
            self._remove(_unclaim(subject_key(person.workspace, subject), person))
        if "invite" in found:
            with suppress(Stale):
                self._tables.update(forgetting(person, found["invite"]), answer="ALL_NEW")
        return self._remove_all(DIRECTORY, person)

    def objects(self, person: Person) -> Sequence[str]:
        rows = self._rows(PAYLOADS, person, only=("object",))
        return [row["object"]["key"] for row in rows if "object" in row]

    def clear(self, person: Person) -> None:
        for row in self._rows(PAYLOADS, person):
            self._tables.delete(Delete(key=_key(PAYLOADS, row)))
        for row in self._rows(SESSIONS, person):
            self._tables.delete(
                Delete(
                    key=_key(SESSIONS, row),
                    condition="attribute_not_exists(#status) OR #status <> :live",
                    values={"live": SessionStatus.LIVE},
                )
            )

    def close(self, erasure: Erasure) -> None:
        self._tables.delete(
            Delete(
                key=profile_key(erasure.person),
                condition="#status = :erasing AND #erasure.#id = :id",
                values={"erasing": UserStatus.ERASING, "id": erasure.id},
            )
        )

    def done(self, *, since: int, until: int) -> Iterator[Erasure]:
        for month in months_between(since, until):
            for item in self._tables.query(AUDIT, "#PK = :pk", {"pk": f"SHRED#{month}"}):
                if since <= item["at"] <= until:
                    person = Person(WorkspaceId(item["wid"]), UserId(item["uid"]))
                    yield Erasure(item["SK"], person, item["at"])

    def repeat(self, erasure: Erasure) -> bool:
        with suppress(Stale):  # it is there, unless another trail knew of it
            self._tables.put(_record(erasure))
        return self._destroyed(erasure.person) | self._refused(erasure)

    def unclaim(self, people: Collection[Person]) -> int:
        request: Raw = {"TableName": self._tables.name(DIRECTORY), "ConsistentRead": True}
        freed = 0
        while people:
            page = self._tables.call("Scan", request)
            for item in map(read, page["Items"]):
                holder = _holder(item)
                if holder in people and holder is not None:
                    freed += self._remove(_unclaim(_key(DIRECTORY, item), holder))
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return freed

    def _destroyed(self, person: Person) -> bool:
        return self._remove(Delete(key=user_keys_key(person), condition=PRESENT))

    def _refused(self, erasure: Erasure) -> bool:
        turn = Update(
            key=profile_key(erasure.person),
            change=_TURN,
            condition=f"{PRESENT} AND #status <> :erasing",
            values={"erasing": UserStatus.ERASING, **_turned(erasure)},
        )
        try:
            self._tables.update(turn, answer="ALL_OLD")
        except Stale:
            return False
        return True

    def _remove_all(self, table: Table, person: Person) -> Counter[Remains]:
        removed: Counter[Remains] = Counter()
        for row in self._rows(table, person):
            kind, _, name = row["SK"].partition("#")
            if kind == "PROFILE":
                continue
            # What others find first goes first: a row that leads to nothing can be met again.
            led = _led_to(person, kind, name)
            if led is not None:
                self._remove(led)
            self._tables.delete(Delete(key=_key(table, row)))
            if kind in _COUNTED:
                removed[_COUNTED[kind]] += 1
        return removed

    def _rows(self, table: Table, person: Person, only: Sequence[str] = ()) -> Sequence[Item]:
        found = self._tables.query(table, "#PK = :pk", {"pk": person_pk(person)}, only=only)
        return list(found)

    def _remove(self, delete: Delete) -> bool:
        with suppress(Stale):
            self._tables.delete(delete)
            return True
        return False


def _turned(erasure: Erasure) -> Fields:
    return {
        "erasure": {"id": erasure.id, "at": erasure.at},
        "pk": _UNDER_WAY,
        "sk": _time_sk(erasure.person, erasure.at),
    }


def _time_sk(person: Person, seconds: int) -> str:
    return seconds_sk(seconds, f"{person.workspace}#{person.user}")


def _record(erasure: Erasure) -> Put:
    item: Fields = {
        "PK": f"SHRED#{month_of(erasure.at)}",
        "SK": erasure.id,
        "wid": erasure.person.workspace,
        "uid": erasure.person.user,
        "at": erasure.at,
    }
    return Put(table=AUDIT, item=item, condition=ABSENT)


def _unclaim(key: Key, person: Person) -> Delete:
    # Whoever claimed it since is another person.
    return Delete(key=key, condition="#uid = :uid", values={"uid": person.user})


def _led_to(person: Person, kind: str, name: str) -> Delete | None:
    match kind:
        case "SSO":
            return Delete(key=browser_key(person.workspace, name))
        case "RF":
            return Delete(key=family_key(person.workspace, FamilyId(name)))
        case "CRED":
            return _unclaim(passkey_claim_key(person.workspace, name), person)
    return None


def _key(table: Table, item: Item) -> Key:
    return Key(table, item["PK"], item["SK"])


def _person_in(item: Item) -> Person:
    _, workspace, _, user = item["PK"].split("#")
    return Person(WorkspaceId(workspace), UserId(int(user)))


def _holder(item: Item) -> Person | None:
    claimed = _CLAIMED.fullmatch(item["PK"])
    if claimed is None or item["SK"] != "CLAIM":
        return None
    return Person(WorkspaceId(claimed[1]), UserId(item["uid"]))
