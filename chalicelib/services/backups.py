"""Backups: tables copied to a vault as they are, sealed, part by part in constant memory."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.backups import (
    DEPLOYMENT,
    OBJECTS,
    BackupKind,
    Item,
    Manifest,
    Part,
    folder_of,
    lots,
    packed,
    part_name,
    written,
)
from chalicelib.domain.errors import NotFound, Unopenable
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.object_copies import ObjectCopy
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.ports.records import AuditStore, BackupVault, TableDump
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import SessionRef
from chalicelib.services.audit import Trail


class Backups:
    """Makes backups of data, and of keys, each in its own vault."""

    def __init__(
        self,
        *,
        stage: str,
        clock: Clock,
        dump: TableDump,
        objects: ObjectStore,
        vaults: Mapping[BackupKind, BackupVault],
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports, and the name of the stage for the manifest."""
        self._stage = stage
        self._clock = clock
        self._dump = dump
        self._objects = objects
        self._vaults = vaults
        self._audit = audit
        self._trail = trail

    def export(self, kind: BackupKind) -> Manifest:
        """Write every part, then the manifest, then the audit event."""
        made_at = self._clock.now()
        folder = folder_of(kind, made_at=made_at, ulid=new_ulid(self._clock.millis()))
        copying = _Copying(self._dump, self._objects, self._vaults[kind], folder)
        parts = [part for table in kind.tables for part in copying.table(table)]
        manifest = Manifest(
            kind=kind,
            id=folder,
            stage=self._stage,
            made_at=made_at,
            parts=parts,
            missing=copying.missing,
        )
        name, body = written(manifest)
        self._vaults[kind].put(name, body)
        self._audit.append(
            self._trail.event(
                AuditAction.BACKUP_MADE,
                workspace=DEPLOYMENT,
                actor=SYSTEM,
                origin=Origin(),
                meta=_summary(manifest),
            )
        )
        return manifest


class _Copying:
    """One backup in the making: what was seen of objects, and how many parts there are of each."""

    def __init__(
        self, dump: TableDump, objects: ObjectStore, vault: BackupVault, folder: str
    ) -> None:
        self._dump = dump
        self._objects = objects
        self._vault = vault
        self._folder = folder
        self._pointed: list[tuple[SessionRef, SealedObject]] = []
        self._numbers: Counter[str] = Counter()
        self.missing = 0

    def table(self, table: str) -> Iterator[Part]:
        """Copy a table, and before each part the objects to which its rows point."""
        for lines in lots(self._pages(table)):
            for copies in lots(self._copies()):
                yield self._written(OBJECTS, copies)
            yield self._written(table, lines)

    def _pages(self, table: str) -> Iterator[Sequence[Item]]:
        for page in self._dump.pages(table):
            self._pointed += filter(None, map(self._dump.object_of, page))
            yield page

    def _copies(self) -> Iterator[Sequence[Item]]:
        # By its version an object can be read even when its payload was replaced meanwhile.
        while self._pointed:
            ref, sealed = self._pointed.pop(0)
            try:
                yield [ObjectCopy(ref, sealed.key, self._objects.get(ref, sealed)).item()]
            except (NotFound, Unopenable):
                # Everything else is worth a backup all the same; the manifest tells.
                self.missing += 1

    def _written(self, table: str, lines: Sequence[bytes]) -> Part:
        body = packed(lines)
        part = Part(
            name=part_name(self._folder, table=table, number=self._numbers[table]),
            table=table,
            items=len(lines),
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
        )
        self._numbers[table] += 1
        self._vault.put(part.name, body)
        return part


def _summary(manifest: Manifest) -> dict[str, str | int]:
    return {
        "backup": manifest.id,
        "parts": len(manifest.parts),
        "items": sum(part.items for part in manifest.parts),
        "bytes": sum(part.size for part in manifest.parts),
        "missing": manifest.missing,
    }
