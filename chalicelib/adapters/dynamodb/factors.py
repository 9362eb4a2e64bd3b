"""Second factors in DynamoDB, beside the person whose they are."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import settle
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key, person_pk
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import ABSENT, PRESENT, Delete, Put, Update
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.factors import Factors, RecoveryCodes, Totp
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person

_SAME = "#id = :id"


class DynamoFactors:
    """Answers `FactorStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def of(self, person: Person) -> Factors:
        totp, recovery = _totp_key(person), _recovery_key(person)
        found = self._tables.get_all([totp, recovery])
        return Factors(
            totp=_totp_of(found[totp]) if totp in found else None,
            recovery=_recovery_of(found[recovery]) if recovery in found else None,
        )

    def put_totp(
        self, totp: Totp, recovery: RecoveryCodes, *, before: Totp | None, event: AuditEvent
    ) -> None:
        put = Put(
            table=DIRECTORY,
            item=_item(_totp_key(totp.person), _totp_fields(totp)),
            condition=ABSENT if before is None else _SAME,
            values={} if before is None else {"id": before.id},
        )
        settle(self._tables, self._clock, put, _recovery_put(recovery), audit_put(event))

    def remove_totp(self, totp: Totp, event: AuditEvent) -> None:
        settle(
            self._tables,
            self._clock,
            Delete(key=_totp_key(totp.person), condition=_SAME, values={"id": totp.id}),
            Delete(key=_recovery_key(totp.person)),
            audit_put(event),
        )

    def put_recovery(self, recovery: RecoveryCodes, *, of: Totp, event: AuditEvent) -> None:
        # Writes what is there: a condition alone would be another right than to change.
        stands = Update(
            key=_totp_key(of.person), change="SET #id = :id", condition=_SAME, values={"id": of.id}
        )
        settle(self._tables, self._clock, stands, _recovery_put(recovery), audit_put(event))

    def accept_step(self, totp: Totp, step: int) -> None:
        accept = Update(
            key=_totp_key(totp.person),
            change="SET #lastStep = :step",
            condition=f"{_SAME} AND #lastStep < :step",
            values={"id": totp.id, "step": step},
        )
        self._tables.update(accept, answer="ALL_NEW")

    def use_recovery(self, person: Person, digest: str, event: AuditEvent) -> None:
        strike = Update(
            key=_recovery_key(person),
            change="REMOVE #left.#used",
            condition=f"{PRESENT} AND attribute_exists(#left.#used)",
            names={"used": digest},
        )
        settle(self._tables, self._clock, strike, audit_put(event))


def _totp_key(person: Person) -> Key:
    return Key(DIRECTORY, person_pk(person), "TOTP")


def _recovery_key(person: Person) -> Key:
    return Key(DIRECTORY, person_pk(person), "RECOVERY")


def _item(key: Key, fields: Fields) -> Fields:
    return {"PK": key.pk, "SK": key.sk, **fields}


def _totp_fields(totp: Totp) -> Fields:
    return {
        "wid": totp.person.workspace,
        "uid": totp.person.user,
        "id": totp.id,
        "secret": sealed_fields(totp.secret),
        "lastStep": totp.last_step,
        "createdAt": totp.created_at,
    }


def _totp_of(item: Item) -> Totp:
    return Totp(
        id=item["id"],
        person=_person_of(item),
        secret=sealed_of(item["secret"]),
        last_step=item["lastStep"],
        created_at=item["createdAt"],
    )


def _recovery_put(recovery: RecoveryCodes) -> Put:
    fields: Fields = {
        "wid": recovery.person.workspace,
        "uid": recovery.person.user,
        # A map, because one code is struck out without a look at the others.
        "left": dict.fromkeys(sorted(recovery.left), 1),
        "createdAt": recovery.created_at,
    }
    return Put(table=DIRECTORY, item=_item(_recovery_key(recovery.person), fields))


def _recovery_of(item: Item) -> RecoveryCodes:
    return RecoveryCodes(
        person=_person_of(item), left=frozenset(item["left"]), created_at=item["createdAt"]
    )


def _person_of(item: Item) -> Person:
    return Person(WorkspaceId(item["wid"]), UserId(item["uid"]))
