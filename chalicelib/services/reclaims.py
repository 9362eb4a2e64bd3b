"""Reclaims: objects that recovered rows point to, brought back before their store forgets them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from chalicelib.domain.audit import SYSTEM, AuditAction, Origin
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import Stale
from chalicelib.domain.objects import SealedObject, StoredObject
from chalicelib.domain.ports.objects import ObjectStore
from chalicelib.domain.ports.records import AuditStore, Item, TableDump
from chalicelib.domain.ports.sessions import PayloadStore
from chalicelib.domain.sessions import SessionRef
from chalicelib.services.audit import Trail

_PAYLOADS = "payloads"


@dataclass(slots=True)
class Tally:
    """What was looked at, what was or would be mended, and which sessions lost their payload."""

    rows: int = 0
    objects: int = 0
    deleted: int = 0
    moved: int = 0
    lost: list[SessionRef] = field(default_factory=list)


class _Standing(Enum):
    FIRM = auto()  # the row's version is the current one
    DELETED = auto()  # it is under a deletion, and goes for good some weeks after that
    MOVED = auto()  # another version of the same bytes is current, and this one goes too
    LOST = auto()


class Reclaims:
    """Walks the rows of payloads after a point-in-time recovery.

    The key of an object is in its context, so the sealed bytes open under no other key. A key is
    written once; to take its deletion back makes current the very version that the row names,
    with nothing copied and no row changed.
    """

    def __init__(
        self,
        *,
        dump: TableDump,
        objects: ObjectStore,
        payloads: PayloadStore,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._dump = dump
        self._objects = objects
        self._payloads = payloads
        self._audit = audit
        self._trail = trail

    def run(self, *, mends: bool, report: Callable[[Tally], None]) -> Tally:
        """Look at every row, and mend what needs it; may be repeated, and run beside writers.

        Whoever stops it in between has mended a part, and the next run finds the rest.
        """
        tally = Tally()
        # A bucket that is not there looks as empty as one whose objects are gone, unless it is
        # listed: raises `StoreUnavailable`.
        next(iter(self._objects.pages(after="")), None)
        for page in self._dump.pages(_PAYLOADS):
            self._look(page, tally, mends=mends)
            report(tally)
        return tally

    def _look(self, page: Sequence[Item], tally: Tally, *, mends: bool) -> None:
        pointing = [found for found in map(self._dump.object_of, page) if found is not None]
        standings = [(ref, sealed, self._standing(ref, sealed)) for ref, sealed in pointing]
        loose = [each for each in standings if each[2] in {_Standing.DELETED, _Standing.MOVED}]
        if loose and mends:
            self._record(len(loose))
            for ref, sealed, standing in loose:
                self._mend(ref, sealed, standing)
            # Asked again: the time of one may have been over before it was brought back.
            tally.lost += [
                ref
                for ref, sealed, _ in loose
                if self._standing(ref, sealed) in {_Standing.DELETED, _Standing.LOST}
            ]
        tally.rows += len(page)
        tally.objects += len(pointing)
        tally.deleted += sum(standing is _Standing.DELETED for _, _, standing in loose)
        tally.moved += sum(standing is _Standing.MOVED for _, _, standing in loose)
        tally.lost += [ref for ref, _, standing in standings if standing is _Standing.LOST]

    def _standing(self, ref: SessionRef, sealed: SealedObject) -> _Standing:
        there = self._objects.describe(sealed.key)
        standing = _Standing.LOST
        if _is_same(there, ref, sealed):
            is_named = there is not None and there.object_version == sealed.object_version
            standing = _Standing.FIRM if is_named else _Standing.MOVED
        elif _is_same(self._objects.describe(sealed.key, sealed.object_version), ref, sealed):
            standing = _Standing.DELETED
        if standing is not _Standing.FIRM and self._payloads.object_of(ref) != sealed.key:
            return _Standing.FIRM  # its writer has replaced it since the row was read
        return standing

    def _mend(self, ref: SessionRef, sealed: SealedObject, standing: _Standing) -> None:
        if standing is _Standing.DELETED:
            # Where a writer deletes it at this very moment, the sweep of orphans does so again.
            self._objects.uncover(sealed.key)
        elif (there := self._objects.describe(sealed.key)) is not None:
            with suppress(Stale):  # whoever wrote meanwhile points to what is there
                self._payloads.repoint(ref, sealed, there.object_version)

    def _record(self, number: int) -> None:
        # Before the change, as both cannot be one transaction: without a record nothing changes.
        self._audit.append(
            self._trail.event(
                AuditAction.RESTORE_DONE,
                workspace=DEPLOYMENT,
                actor=SYSTEM,
                origin=Origin(),
                meta={"objects": number},
            )
        )


def _is_same(there: StoredObject | None, ref: SessionRef, sealed: SealedObject) -> bool:
    return there is not None and (there.ref, there.length, there.sha256) == (
        ref,
        sealed.length,
        sealed.sha256,
    )
