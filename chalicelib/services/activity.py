"""Activity: takes lines of the access log, and shows operators what they amount to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.activity import AccessRow, LogEvent, Metric, Span
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import ACCESS_ROW_SECONDS
from chalicelib.domain.ports.activity import ActivityStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.workspaces import KEEPERS, Role
from chalicelib.services.access_lines import row_of

ROWS_PER_PAGE = 100
DAYS_AT_ONCE = 93  # each is one query
_READERS = KEEPERS | {Role.AUDITOR}


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one application in one span, which begins at `start` (epoch seconds)."""

    app: AppId | None
    span: Span
    start: int
    amounts: Mapping[Metric, int] = field(default_factory=dict)


class Activity:
    """The one writer and the one reader of rows and counters."""

    def __init__(self, *, clock: Clock, store: ActivityStore) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store

    def take(self, events: Sequence[LogEvent]) -> Mapping[str, int]:
        """Keep and count what a delivery of the log brings, each event once in its life.

        Answers how many were new, were known already, or are no line of ours and were skipped.
        """
        rows = [row for row in map(row_of, events) if row is not None]
        tenants: dict[WorkspaceId, list[AccessRow]] = {}
        for row in rows:
            tenants.setdefault(row.workspace, []).append(row)
        new = sum(self._store.record(workspace, mine) for workspace, mine in tenants.items())
        return {"new": new, "known": len(rows) - new, "skipped": len(events) - len(rows)}

    def rows(
        self, caller: MemberCaller, *, since: int | None, until: int | None, before: str | None
    ) -> tuple[Sequence[AccessRow], str | None]:
        """Answer a page of the requests to the member's own workspace, the newest first.

        From `since` up to, not including, `until` (epoch seconds): the last day, unless it is
        said otherwise. The second answer is where the next page begins.
        """
        workspace = _workspace(caller)
        now = self._clock.now()
        # A line can be a little ahead of this clock.
        end = now + Span.HOUR.seconds if until is None else until
        begin = min(end, now) - Span.DAY.seconds if since is None else since
        if begin >= end:
            raise InvalidInput("The time ends before it begins.", Fault("/to", "not after from"))
        # What is older is not kept, and nothing lies in the future.
        begin, end = max(begin, now - ACCESS_ROW_SECONDS), min(end, now + Span.DAY.seconds)
        if begin >= end:
            return [], None
        return self._store.rows(
            workspace, since=begin * 1_000, until=end * 1_000, before=before, limit=ROWS_PER_PAGE
        )

    def usage(
        self,
        caller: MemberCaller,
        *,
        first: int | None,
        last: int | None,
        span: Span,
        app: AppId | None,
    ) -> Sequence[Counted]:
        """Answer what was counted in the member's own workspace, in the order of time.

        From the day that begins at `first` to the one that begins at `last` (epoch seconds of
        midnight, UTC): the last thirty, unless it is said otherwise; at most 93. Where nothing
        was counted nothing is answered.
        """
        workspace = _workspace(caller)
        end = Span.DAY.start(self._clock.now()) if last is None else last
        begin = end - 29 * Span.DAY.seconds if first is None else first
        days = range(begin, end + 1, Span.DAY.seconds)
        if not 1 <= len(days) <= DAYS_AT_ONCE:
            raise InvalidInput(
                f"Ask for 1 to {DAYS_AT_ONCE} days.",
                Fault("/to", "before from, or too far from it"),
            )
        found: dict[tuple[int, str], dict[Metric, int]] = {}
        for day in days:
            for counter, amount in self._store.counts(workspace, day, app=app).items():
                if counter.span is span:
                    found.setdefault((counter.start, counter.app or ""), {})[counter.metric] = (
                        amount
                    )
        return [
            Counted(AppId(name) if name else None, span, start, amounts)
            for (start, name), amounts in sorted(found.items(), key=lambda each: each[0])
        ]


def _workspace(caller: MemberCaller) -> WorkspaceId:
    said = "Only an owner, an admin or an auditor sees the activity of a workspace."
    caller.acting(_READERS, refusal=said)
    return caller.member.workspace
