"""A restore writes all of a checked backup, or nothing."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from chalicelib.domain.audit import SYSTEM, AuditAction
from chalicelib.domain.backups import DEPLOYMENT, BackupKind, BackupRefused, Item, is_manifest
from chalicelib.domain.errors import NotFound, StoreUnavailable
from chalicelib.domain.object_copies import copy_of
from chalicelib.domain.objects import SealedObject, new_object_key, sha256
from chalicelib.services.audit import Trail
from chalicelib.services.backups import Backups
from chalicelib.services.restores import Restores
from tests.builders import NOW, some_ref
from tests.fakes.audit import MemoryAudit
from tests.fakes.dump import MemoryDump, pointing_item
from tests.fakes.objects import MemoryObjects
from tests.fakes.surroundings import FakeClock, MemoryVault

DATA, KEYS = BackupKind.DATA, BackupKind.KEYS


class TamperedVault(MemoryVault):
    """A vault that somebody with other rights than ours has changed."""

    def replace(self, name: str, body: bytes) -> None:
        self._objects[name] = body

    def remove(self, name: str) -> None:
        del self._objects[name]


class BusyDump(MemoryDump):
    """Throttles some of the next loads; counts all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.throttles = 0
        self.loads = 0

    def load(self, table: str, items: Sequence[Item]) -> None:
        self.loads += 1
        if self.throttles:
            self.throttles -= 1
            # Half of it was written before it failed.
            super().load(table, items[: len(items) // 2])
            raise StoreUnavailable("The store is busy.")
        super().load(table, items)


def unheard(line: str) -> None:
    del line


@dataclass
class World:
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    source: MemoryDump = field(default_factory=MemoryDump)
    target: BusyDump = field(default_factory=BusyDump)

    def __post_init__(self) -> None:
        self.objects, self.target_objects = MemoryObjects(self.clock), MemoryObjects(self.clock)
        self.vaults = {kind: TamperedVault() for kind in BackupKind}
        for table in (*DATA.tables, *KEYS.tables):
            self.source.load(
                table, [{"PK": {"S": f"{table}-{n}"}, "SK": {"S": "ROW"}} for n in range(5)]
            )
        self.backups = Backups(
            stage="test",
            clock=self.clock,
            dump=self.source,
            objects=self.objects,
            vaults=self.vaults,
            audit=MemoryAudit(),
            trail=Trail(self.clock),
        )
        self.restores = Restores(
            clock=self.clock,
            dump=self.target,
            objects=self.target_objects,
            vaults=self.vaults,
            audit=self.audit,
            trail=Trail(self.clock),
        )

    def restore(self, kind: BackupKind) -> None:
        """Do what the command does, in its order."""
        manifest = self.restores.manifest(kind, self.restores.known(kind)[-1])
        self.restores.verify(manifest, unheard)
        self.restores.require_empty(kind)
        self.restores.load(manifest, unheard)


@pytest.fixture
def world() -> World:
    return World()


def test_everything_comes_back(world: World) -> None:
    for kind in BackupKind:
        world.backups.export(kind)
        world.restore(kind)
    assert world.target.tables == world.source.tables


def test_data_and_keys_come_back_apart(world: World) -> None:
    world.backups.export(DATA)
    world.backups.export(KEYS)
    world.restore(DATA)
    assert world.target.is_empty("keys")
    world.restore(KEYS)
    assert not world.target.is_empty("keys")


def pointing(world: World, body: bytes) -> SealedObject:
    """Store an object at the source and the row that points to it."""
    ref, key = some_ref(), new_object_key()
    version = world.objects.put(ref, key, body)
    world.source.load("payloads", [pointing_item(ref, key, version, body)])
    return SealedObject(1, key, version, len(body), sha256(body))


def restored(world: World) -> list[bytes]:
    """Answer what the rows of the target point to."""
    found = filter(None, map(world.target.object_of, world.target.tables["payloads"]))
    return [world.target_objects.get(ref, sealed) for ref, sealed in found]


def test_rows_point_to_their_objects_in_the_other_store(world: World) -> None:
    bodies = [bytes([number]) * 1_000 for number in range(5)]
    for body in bodies:
        pointing(world, body)
    world.backups.export(DATA)
    world.restore(DATA)
    assert restored(world) == bodies
    assert world.target_objects.there.keys() == world.objects.there.keys()


def test_an_interrupted_restore_of_objects_can_be_finished(world: World) -> None:
    for body in (b"one", b"two"):
        pointing(world, body)
    manifest = world.backups.export(DATA)
    # The objects are there and the rows are not, then half of the rows are.
    for throttles in (10, 9):
        world.target.throttles = throttles
        with pytest.raises(StoreUnavailable):
            world.restores.load(manifest, unheard)
    world.target.throttles = 0
    world.restores.load(manifest, unheard)
    assert restored(world) == [b"one", b"two"]
    assert not list(world.restores.differences(manifest))


def test_an_object_that_outlived_its_row_is_used_where_it_is(world: World) -> None:
    sealed = pointing(world, b"same")
    manifest = world.backups.export(DATA)
    world.target_objects = world.restores._objects = world.objects  # noqa: SLF001
    world.restores.load(manifest, unheard)
    (found,) = filter(None, map(world.target.object_of, world.target.tables["payloads"]))
    assert found[1] == sealed


@pytest.mark.parametrize("other", ["bytes", "session"])
def test_another_object_in_the_place_is_never_overwritten(world: World, other: str) -> None:
    sealed = pointing(world, b"mine")
    ref = next(iter(world.objects.there.values())).ref
    manifest = world.backups.export(DATA)
    where, body = (ref, b"else") if other == "bytes" else (some_ref(), b"mine")
    world.target_objects.put(where, sealed.key, body)
    with pytest.raises(BackupRefused, match="differs"):
        world.restores.load(manifest, unheard)
    assert "payloads" not in world.target.tables


def test_a_copy_that_was_altered_is_refused(world: World) -> None:
    pointing(world, b"mine")
    manifest = world.backups.export(DATA)
    (part,) = [part for part in manifest.parts if part.table == "objects"]
    item = json.loads(gzip.decompress(world.vaults[DATA].get(part.name)))
    for changes in ({"sha256": "00"}, {"body": "!"}, {"user": 1}, {"key": None, "sha256": None}):
        with pytest.raises(BackupRefused):
            copy_of({**item, **changes})


def test_a_restore_is_recorded_for_the_deployment(world: World) -> None:
    manifest = world.backups.export(DATA)
    world.restore(DATA)
    (event,) = world.audit.events
    assert event.action is AuditAction.RESTORE_DONE
    assert (event.workspace, event.actor) == (DEPLOYMENT, SYSTEM)
    assert event.meta == {"backup": manifest.id, "items": 20, "parts": 4, "ended": 0}


def test_unfinished_backups_are_not_offered(world: World) -> None:
    first = world.backups.export(DATA)
    world.clock.pause(86_400)
    second = world.backups.export(DATA)
    vault = world.vaults[DATA]
    (manifest,) = [n for n in vault.names(second.id) if is_manifest(n)]
    vault.remove(manifest)
    assert world.restores.known(DATA) == [first.id]
    with pytest.raises(BackupRefused, match="never finished"):
        world.restores.manifest(DATA, second.id)


def flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1])


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("how", ["flipped", "cut", "gone", "swapped"])
def test_a_damaged_part_is_found_before_anything_is_written(
    world: World, number: int, how: str
) -> None:
    parts = world.backups.export(DATA).parts
    name, vault = parts[number].name, world.vaults[DATA]
    match how:
        case "flipped":
            vault.replace(name, flipped(vault.get(name)))
        case "cut":
            vault.replace(name, vault.get(name)[:-1])
        case "gone":
            vault.remove(name)
        case "swapped":
            vault.replace(name, vault.get(parts[number - 1].name))
    with pytest.raises(BackupRefused, match=name):
        world.restore(DATA)
    assert not world.target.loads
    assert not world.audit.events


