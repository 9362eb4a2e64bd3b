"""A backup is sealed items in parts, and exists only with its manifest."""

import gzip
import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from chalicelib.domain.audit import SYSTEM, AuditAction
from chalicelib.domain.backups import (
    DEPLOYMENT,
    PART_BYTES,
    BackupKind,
    BackupRefused,
    Item,
    Manifest,
    read,
    written,
)
from chalicelib.domain.errors import StoreUnavailable
from chalicelib.domain.object_copies import copy_of
from chalicelib.domain.objects import new_object_key
from chalicelib.domain.sessions import SessionRef
from chalicelib.services.audit import Trail
from chalicelib.services.backups import Backups
from tests.builders import NOW, some_ref
from tests.fakes.audit import MemoryAudit
from tests.fakes.dump import MemoryDump, pointing_item
from tests.fakes.objects import MemoryObjects
from tests.fakes.surroundings import FakeClock, MemoryVault


class RecordingVault(MemoryVault):
    """Remembers the order of what it was given, in a list that others may share."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    def put(self, name: str, body: bytes) -> None:
        super().put(name, body)
        self.log.append(name)


class RecordingDump(MemoryDump):
    """Remembers when each page was read; can fail at a table."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log
        self.fails_at: str | None = None

    def pages(self, table: str) -> Iterator[Sequence[Item]]:
        if table == self.fails_at:
            raise StoreUnavailable("The store is busy.")
        for page in super().pages(table):
            self.log.append(f"page of {table}")
            yield page


@dataclass
class World:
    log: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    audit: MemoryAudit = field(default_factory=MemoryAudit)

    def __post_init__(self) -> None:
        self.objects = MemoryObjects(self.clock)
        self.dump = RecordingDump(self.log)
        self.vaults = {kind: RecordingVault(self.log) for kind in BackupKind}
        self.backups = Backups(
            stage="test",
            clock=self.clock,
            dump=self.dump,
            objects=self.objects,
            vaults=self.vaults,
            audit=self.audit,
            trail=Trail(self.clock),
        )
        for table in ("directory", "sessions", "payloads", "audit", "login", "activity", "keys"):
            self.dump.load(table, [item(table, number) for number in range(3)])

    def names(self, kind: BackupKind) -> Sequence[str]:
        return self.vaults[kind].names("")


