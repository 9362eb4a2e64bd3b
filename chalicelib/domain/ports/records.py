"""Ports to records: the audit trail, and backups as ciphertext."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import SessionRef

Item = Mapping[str, object]


class AuditStore(Protocol):
    """The append-only trail."""

    def append(self, event: AuditEvent) -> None:
        """Record what has no other change to stand beside; raises `AuditUnavailable`."""
        ...

    def append_hourly(self, event: AuditEvent, kind: str) -> bool:
        """Record the first event of a kind in an hour (UTC) of its workspace, and no other.

        Answers whether this one was the first. Raises `AuditUnavailable`, and `Contended` when
        another was being recorded at that moment.
        """
        ...

    def of_day(self, workspace: WorkspaceId, day: str) -> Sequence[AuditEvent]:
        """Answer the events of one day (`yyyymmdd`, UTC) in the order of their ids."""
        ...


class TableDump(Protocol):
    """Items of the stored tables as they are: sealed, in DynamoDB's own JSON."""

    def pages(self, table: str) -> Iterator[Sequence[Item]]:
        """Read a whole table page by page, in constant memory."""
        ...

    def load(self, table: str, items: Sequence[Item]) -> None:
        """Write items as they were; raises `Duplicate` where another one is already there.

        The same item is left alone, so that an interrupted restore can be repeated.
        """
        ...

    def object_of(self, item: Item) -> tuple[SessionRef, SealedObject] | None:
        """Answer the object that an item points to and whose it is; most point to none."""
        ...

    def pointing(self, item: Item, object_version: str) -> Item:
        """Answer an item that points to its object's version in another store."""
        ...

    def mended(self, items: Sequence[Item], *, at: int) -> Sequence[Item]:
        """Answer items as they are, but live heads without seed or stored payload as ended then.

        A head and its payload are read at different moments: who ended in between has one only.
        """
        ...

    def is_empty(self, table: str) -> bool:
        """Tell whether a table holds nothing."""
        ...


class BackupVault(Protocol):
    """Objects of a backup; written once."""

    def put(self, name: str, body: bytes) -> None:
        """Store an object with its checksum."""
        ...

    def get(self, name: str) -> bytes:
        """Answer an object; raises `NotFound`."""
        ...

    def names(self, prefix: str) -> Sequence[str]:
        """Answer the names that start so, in order."""
        ...
