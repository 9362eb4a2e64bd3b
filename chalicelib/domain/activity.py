"""Activity: what the access log says of each request, and what is counted of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.audit import Origin
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId

_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_READING = frozenset({"GET", "HEAD"})
_OF_PEOPLE = frozenset({"session", "identity"})


class Metric(StrEnum):
    """Everything that is counted; stored names never change."""

    ACTIVE_SESSIONS = "active_sessions"
    ACTIVE_USERS = "active_users"
    BYTES_IN = "bytes_in"
    BYTES_OUT = "bytes_out"
    ERRORS_4XX = "errors_4xx"
    ERRORS_5XX = "errors_5xx"
    MICROSECONDS = "microseconds"
    READS = "reads"
    REQUESTS = "requests"
    WRITES = "writes"


class Span(StrEnum):
    """For how long a counter counts; both begin on the hour, UTC."""

    DAY = "day"
    HOUR = "hour"

    @property
    def seconds(self) -> int:
        """Answer how long that is."""
        return 86_400 if self is Span.DAY else 3_600

    def start(self, seconds: int) -> int:
        """Answer when the span that holds a moment began."""
        return seconds - seconds % self.seconds


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A line as the log delivers it: its id in the log, epoch milliseconds, the line."""

    id: str
    at: int
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One request; `id` is a ULID made of `event`, the line's id in the log, and of its time.

    `at` is epoch milliseconds, `micros` how long the answer took; `route` is a template.
    """

    id: str
    event: str
    at: int
    workspace: WorkspaceId
    caller: str
    plane: str
    method: str
    route: str
    status: int
    code: str | None
    micros: int
    bytes_in: int
    bytes_out: int
    origin: Origin
    app: AppId | None = None
    sid: SessionId | None = None
    user: UserId | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """One number of one workspace: a metric of an application in a day, or in one of its hours.

    `start` is epoch seconds; requests that belong to no application are counted apart.
    """

    app: AppId | None
    metric: Metric
    span: Span
    start: int


@dataclass(frozen=True, slots=True)
class Sight:
    """A session or a person that is counted by the day, once however often it is seen."""

    counter: Counter
    of: str


def tallies(row: AccessRow) -> Mapping[Counter, int]:
    """Answer what a request adds to which counters: five metrics at most, by day and by hour."""
    seconds = row.at // 1_000
    return {
        Counter(row.app, metric, span, span.start(seconds)): amount
        for metric, amount in _amounts(row)
        for span in Span
        if amount
    }


def sights(row: AccessRow) -> Sequence[Sight]:
    """Answer what a request shows to be in use; an operator at work is no use of a product."""
    if row.app is None or row.caller not in _OF_PEOPLE:
        return ()
    seen = ((Metric.ACTIVE_SESSIONS, row.sid), (Metric.ACTIVE_USERS, row.user))
    start = Span.DAY.start(row.at // 1_000)
    return [
        Sight(Counter(row.app, metric, Span.DAY, start), str(each))
        for metric, each in seen
        if each is not None
    ]


def _amounts(row: AccessRow) -> Iterator[tuple[Metric, int]]:
    yield Metric.REQUESTS, 1
    yield Metric.MICROSECONDS, row.micros
    yield Metric.BYTES_IN, row.bytes_in
    yield Metric.BYTES_OUT, row.bytes_out
    if row.status >= _SERVER_ERROR:
        yield Metric.ERRORS_5XX, 1
    elif row.status >= _CLIENT_ERROR:
        yield Metric.ERRORS_4XX, 1
    elif row.plane == "data":
        yield Metric.READS if row.method in _READING else Metric.WRITES, 1
