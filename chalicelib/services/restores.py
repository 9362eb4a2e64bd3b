"""Restores: a checked backup written into an empty deployment."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.backups import (
    DEPLOYMENT,
    BackupKind,
    BackupRefused,
    Item,
    Manifest,
    Part,
    is_manifest,
    read,
    unpacked,
)
from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable, Unopenable
from chalicelib.domain.ports.records import AuditStore, BackupVault, TableDump
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.audit import Trail

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
        vaults: Mapping[BackupKind, BackupVault],
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._dump = dump
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
        """Write every item as it was, and record that it happened.

        What is already there and the same is left alone, so a restore that was interrupted can
        be run again; what is there and differs raises `BackupRefused`.
        """
        for number, part in enumerate(manifest.parts, start=1):
            try:
                self._patiently(part.table, self._items(manifest, part))
            except Duplicate as error:
                raise BackupRefused(
                    f"The table {part.table} holds an item that differs from the one in "
                    f"{part.name}. It was not changed. Restore into an empty deployment."
                ) from error
            report(f"restored {number} of {len(manifest.parts)}: {part.name}, {part.items} items")
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

    def _patiently(self, table: str, items: Sequence[Item]) -> None:
        for pause in _PAUSES:
            try:
                return self._dump.load(table, items)
            except StoreUnavailable:
                self._clock.pause(pause)
        return self._dump.load(table, items)

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
