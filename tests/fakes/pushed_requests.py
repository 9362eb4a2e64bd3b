"""Pushed requests in memory."""

from threading import Lock

from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.pushed_requests import PushedRequest


class MemoryPushedRequests:
    """Answers `PushedRequestStore`; one lock stands for DynamoDB's single-item atomicity."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.pushed: dict[tuple[WorkspaceId, str], PushedRequest] = {}

    def add(self, pushed: PushedRequest) -> None:
        with self._lock:
            self.pushed[_named(pushed.workspace, pushed.digest)] = pushed

    def take(self, workspace: WorkspaceId, digest: str, *, now: int) -> PushedRequest | None:
        name = _named(workspace, digest)
        with self._lock:
            found = self.pushed.get(name)
            if found is None or now >= found.exp:
                return None
            return self.pushed.pop(name)


def _named(workspace: WorkspaceId, digest: str) -> tuple[WorkspaceId, str]:
    if not is_part(workspace) or not is_part(digest):
        raise ValueError("not a part of a key")
    return workspace, digest
