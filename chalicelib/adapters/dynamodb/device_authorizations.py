"""Device authorizations in DynamoDB: what was asked, and a row that leads to it from a code."""

from contextlib import suppress

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.audit import audit_put
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.claims import new, settle
from chalicelib.adapters.dynamodb.codes import code_fields
from chalicelib.adapters.dynamodb.login_rows import (
    code_key,
    device_authorization_key,
    user_code_key,
)
from chalicelib.adapters.dynamodb.transactions import ABSENT, PRESENT, Put, Update, Write
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.device_authorizations import (
    Asker,
    AuthorizationStatus,
    DeviceAuthorization,
)
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS
from chalicelib.domain.login import AuthorizationCode
from chalicelib.domain.ports.surroundings import Clock


class DynamoDeviceAuthorizations:
    """Answers `DeviceAuthorizationStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def add(self, asked: DeviceAuthorization, *, now: int) -> None:
        by_code = user_code_key(asked.workspace, asked.user_code)
        lead: Fields = {
            "PK": by_code.pk,
            "SK": by_code.sk,
            "digest": asked.digest,
            "exp": asked.exp,
            "ttl": asked.exp,
        }
        settle(
            self._tables,
            self._clock,
            new(device_authorization_key(asked.workspace, asked.digest), _fields(asked)),
            Put(
                table=by_code.table,
                item=lead,
                condition=f"{ABSENT} OR #exp <= :now",
                values={"now": now},
            ),
        )

    def named(
        self, workspace: WorkspaceId, user_code: str, *, now: int
    ) -> DeviceAuthorization | None:
        lead = self._tables.get(user_code_key(workspace, user_code))
        if lead is None or now >= lead["exp"]:
            return None
        return self.get(workspace, lead["digest"], now=now)

    def get(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        found = self._tables.get(device_authorization_key(workspace, digest))
        if found is None or now >= found["exp"] or found["status"] != AuthorizationStatus.PENDING:
            return None
        return _asked_of(found)

    def poll(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        update = Update(
            key=device_authorization_key(workspace, digest),
            change="SET #polledAt = :now",
            condition=f"{PRESENT} AND #ttl > :now",
            values={"now": now},
        )
        try:
            return _asked_of(self._tables.update(update, answer="ALL_OLD"))
        except Stale:
            return None

    def slow(self, asked: DeviceAuthorization, *, seconds: int) -> None:
        update = Update(
            key=device_authorization_key(asked.workspace, asked.digest),
            change="ADD #interval :seconds",
            condition=PRESENT,
            values={"seconds": seconds},
        )
        with suppress(Stale):  # a row that is gone has nobody to wait for
            self._tables.update(update, answer="ALL_NEW")

    def decide(
        self,
        asked: DeviceAuthorization,
        status: AuthorizationStatus,
        *,
        code: AuthorizationCode | None,
        event: AuditEvent,
        now: int,
    ) -> None:
        decided = Update(
            key=device_authorization_key(asked.workspace, asked.digest),
            change="SET #status = :status",
            condition=f"{PRESENT} AND #status = :pending AND #exp > :now",
            values={"status": status, "pending": AuthorizationStatus.PENDING, "now": now},
        )
        writes: list[Write] = [decided, audit_put(event)]
        if code is not None:
            writes.append(new(code_key(code.workspace, code.digest), code_fields(code)))
        settle(self._tables, self._clock, *writes)


def _fields(asked: DeviceAuthorization) -> Fields:
    asker = asked.asker
    return {
        "wid": asked.workspace,
        "digest": asked.digest,
        "userCode": asked.user_code,
        "aid": asked.app,
        "clientId": asked.client_id,
        "scope": asked.scope,
        "asker": {"at": asker.at, "program": asker.program, "network": asker.network},
        "jkt": asked.key,
        "status": asked.status,
        "interval": asked.interval,
        "polledAt": asked.polled_at,
        "exp": asked.exp,
        # A device that comes late is told that it does.
        "ttl": asked.exp + DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS,
    }


def _asked_of(item: Item) -> DeviceAuthorization:
    asker = item["asker"]
    return DeviceAuthorization(
        digest=item["digest"],
        user_code=item["userCode"],
        workspace=WorkspaceId(item["wid"]),
        app=AppId(item["aid"]),
        client_id=item["clientId"],
        scope=item["scope"],
        asker=Asker(at=asker["at"], program=asker["program"], network=asker.get("network")),
        exp=item["exp"],
        key=item.get("jkt"),
        status=AuthorizationStatus(item["status"]),
        interval=item["interval"],
        polled_at=item["polledAt"],
    )
