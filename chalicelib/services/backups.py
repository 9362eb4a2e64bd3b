"""Backups: tables copied to a vault as they are, sealed, part by part in constant memory."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.backups import (
    DEPLOYMENT,
    BackupKind,
    Manifest,
    Part,
    folder_of,
    lots,
    packed,
    part_name,
    written,
)
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.ports.records import AuditStore, BackupVault, TableDump
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.audit import Trail


class Backups:
    """Makes backups of data, and of keys, each in its own vault."""

    def __init__(
        self,
        *,
        stage: str,
        clock: Clock,
        dump: TableDump,
        vaults: Mapping[BackupKind, BackupVault],
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports, and the name of the stage for the manifest."""
        self._stage = stage
        self._clock = clock
        self._dump = dump
        self._vaults = vaults
        self._audit = audit
        self._trail = trail

    def export(self, kind: BackupKind) -> Manifest:
        """Write every part, then the manifest, then the audit event."""
        made_at = self._clock.now()
        folder = folder_of(kind, made_at=made_at, ulid=new_ulid(self._clock.millis()))
        manifest = Manifest(
            kind=kind,
            id=folder,
            stage=self._stage,
            made_at=made_at,
            parts=[part for table in kind.tables for part in self._copied(kind, folder, table)],
        )
        name, body = written(manifest)
        self._vaults[kind].put(name, body)
        self._audit.append(
            self._trail.event(
                AuditAction.BACKUP_MADE,
                workspace=DEPLOYMENT,
                actor=SYSTEM,
                origin=Origin(),
                meta=_summary(manifest.parts) | {"backup": manifest.id},
            )
        )
        return manifest

    def _copied(self, kind: BackupKind, folder: str, table: str) -> Iterator[Part]:
        for number, lines in enumerate(lots(self._dump.pages(table))):
            body = packed(lines)
            part = Part(
                name=part_name(folder, table=table, number=number),
                table=table,
                items=len(lines),
                size=len(body),
                sha256=hashlib.sha256(body).hexdigest(),
            )
            self._vaults[kind].put(part.name, body)
            yield part


def _summary(parts: Sequence[Part]) -> dict[str, str | int]:
    return {
        "parts": len(parts),
        "items": sum(part.items for part in parts),
        "bytes": sum(part.size for part in parts),
    }
