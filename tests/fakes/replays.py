"""What was shown already, in memory."""

from threading import Lock

from chalicelib.domain.ids import WorkspaceId, is_part


class MemoryReplays:
    """Answers `ReplayStore`; one lock stands for DynamoDB's single-item atomicity."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shown: dict[tuple[WorkspaceId, str], int] = {}

    def claim(self, workspace: WorkspaceId, digest: str, *, exp: int, now: int) -> bool:
        if not is_part(workspace) or not is_part(digest):
            raise ValueError("not a part of a key")
        with self._lock:
            if now < self._shown.get((workspace, digest), 0):
                return False
            self._shown[workspace, digest] = exp
            return True