def test_a_manifest_that_was_altered_is_refused(world: World) -> None:
    manifest = world.backups.export(DATA)
    vault = world.vaults[DATA]
    (name,) = [n for n in vault.names(manifest.id) if is_manifest(n)]
    vault.replace(name, vault.get(name).replace(b'"items": 5', b'"items": 4', 1))
    with pytest.raises(BackupRefused, match="checksum"):
        world.restore(DATA)
    assert not world.target.loads


def test_two_manifests_are_one_too_many(world: World) -> None:
    manifest = world.backups.export(DATA)
    world.vaults[DATA].put(f"{manifest.id}/manifest-{hashlib.sha256(b'').hexdigest()}.json", b"")
    with pytest.raises(BackupRefused):
        world.restores.manifest(DATA, manifest.id)


def test_part_of_the_name_of_a_backup_is_no_name(world: World) -> None:
    manifest = world.backups.export(DATA)
    for name in ("data", manifest.id[:-1], manifest.id + "/directory", ""):
        with pytest.raises(BackupRefused):
            world.restores.manifest(DATA, name)


def test_what_changed_between_checking_and_loading_is_refused(world: World) -> None:
    manifest = world.backups.export(DATA)
    world.restores.verify(manifest, unheard)
    vault, name = world.vaults[DATA], manifest.parts[0].name
    vault.replace(name, flipped(vault.get(name)))
    with pytest.raises(BackupRefused):
        world.restores.load(manifest, unheard)
    assert not world.target.loads


