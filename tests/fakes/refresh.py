"""Refresh families in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import FamilyId, WorkspaceId, is_part
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Person


class MemoryRefresh:
    """Answers `RefreshStore`; one lock stands for DynamoDB's transactions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.families: dict[tuple[WorkspaceId, FamilyId], RefreshFamily] = {}

    def add(self, family: RefreshFamily) -> None:
        name = _named(family.ref.partition.workspace, family.id)
        with self._lock:
            if name in self.families:
                raise Stale
            self.families[name] = family

    def get(self, workspace: WorkspaceId, family: FamilyId, *, now: int) -> RefreshFamily | None:
        with self._lock:
            found = self.families.get(_named(workspace, family))
        return found if found is not None and now < found.exp else None

    def rotate(self, before: RefreshFamily, after: RefreshFamily) -> None:
        name = _named(before.ref.partition.workspace, before.id)
        with self._lock:
            stands = self.families.get(name)
            if stands is None or stands.is_ended or stands.current != before.current:
                raise Stale
            self.families[name] = after

    def end(self, family: RefreshFamily) -> None:
        name = _named(family.ref.partition.workspace, family.id)
        with self._lock:
            stands = self.families.get(name)
            if stands is not None:
                self.families[name] = replace(stands, is_ended=True, successor=None)

    def of(self, person: Person, *, now: int) -> Sequence[RefreshFamily]:
        with self._lock:
            own = [one for one in self.families.values() if one.ref.partition.person == person]
        return [one for one in own if not one.is_ended and now < one.exp]

    def drop(self, person: Person) -> int:
        """Forget a person; answers how many families of theirs went on."""
        with self._lock:
            gone = {n: f for n, f in self.families.items() if f.ref.partition.person == person}
            for name in gone:
                del self.families[name]
        return sum(not family.is_ended for family in gone.values())


def _named(workspace: WorkspaceId, family: FamilyId) -> tuple[WorkspaceId, FamilyId]:
    if not is_part(workspace) or not is_part(family):
        raise ValueError("not a part of a key")
    return workspace, family
