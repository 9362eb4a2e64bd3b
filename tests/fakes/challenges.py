"""Challenges in memory."""

from dataclasses import replace
from threading import Lock

from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.limits import CHALLENGE_TRIES

_Named = tuple[WorkspaceId, str]


class MemoryChallenges:
    """Answers `ChallengeStore`; one lock stands for DynamoDB's single-item atomicity."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._challenges: dict[_Named, Challenge] = {}

    def open(self, challenge: Challenge) -> None:
        with self._lock:
            self._challenges[_named(challenge.workspace, challenge.digest)] = challenge

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        with self._lock:
            return self._live(_named(workspace, digest), kind, now)

    def count_try(
        self, workspace: WorkspaceId, digest: str, *, kind: ChallengeKind, now: int
    ) -> Challenge | None:
        name = _named(workspace, digest)
        with self._lock:
            found = self._live(name, kind, now)
            if found is None or found.tries >= CHALLENGE_TRIES:
                return None
            self._challenges[name] = replace(found, tries=found.tries + 1)
            return self._challenges[name]

    def close(self, challenge: Challenge) -> bool:
        name = _named(challenge.workspace, challenge.digest)
        with self._lock:
            there = self._challenges.get(name)
            if there is None or there.kind is not challenge.kind:
                return False
            del self._challenges[name]
            return True

    def _live(self, name: _Named, kind: ChallengeKind, now: int) -> Challenge | None:
        found = self._challenges.get(name)
        return found if found is not None and found.kind is kind and now < found.exp else None


def _named(workspace: WorkspaceId, digest: str) -> _Named:
    if not is_part(workspace) or not is_part(digest):
        raise ValueError("not a part of a key")
    return workspace, digest
