"""The port to activity: rows and counters that are made from the access log."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from chalicelib.domain.activity import AccessRow, Counter
from chalicelib.domain.ids import AppId, WorkspaceId


class ActivityStore(Protocol):
    """What the access log amounts to, apart for each workspace."""

    def record(self, workspace: WorkspaceId, rows: Sequence[AccessRow]) -> int:
        """Keep rows of this workspace and count them, each once however often it is given.

        Answers how many were new. It works in steps, each whole or not at all: after a failure
        (`StoreUnavailable`) the same rows are given again, and those of finished steps are known.
        """
        ...

    def rows(
        self,
        workspace: WorkspaceId,
        *,
        since: int,
        until: int,
        before: str | None = None,
        limit: int,
    ) -> tuple[Sequence[AccessRow], str | None]:
        """Answer rows from `since` up to, not including, `until` (epoch ms), the newest first.

        `before` is where the page before this one ended; the second answer is where this one
        does, `None` on the last. A page can be short, or empty, with more to follow.
        """
        ...

    def counts(
        self, workspace: WorkspaceId, day: int, *, app: AppId | None = None
    ) -> Mapping[Counter, int]:
        """Answer every counter of the day that begins then (epoch seconds), or of one `app`."""
        ...
