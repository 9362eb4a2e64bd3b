"""Wire shapes of activity: rows of the access log, and counters."""

from datetime import UTC, datetime
from typing import Self

from pydantic import Field, JsonValue

from chalicelib.api.schemas.session import Wire, shown
from chalicelib.domain.activity import AccessRow, Metric, Span
from chalicelib.services.activity import Counted

_ROW: JsonValue = {
    "id": "01JD7Q2M8YV3R4S5T6W7X8Y9ZA",
    "at": 1_795_000_000_123,
    "method": "GET",
    "route": "/api/v1/sessions/get/{key}",
    "status": 404,
    "code": "key_not_found",
    "durationMs": 4.2,
    "bytesIn": 0,
    "bytesOut": 240,
    "caller": "session",
    "userId": 4_503_599_627_370_496,
    "appId": "notes",
    "sessionId": "01JD7Q2M8YV3R4S5T6W7X8Y9ZA",
    "ip": "192.0.2.7",
    "agent": "curl/8.11.0",
    "requestId": "01995d2e-6b1c-7c4e-9a52-1f0c7c1d2e3f",
}
_USAGE: JsonValue = {
    "day": "2026-11-22",
    "hour": None,
    "appId": "notes",
    "requests": 120,
    "reads": 90,
    "writes": 30,
    "errors4xx": 2,
    "errors5xx": 0,
    "bytesIn": 51_200,
    "bytesOut": 204_800,
    "durationMs": 540.5,
    "activeSessions": 7,
    "activeUsers": 6,
}


class AccessOut(Wire):
    """One request: `at` in epoch milliseconds, `route` without what stood in its variables."""

    id: str
    at: int
    method: str
    route: str
    status: int
    code: str | None
    duration_ms: float = Field(alias="durationMs")
    bytes_in: int = Field(alias="bytesIn")
    bytes_out: int = Field(alias="bytesOut")
    caller: str
    user_id: int | None = Field(alias="userId")
    app_id: str | None = Field(alias="appId")
    session_id: str | None = Field(alias="sessionId")
    ip: str
    agent: str
    request_id: str = Field(alias="requestId")

    @classmethod
    def of(cls, row: AccessRow) -> Self:
        """Answer a row as it goes over the wire."""
        return cls(
            id=row.id,
            at=row.at,
            method=row.method,
            route=row.route,
            status=row.status,
            code=row.code,
            duration_ms=row.micros / 1_000,
            bytes_in=row.bytes_in,
            bytes_out=row.bytes_out,
            caller=row.caller,
            user_id=row.user,
            app_id=row.app,
            session_id=row.sid,
            ip=row.origin.ip,
            agent=row.origin.agent,
            request_id=row.origin.request_id,
        )


class AccessesOut(Wire):
    """A page of requests, the newest first; it can be short with a `nextCursor` all the same."""

    model_config = shown({"items": [_ROW], "nextCursor": None})

    items: list[AccessOut]
    next_cursor: str | None = Field(alias="nextCursor")


class UsageOut(Wire):
    """What one application was used for in a day (`yyyy-mm-dd`, UTC), or in one of its hours.

    Requests that belong to no application have no `appId`. Sessions and users are counted once
    a day for each application, so they are `null` for an hour and not to be added up.
    """

    day: str
    hour: int | None
    app_id: str | None = Field(alias="appId")
    requests: int
    reads: int
    writes: int
    errors_4xx: int = Field(alias="errors4xx")
    errors_5xx: int = Field(alias="errors5xx")
    bytes_in: int = Field(alias="bytesIn")
    bytes_out: int = Field(alias="bytesOut")
    duration_ms: float = Field(alias="durationMs")
    active_sessions: int | None = Field(alias="activeSessions")
    active_users: int | None = Field(alias="activeUsers")

    @classmethod
    def of(cls, usage: Counted) -> Self:
        """Answer counters as they go over the wire; what never happened is nought."""
        start = datetime.fromtimestamp(usage.start, UTC)
        is_day = usage.span is Span.DAY

        def amount(metric: Metric) -> int:
            return usage.amounts.get(metric, 0)

        return cls(
            day=start.date().isoformat(),
            hour=None if is_day else start.hour,
            app_id=usage.app,
            requests=amount(Metric.REQUESTS),
            reads=amount(Metric.READS),
            writes=amount(Metric.WRITES),
            errors_4xx=amount(Metric.ERRORS_4XX),
            errors_5xx=amount(Metric.ERRORS_5XX),
            bytes_in=amount(Metric.BYTES_IN),
            bytes_out=amount(Metric.BYTES_OUT),
            duration_ms=amount(Metric.MICROSECONDS) / 1_000,
            active_sessions=amount(Metric.ACTIVE_SESSIONS) if is_day else None,
            active_users=amount(Metric.ACTIVE_USERS) if is_day else None,
        )


class UsagesOut(Wire):
    """Counters in the order of time; `nextCursor` is always null, the range is bounded."""

    model_config = shown({"items": [_USAGE], "nextCursor": None})

    items: list[UsageOut]
    next_cursor: str | None = Field(alias="nextCursor", default=None)
