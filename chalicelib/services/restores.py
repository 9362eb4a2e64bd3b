"""Restores: a checked backup written into an empty deployment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.backups import (
    DEPLOYMENT,
    OBJECTS,
    BackupKind,
    BackupRefused,
    Item,
    Manifest,
    Part,
    in_order,
    is_manifest,
    read,
    unpacked,
)
from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.object_copies import ObjectCopy, copy_of
from chalicelib.domain.objects import sha256
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.ports.records import AuditStore, BackupVault, TableDump
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.audit import Trail

T = TypeVar("T")
Report = Callable[[str], None]

# Events never collide: their ids are random. A deployment that lost its data may keep its trail.
_MAY_HOLD_ITEMS = frozenset({"audit"})
# New tables take their time to grow into the load: 1, 2, 4 … seconds, two minutes in all.
_PAUSES = tuple(2.0**n for n in range(7))


class Restores:
    """Brings data and keys back; either alone, in either order."""

    def __init__(
        self,
        *,
        clock: Clock,
        dump: TableDump,
        objects: ObjectStore,
        vaults: Mapping[BackupKind, BackupVault],
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._dump = dump
        self._objects = objects
        self._vaults = vaults
        self._audit = audit
        self._trail = trail

    def known(self, kind: BackupKind) -> Sequence[str]:
        """Answer the ids of all complete backups, oldest first."""
        names = self._vaults[kind].names(f"{kind}/")
        return [name.rpartition("/")[0] for name in names if is_manifest(name)]

    def manifest(self, kind: BackupKind, backup: str) -> Manifest:
        """Answer the manifest of a backup; raises `BackupRefused` for an incomplete one."""
        names = [n for n in self._vaults[kind].names(f"{backup}/") if is_manifest(n)]
        if len(names) != 1 or names[0].rpartition("/")[0] != backup:
            raise BackupRefused(
                f"{backup} has no manifest: it was never finished. Choose another backup."
            )
        manifest = read(names[0], self._body(kind, names[0]))
        if manifest.kind is not kind:
            raise BackupRefused(f"{backup} is a backup of {manifest.kind}, not of {kind}.")
        return manifest

    def verify(self, manifest: Manifest, report: Report) -> None:
        """Read every part and compare every checksum; raises `BackupRefused`."""
        for number, part in enumerate(manifest.parts, start=1):
            self._items(manifest, part)
            report(f"checked {number} of {len(manifest.parts)}: {part.name}")

    def require_empty(self, kind: BackupKind) -> None:
        """Refuse a deployment in which something would be mixed with what is restored."""
        for table in kind.tables:
            if table not in _MAY_HOLD_ITEMS and not self._dump.is_empty(table):
                raise BackupRefused(
                    f"The table {table} is not empty; nothing was written. Restore into an empty "
                    "deployment, or use --resume to finish a restore of this very backup."
                )

    def load(self, manifest: Manifest, report: Report) -> None:
        """Write every item as it was but for torn sessions, and record that it happened.

        What is already there and the same is left alone, so a restore that was interrupted can
        be run again; what is there and differs raises `BackupRefused`.
        """
        versions: dict[str, str] = {}
        ended = 0
        for number, part in enumerate(in_order(manifest.parts), start=1):
            items = self._items(manifest, part)
            try:
                # The moment is the backup's own, so that a repetition writes the same items.
                ended += self._restore(part.table, items, versions, at=manifest.made_at)
            except Duplicate as error:
                raise BackupRefused(
                    f"Something among the {part.table} differs from what is in {part.name}. It was "
                    "not changed. Restore into an empty deployment."
                ) from error
            report(f"restored {number} of {len(manifest.parts)}: {part.name}, {part.items} items")
        if ended:
            report(f"over here too, as they ended while the backup was made: {ended} sessions")
        self._audit.append(
            self._trail.event(
                AuditAction.RESTORE_DONE,
                workspace=DEPLOYMENT,
                actor=SYSTEM,
                origin=Origin(),
                meta={
                    "backup": manifest.id,
                    "items": sum(part.items for part in manifest.parts),
                    "parts": len(manifest.parts),
                    "ended": ended,
                },
            )
        )

    def differences(self, manifest: Manifest) -> Iterator[str]:
        """Answer, table by table, where the number of items is not that of the backup."""
        for table in manifest.kind.tables:
            if table in _MAY_HOLD_ITEMS:
                continue
            there = sum(len(page) for page in self._dump.pages(table))
            if there != manifest.items(table):
                yield f"{table}: {there} items in place of {manifest.items(table)}"

    def _restore(
        self, table: str, items: Sequence[Item], versions: dict[str, str], *, at: int
    ) -> int:
        if table == OBJECTS:
            copies = [copy_of(item) for item in items]
            for copy in copies:
                versions[copy.key] = self._patiently(partial(self._laid, copy))
            return 0
        pointing = [self._pointing(item, versions) for item in items]
        whole = self._patiently(partial(self._dump.mended, pointing, at=at))
        self._patiently(partial(self._dump.load, table, whole))
        return sum(a is not b for a, b in zip(pointing, whole, strict=True))

    def _patiently(self, step: Callable[[], T]) -> T:
        for pause in _PAUSES:
            try:
                return step()
            except StoreUnavailable:
                self._clock.pause(pause)
        return step()

    def _laid(self, copy: ObjectCopy) -> str:
        try:
            return self._objects.put(copy.ref, copy.key, copy.body)
        except Duplicate:
            # What an interrupted restore put, or what outlived its rows, is the same object.
            there = self._objects.describe(copy.key)
            if there is None or (there.ref, there.sha256) != (copy.ref, sha256(copy.body)):
                raise
            return there.object_version

    def _pointing(self, item: Item, versions: dict[str, str]) -> Item:
        pointed = self._dump.object_of(item)
        # Each object has one row, so nothing is remembered for longer than a part or two.
        version = None if pointed is None else versions.pop(pointed[1].key, None)
        return item if version is None else self._dump.pointing(item, version)

    def _items(self, manifest: Manifest, part: Part) -> Sequence[Item]:
        # Checked at each reading: between checking and loading the object could be another.
        return unpacked(part, self._body(manifest.kind, part.name))

    def _body(self, kind: BackupKind, name: str) -> bytes:
        try:
            return self._vaults[kind].get(name)
        except NotFound as error:
            raise BackupRefused(f"{name} is missing. Choose another backup.") from error
        except Unopenable as error:
            raise BackupRefused(f"{name} differs from its checksum.") from error
