"""Known devices in DynamoDB: rows in their person's own partition, so that each is for one."""

from collections.abc import Collection

from chalicelib.adapters.dynamodb.attributes import Fields
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import LOGIN, person_pk
from chalicelib.adapters.dynamodb.login_rows import device_key
from chalicelib.adapters.dynamodb.transactions import Delete, Put
from chalicelib.domain.devices import KnownDevice
from chalicelib.domain.sessions import Person


class DynamoDevices:
    """Answers `DeviceStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def add(self, device: KnownDevice) -> None:
        key = device_key(device.person, device.digest)
        fields: Fields = {
            "wid": device.person.workspace,
            "uid": device.person.user,
            "digest": device.digest,
            "exp": device.exp,
            "ttl": device.exp,
        }
        self._tables.put(Put(table=key.table, item={"PK": key.pk, "SK": key.sk, **fields}))

    def knows(self, person: Person, digest: str, *, now: int) -> bool:
        found = self._tables.get(device_key(person, digest))
        return found is not None and now < int(found["exp"])

    def forget(self, person: Person, digest: str) -> None:
        self._tables.delete(Delete(key=device_key(person, digest)))

    def forget_others(self, person: Person, *, but: Collection[str]) -> None:
        rows = self._tables.query(
            LOGIN,
            "#PK = :pk AND begins_with(#SK, :sk)",
            {"pk": person_pk(person), "sk": "KD#"},
        )
        for row in rows:
            if row["digest"] not in but:
                self.forget(person, row["digest"])