def item(table: str, number: int, size: int = 20) -> Item:
    return {
        "PK": {"S": f"{table}-{number}"},
        "SK": {"S": "ROW"},
        "fill": {"S": hashlib.sha256(str(number).encode()).hexdigest() * (size // 64 + 1)},
    }


@pytest.fixture
def world() -> World:
    return World()


def test_a_backup_of_data_holds_the_stored_items_of_four_tables(world: World) -> None:
    manifest = world.backups.export(BackupKind.DATA)
    held: dict[str, list[Item]] = {}
    for part in manifest.parts:
        lines = gzip.decompress(world.vaults[BackupKind.DATA].get(part.name)).splitlines()
        held.setdefault(part.table, []).extend(map(json.loads, lines))
    assert held == {
        table: world.dump.tables[table] for table in ("directory", "sessions", "payloads", "audit")
    }


def test_objects_are_copied_before_the_rows_that_point_to_them(world: World) -> None:
    refs = [pointing(world, bytes([number]) * 1_000) for number in range(4)]
    manifest = world.backups.export(BackupKind.DATA)
    tables = [part.table for part in manifest.parts]
    assert tables == ["directory", "sessions", "objects", "payloads", "audit"]
    (part,) = [part for part in manifest.parts if part.table == "objects"]
    lines = gzip.decompress(world.vaults[BackupKind.DATA].get(part.name)).splitlines()
    copies = [copy_of(json.loads(line)) for line in lines]
    assert [(copy.ref, copy.body[:1]) for copy in copies] == [
        (ref, bytes([number])) for number, ref in enumerate(refs)
    ]
    assert manifest.missing == 0


def test_objects_too_are_in_bounded_parts(world: World) -> None:
    for _ in range(6):
        pointing(world, secrets.token_bytes(4 * 1024 * 1024))
    manifest = world.backups.export(BackupKind.DATA)
    parts = [part for part in manifest.parts if part.table == "objects"]
    assert [part.items for part in parts] == [1] * 6
    assert [part.name[-14:] for part in parts] == [f"{n:06d}.jsonl.gz"[-14:] for n in range(6)]


def test_an_object_that_was_replaced_meanwhile_is_copied_as_its_row_was(world: World) -> None:
    pointing(world, b"of the row")
    for listed in list(world.objects.there):
        world.objects.delete(listed)
    manifest = world.backups.export(BackupKind.DATA)
    assert (manifest.items("objects"), manifest.missing) == (1, 0)


def test_a_missing_object_is_counted_and_hinders_no_backup(world: World) -> None:
    pointing(world, b"lost")
    pointing(world, b"kept")
    world.objects.delete(next(iter(world.objects.there)))
    world.objects.forget()
    manifest = world.backups.export(BackupKind.DATA)
    assert (manifest.items("objects"), manifest.missing) == (1, 1)
    assert read(*written(manifest)) == manifest
    (event,) = world.audit.events
    assert event.meta["missing"] == 1


def test_keys_are_in_no_backup_of_data_and_the_reverse(world: World) -> None:
    world.backups.export(BackupKind.DATA)
    world.backups.export(BackupKind.KEYS)
    assert not [name for name in world.names(BackupKind.DATA) if "keys" in name]
    assert [part.table for part in latest(world, BackupKind.KEYS).parts] == ["keys"]
    assert all(name.startswith("keys/") for name in world.names(BackupKind.KEYS))


def test_the_manifest_comes_last_and_is_named_by_its_own_checksum(world: World) -> None:
    world.backups.export(BackupKind.DATA)
    name = world.log[-1]
    body = world.vaults[BackupKind.DATA].get(name)
    assert name.endswith(f"/manifest-{hashlib.sha256(body).hexdigest()}.json")
    assert json.loads(body)["stage"] == "test"
    assert json.loads(body)["madeAt"] == NOW
    assert json.loads(body)["tables"] == {
        **dict.fromkeys(BackupKind.DATA.tables, 3),
        "objects": 0,
    }


def test_the_manifest_has_size_and_checksum_of_every_part(world: World) -> None:
    manifest = world.backups.export(BackupKind.DATA)
    for part in manifest.parts:
        body = world.vaults[BackupKind.DATA].get(part.name)
        assert part.size == len(body)
        assert part.sha256 == hashlib.sha256(body).hexdigest()
    stored = {name for name in world.names(BackupKind.DATA) if "manifest" not in name}
    assert {part.name for part in manifest.parts} == stored


def test_a_backup_that_failed_on_the_way_has_no_manifest_and_no_event(world: World) -> None:
    world.dump.fails_at = "audit"
    with pytest.raises(StoreUnavailable):
        world.backups.export(BackupKind.DATA)
    assert world.names(BackupKind.DATA)
    assert not [name for name in world.names(BackupKind.DATA) if "manifest" in name]
    assert not world.audit.events


def test_a_finished_backup_is_recorded_for_the_deployment(world: World) -> None:
    manifest = world.backups.export(BackupKind.KEYS)
    (event,) = world.audit.events
    assert event.action is AuditAction.BACKUP_MADE
    assert event.workspace == DEPLOYMENT
    assert event.actor == SYSTEM
    assert event.meta["backup"] == manifest.id
    assert event.meta["items"] == 3


def test_two_backups_of_one_second_lie_apart_and_sort_by_time(world: World) -> None:
    first = world.backups.export(BackupKind.DATA)
    second = world.backups.export(BackupKind.DATA)
    world.clock.pause(86_400)
    third = world.backups.export(BackupKind.DATA)
    assert len({first.id, second.id, third.id}) == 3
    assert third.id > max(first.id, second.id)
    assert third.id.startswith("data/20270116T080000Z-")


def test_parts_are_bounded_and_written_before_the_table_is_read_to_its_end(world: World) -> None:
    many = [item("payloads", number, size=300_000) for number in range(60)]
    world.dump.tables["payloads"] = many
    manifest = world.backups.export(BackupKind.DATA)
    parts = [part for part in manifest.parts if part.table == "payloads"]
    assert len(parts) > 3
    for part in parts:
        plain = gzip.decompress(world.vaults[BackupKind.DATA].get(part.name))
        assert len(plain) < PART_BYTES + 400_000
    first_part = world.log.index(parts[0].name)
    assert "page of payloads" in world.log[first_part:]
    assert manifest.items("payloads") == 60


def test_an_empty_table_has_no_parts_and_is_counted(world: World) -> None:
    world.dump.tables["payloads"] = []
    manifest = world.backups.export(BackupKind.DATA)
    assert "payloads" not in {part.table for part in manifest.parts}
    assert json.loads(written(manifest)[1])["tables"]["payloads"] == 0


def test_a_manifest_reads_back_as_it_was(world: World) -> None:
    manifest = world.backups.export(BackupKind.DATA)
    assert read(*written(manifest)) == manifest


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("version", 1),
        ("version", 3),
        ("kind", "keys"),
        ("kind", "objects"),
        ("tables", {}),
        ("tables", {"directory": 3, "sessions": 3, "payloads": 3, "audit": 4}),
        ("parts", [{"name": "elsewhere/x", "table": "audit", "items": 3, "size": 1, "sha256": ""}]),
        ("id", "data/another"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(
    world: World, change: str, to: object
) -> None:
    name, body = written(world.backups.export(BackupKind.DATA))
    document = json.loads(body) | {change: to}
    altered = json.dumps(document).encode()
    folder = name.rpartition("/")[0]
    with pytest.raises(BackupRefused):
        read(f"{folder}/manifest-{hashlib.sha256(altered).hexdigest()}.json", altered)


def test_a_manifest_from_before_there_were_objects_is_read(world: World) -> None:
    name, body = written(world.backups.export(BackupKind.DATA))
    document = json.loads(body) | {"version": 1}
    del document["missing"], document["tables"]["objects"]
    old = json.dumps(document).encode()
    folder = name.rpartition("/")[0]
    manifest = read(f"{folder}/manifest-{hashlib.sha256(old).hexdigest()}.json", old)
    assert manifest.items("sessions") == 3


def pointing(world: World, body: bytes) -> SessionRef:
    """Store an object and the row that points to it."""
    ref, key = some_ref(), new_object_key()
    version = world.objects.put(ref, key, body)
    world.dump.load("payloads", [pointing_item(ref, key, version, body)])
    return ref


def latest(world: World, kind: BackupKind) -> Manifest:
    name = next(name for name in reversed(world.names(kind)) if "manifest" in name)
    return read(name, world.vaults[kind].get(name))
