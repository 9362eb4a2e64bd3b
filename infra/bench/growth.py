"""Growth: what cleaning up, looking up and backing up read, with ever more sessions beside them.

`python -m infra.bench.growth OUT CLOUD DATABASE SIZE...` fills tables of its own for each size.
"""

import json
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from chalicelib.adapters.clients import Clients
from chalicelib.adapters.dynamodb.attributes import Raw, written
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.connections import short
from chalicelib.adapters.dynamodb.heads import head_put
from chalicelib.adapters.dynamodb.layout import SESSIONS
from chalicelib.domain.backups import BackupKind
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.ids import AppId, WorkspaceId, new_session_id, new_user_id, new_workspace_id
from chalicelib.domain.keys import Sealed
from chalicelib.domain.sessions import Head, Partition, SessionRef, SessionStatus
from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from infra.bench.scene import ORIGIN
from infra.local.provision import Provisioner
from infra.local.run.environment import bucket

_DUE = 200
_OF_ONE = 20
_LOT = 25  # items that one BatchWriteItem takes
_HOUR = 3_600


class Counting(Tables):
    """Tables that count what DynamoDB looked at and what it gave back."""

    looked_at = 0
    given = 0

    def call(self, operation: str, arguments: Raw) -> Raw:
        """Send, and count."""
        answer = super().call(operation, arguments)
        if "ScannedCount" in answer:
            self.looked_at += answer["ScannedCount"]
            self.given += answer["Count"]
        elif operation == "BatchGetItem":
            self.looked_at += sum(map(len, answer["Responses"].values()))
        elif operation == "GetItem":
            self.looked_at += "Item" in answer
        return answer


def measure(provisioner: Provisioner, size: int) -> Mapping[str, Any]:
    """Answer one row for a number of sessions."""
    stage = f"b{secrets.token_hex(4)}"
    provisioner.tables(stage=stage)
    settings = Settings(stage=stage, origin=ORIGIN, backup_bucket=bucket("BackupsBucket"))
    adapters = AwsAdapters(settings)
    pause = adapters.clock.pause
    tables = Counting(stage=stage, connection=short(Clients(), pause=pause), pause=pause)
    adapters.tables = tables
    services = Container(settings, adapters)
    one = Partition(new_workspace_id(), AppId("notes"), new_user_id())
    _fill(provisioner, tables.name(SESSIONS), one, size=size, now=adapters.clock.now())
    swept = services.holdings.expiry.sweep(limit=_DUE * 2)
    if swept["expired"] != _DUE:
        raise AssertionError(f"{swept} should be {_DUE}")
    sweep_looked, sweep_given = tables.looked_at, tables.given
    tables.looked_at = 0
    listed = len(services.adapters.sessions.of(one))
    list_looked = tables.looked_at
    tables.looked_at = 0
    return {
        "sessions": size,
        "cleanup": round(sweep_given / _DUE, 2),
        "cleanup_with_heads": round(sweep_looked / _DUE, 2),
        "listing": round(list_looked / listed, 2),
        **_backup(services, tables),
    }


def _backup(services: Container, tables: Counting) -> Mapping[str, Any]:
    began = time.perf_counter()
    try:
        manifest = services.upkeep.backups.export(BackupKind.DATA)
    except StoreUnavailable:
        # An emulator on a busy machine may need longer for a page than anybody waits.
        return {"backup": None, "backup_items_per_second": None}
    seconds = time.perf_counter() - began
    items = sum(part.items for part in manifest.parts)
    return {
        "backup": round(tables.looked_at / items, 2),
        "backup_items_per_second": round(items / seconds),
    }


def _fill(provisioner: Provisioner, table: str, one: Partition, *, size: int, now: int) -> None:
    client = provisioner.client("dynamodb")
    heads = _heads(one, size=size, now=now)
    done = 0
    while lot := list(islice(heads, _LOT)):
        left = {table: [{"PutRequest": {"Item": written(head_put(head).item)}} for head in lot]}
        while left:
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        done += len(lot)
        if done % 10_000 == 0:
            print(f"growth: {done} of {size} sessions", file=sys.stderr, flush=True)


def _heads(one: Partition, *, size: int, now: int) -> Iterator[Head]:
    # The due ones are spread over the last hour and lie between those that stay.
    every = size // _DUE
    for number in range(size):
        partition = one if number < _OF_ONE else _somebody(one.workspace)
        is_due = number % every == every - 1 and number // every < _DUE
        yield Head(
            ref=SessionRef(partition, new_session_id(now * 1_000)),
            status=SessionStatus.LIVE,
            exp=now - 1 - number % _HOUR if is_due else now + 90 * _HOUR,
            rev=1,
            created_at=now - 100 * _HOUR,
            updated_at=now,
            last_seen_at=now,
            quota_shard=number % 8,
            who=Sealed(1, secrets.token_bytes(300)),
        )


def _somebody(workspace: WorkspaceId) -> Partition:
    return Partition(workspace, AppId("notes"), new_user_id())


def main() -> None:
    """Measure every size, and write the rows as JSON."""
    out, cloud, database, *sizes = sys.argv[1:]
    provisioner = Provisioner(endpoint=cloud, dynamodb_endpoint=database)
    rows = [measure(provisioner, int(size)) for size in sizes]
    Path(out).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main()
