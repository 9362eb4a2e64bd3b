"""Activity in DynamoDB: an event of the log is taken once, in one transaction with its counts."""

import secrets
from collections import Counter as Sums
from collections.abc import Iterator, Mapping, Sequence

from chalicelib.adapters.dynamodb.activity_items import (
    counter_add,
    counter_of,
    counter_prefix,
    counters_pk,
    hour_pks,
    once,
    row_of,
    row_put,
    seen_key,
    sight_key,
)
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import ACTIVITY, Key
from chalicelib.adapters.dynamodb.transactions import Write
from chalicelib.domain.activity import AccessRow, Counter, Metric, Sight, Span, sights, tallies
from chalicelib.domain.errors import Contended, Stale, StoreUnavailable
from chalicelib.domain.ids import AppId, WorkspaceId, is_part, millis_of, ulid
from chalicelib.domain.ports.surroundings import Clock

_ACTIONS = 100  # of one transaction
_ATTEMPTS = 12
_PAUSE_MILLIS = 20
_DAYS_PER_PAGE = 31


class DynamoActivity:
    """Answers `ActivityStore`."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        """Take the tables, and the clock for the pause after a collision."""
        self._tables = tables
        self._clock = clock

    def record(self, workspace: WorkspaceId, rows: Sequence[AccessRow]) -> int:
        return sum(self._settle(workspace, step) for step in _steps(rows))

    def rows(
        self,
        workspace: WorkspaceId,
        *,
        since: int,
        until: int,
        before: str | None = None,
        limit: int,
    ) -> tuple[Sequence[AccessRow], str | None]:
        end = min(ulid(until, 0), before or ulid(until, 0))
        if not is_part(workspace) or end <= ulid(since, 0):
            return [], None
        found: list[AccessRow] = []
        day = Span.DAY.start(millis_of(end) // 1_000)
        for _ in range(_DAYS_PER_PAGE):
            for hour in self._hours(workspace, day):
                if ulid(hour * 1_000, 0) < end and (hour + Span.HOUR.seconds) * 1_000 > since:
                    bounds = ulid(since, 0), end
                    found += self._of_hour(workspace, hour, bounds, limit=limit + 1 - len(found))
                if len(found) > limit:
                    return found[:limit], found[limit - 1].id
            if day * 1_000 <= since:
                return found, None
            day -= Span.DAY.seconds
        return found, ulid((day + Span.DAY.seconds) * 1_000, 0)

    def counts(
        self, workspace: WorkspaceId, day: int, *, app: AppId | None = None
    ) -> Mapping[Counter, int]:
        if not is_part(workspace) or (app is not None and not is_part(app)):
            return {}
        condition, values = "#PK = :pk", {"pk": counters_pk(workspace, day)}
        if app is not None:
            condition += " AND begins_with(#SK, :app)"
            values["app"] = counter_prefix(app)
        return dict(
            counter_of(item, day) for item in self._tables.query(ACTIVITY, condition, values)
        )

    def _hours(self, workspace: WorkspaceId, day: int) -> Sequence[int]:
        # Rows and counters change together, so an hour without requests needs no look.
        found = {
            counter.start
            for counter in self.counts(workspace, day)
            if counter.metric is Metric.REQUESTS and counter.span is Span.HOUR
        }
        return sorted(found, reverse=True)

    def _of_hour(
        self, workspace: WorkspaceId, hour: int, bounds: tuple[str, str], *, limit: int
    ) -> Sequence[AccessRow]:
        since, end = bounds
        rows = [
            row_of(item)
            for pk in hour_pks(workspace, hour)
            for item in self._tables.query(
                ACTIVITY,
                "#PK = :pk AND #SK BETWEEN :since AND :end",
                {"pk": pk, "since": since, "end": end},
                # What equals the end belongs to the page before, and BETWEEN includes it.
                limit=limit + 1,
                order="falling",
            )
            if item["SK"] < end
        ]
        return sorted(rows, key=lambda row: row.id, reverse=True)[:limit]

    def _settle(self, workspace: WorkspaceId, step: Sequence[AccessRow]) -> int:
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._clock.pause(secrets.randbelow(_PAUSE_MILLIS << min(attempt, 5)) / 1_000)
            try:
                return self._take(workspace, step)
            except (Stale, Contended):
                continue
        raise StoreUnavailable("Others count at the same time. Give the same rows again.")

    def _take(self, workspace: WorkspaceId, step: Sequence[AccessRow]) -> int:
        seen = {seen_key(row.event): row for row in step}
        # The look spares writes that would be refused; what decides are the conditions.
        there = self._tables.get_all([*seen, *_shown(workspace, step)])
        fresh = [row for key, row in seen.items() if key not in there]
        if fresh:
            shown = _shown(workspace, fresh)
            new = {key: sight for key, sight in shown.items() if key not in there}
            self._tables.transact(list(_writes(workspace, fresh, new)))
        return len(fresh)


def _shown(workspace: WorkspaceId, rows: Sequence[AccessRow]) -> Mapping[Key, Sight]:
    return {sight_key(workspace, sight): sight for row in rows for sight in sights(row)}


def _writes(
    workspace: WorkspaceId, rows: Sequence[AccessRow], shown: Mapping[Key, Sight]
) -> Iterator[Write]:
    sums: Sums[Counter] = Sums()
    for row in rows:
        yield once(seen_key(row.event), at=row.at // 1_000)
        yield row_put(row)
        sums.update(tallies(row))
    for key, sight in shown.items():
        yield once(key, at=sight.counter.start)
        sums[sight.counter] += 1
    for counter, amount in sums.items():
        yield counter_add(workspace, counter, amount)


def _steps(rows: Sequence[AccessRow]) -> Iterator[Sequence[AccessRow]]:
    """Cut rows into what fits into one transaction each, were everything in them new."""
    step: dict[str, AccessRow] = {}
    touched: set[Counter | Sight] = set()
    for row in rows:
        shown = sights(row)
        own: set[Counter | Sight] = {*tallies(row), *shown, *(sight.counter for sight in shown)}
        if 2 * (len(step) + 1) + len(touched | own) > _ACTIONS:
            yield list(step.values())
            step, touched = {}, set()
        step[row.event] = row
        touched |= own
    if step:
        yield list(step.values())