@pytest.mark.parametrize("table", ["directory", "sessions", "payloads"])
def test_a_deployment_in_use_is_refused(world: World, table: str) -> None:
    world.backups.export(DATA)
    world.target.load(table, [{"PK": {"S": "mine"}, "SK": {"S": "ROW"}}])
    with pytest.raises(BackupRefused, match=table):
        world.restore(DATA)
    assert world.target.loads == 1


def test_keys_are_not_mixed_with_others(world: World) -> None:
    world.backups.export(KEYS)
    world.target.load("keys", [{"PK": {"S": "mine"}, "SK": {"S": "ROW"}}])
    with pytest.raises(BackupRefused, match="keys"):
        world.restore(KEYS)


def test_a_trail_that_survived_is_kept_and_completed(world: World) -> None:
    world.backups.export(DATA)
    survived: Item = {"PK": {"S": "later"}, "SK": {"S": "ROW"}}
    world.target.load("audit", [survived, world.source.tables["audit"][0]])
    world.restore(DATA)
    assert len(world.target.tables["audit"]) == 6
    assert survived in world.target.tables["audit"]


def test_throttling_is_waited_out(world: World) -> None:
    world.backups.export(DATA)
    world.target.throttles = 3
    world.restore(DATA)
    assert world.target.tables == {t: world.source.tables[t] for t in DATA.tables}
    assert world.clock.now() == NOW + 1 + 2 + 4


def test_an_interrupted_restore_can_be_finished(world: World) -> None:
    manifest = world.backups.export(DATA)
    world.target.throttles = 8
    with pytest.raises(StoreUnavailable):
        world.restore(DATA)
    assert not world.audit.events
    with pytest.raises(BackupRefused, match="--resume"):
        world.restores.require_empty(DATA)
    world.restores.load(manifest, unheard)
    assert world.target.tables == {t: world.source.tables[t] for t in DATA.tables}
    assert not list(world.restores.differences(manifest))


def test_resuming_over_something_else_changes_nothing_of_it(world: World) -> None:
    manifest = world.backups.export(DATA)
    other: Item = {**world.source.tables["directory"][0], "more": {"S": "mine"}}
    world.target.load("directory", [other])
    with pytest.raises(BackupRefused, match="differs"):
        world.restores.load(manifest, unheard)
    assert world.target.tables["directory"] == [other]
    assert not world.audit.events


def test_a_missing_item_is_counted(world: World) -> None:
    manifest = world.backups.export(DATA)
    world.restore(DATA)
    world.target.tables["sessions"].pop()
    assert list(world.restores.differences(manifest)) == ["sessions: 4 items in place of 5"]


def test_a_backup_of_keys_is_no_backup_of_data(world: World) -> None:
    manifest = world.backups.export(KEYS)
    for name in world.vaults[KEYS].names(""):
        world.vaults[DATA].put(name, world.vaults[KEYS].get(name))
    with pytest.raises(BackupRefused, match="not of data"):
        world.restores.manifest(DATA, manifest.id)


def test_nothing_is_known_of_an_empty_vault(world: World) -> None:
    assert world.restores.known(DATA) == []
    with pytest.raises(NotFound):
        world.vaults[DATA].get("data/x")
