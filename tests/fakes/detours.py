"""Detours in memory."""

from threading import Lock

from chalicelib.domain.detours import Detour, DetourKind
from chalicelib.domain.ids import WorkspaceId, is_part

_Named = tuple[WorkspaceId, str]


class MemoryDetours:
    """Answers `DetourStore`; one lock stands for DynamoDB's single-item atomicity."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._detours: dict[_Named, Detour] = {}

    def open(self, detour: Detour) -> None:
        with self._lock:
            self._detours[_named(detour.workspace, detour.digest)] = detour

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: DetourKind, now: int
    ) -> Detour | None:
        with self._lock:
            found = self._detours.get(_named(workspace, digest))
        return found if found is not None and found.kind is kind and now < found.exp else None

    def close(self, detour: Detour) -> bool:
        name = _named(detour.workspace, detour.digest)
        with self._lock:
            there = self._detours.get(name)
            if there is None or there.kind is not detour.kind:
                return False
            del self._detours[name]
            return True


def _named(workspace: WorkspaceId, digest: str) -> _Named:
    if not is_part(workspace) or not is_part(digest):
        raise ValueError("not a part of a key")
    return workspace, digest
