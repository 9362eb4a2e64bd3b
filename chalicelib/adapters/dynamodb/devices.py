"""Known devices in DynamoDB: rows in their person's own partition, so that each is for one."""

from collections.abc import Collection, Sequence

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import settle
from chalicelib.adapters.dynamodb.layout import LOGIN, person_pk
from chalicelib.adapters.dynamodb.login_rows import device_key
from chalicelib.adapters.dynamodb.transactions import PRESENT, Delete, Put
from chalicelib.domain.agents import SOME_BROWSER
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person


class DynamoDevices:
    """Answers `DeviceStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def add(self, device: KnownDevice) -> None:
        key = device_key(device.person, device.digest)
        fields: Fields = {
            "wid": device.person.workspace,
            "uid": device.person.user,
            "digest": device.digest,
            "agent": device.agent,
            "exp": device.exp,
            "ttl": device.exp,
        }
        self._tables.put(Put(table=key.table, item={"PK": key.pk, "SK": key.sk, **fields}))

    def knows(self, person: Person, digest: str, *, now: int) -> bool:
        found = self._tables.get(device_key(person, digest))
        return found is not None and now < int(found["exp"])

    def of(self, person: Person, *, now: int) -> Sequence[KnownDevice]:
        found = [each for each in map(_device_of, self._listed(person)) if now < each.exp]
        return sorted(found, key=lambda each: (-each.exp, each.digest))

    def remove(self, device: KnownDevice, event: AuditEvent) -> None:
        key = device_key(device.person, device.digest)
        settle(self._tables, self._clock, Delete(key=key, condition=PRESENT), audit_put(event))

    def forget(self, person: Person, digest: str) -> None:
        self._tables.delete(Delete(key=device_key(person, digest)))

    def forget_others(self, person: Person, *, but: Collection[str]) -> None:
        for row in self._listed(person):
            if row["digest"] not in but:
                self.forget(person, row["digest"])

    def _listed(self, person: Person) -> Sequence[Item]:
        rows = self._tables.query(
            LOGIN,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": "KD#"},
        )
        return list(rows)


def _device_of(item: Item) -> KnownDevice:
    return KnownDevice(
        digest=item["digest"],
        person=Person(WorkspaceId(item["wid"]), UserId(item["uid"])),
        exp=item["exp"],
        agent=item.get("agent", SOME_BROWSER),
    )
