"""The door for operators who look at how a workspace is used."""

from datetime import UTC, date, datetime

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, endpoint
from chalicelib.api.paging import CURSOR, after_of, cursor_of
from chalicelib.api.request import Incoming
from chalicelib.api.schemas.activity import AccessesOut, AccessOut, UsageOut, UsagesOut
from chalicelib.domain.activity import Span
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import app_id_of, millis_of

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS
_SECONDS = {"type": "integer", "minimum": 0, "maximum": 99_999_999_999}
_DAY = {"type": "string", "format": "date"}
_FROM = Parameter(
    "query", "from", "From when on, epoch seconds; else a day before the end.", _SECONDS
)
_TO = Parameter("query", "to", "Up to, not including, epoch seconds; else until now.", _SECONDS)
_FIRST = Parameter("query", "from", "The first day, UTC; else 29 days before the last.", _DAY)
_LAST = Parameter("query", "to", "The last day, UTC, at most 93 days in all; else today.", _DAY)
_BY = Parameter(
    "query", "by", "What is counted together.", {"type": "string", "enum": ["day", "hour"]}
)
_APP = Parameter("query", "app_id", "One application alone.")
_LONGEST_NUMBER = 11  # digits; epoch seconds of the next three thousand years


@routes.route("/api/v1/audit/api-access", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE, reads=(_FROM, _TO, CURSOR))
def list_accesses(call: Call[MemberCaller]) -> AccessesOut:
    """Answer the requests to the member's workspace, the newest first, by pages."""
    found, last = call.services.activity.rows(
        call.caller,
        since=_seconds(call.request, "from"),
        until=_seconds(call.request, "to"),
        before=after_of(call.request, _ulid),
    )
    return AccessesOut(items=[AccessOut.of(row) for row in found], next_cursor=cursor_of(last))


@routes.route(
    "/api/v1/sessions/admin/analytics/usage", methods=["GET"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.member, _PLANE, reads=(_FIRST, _LAST, _BY, _APP))
def get_usage(call: Call[MemberCaller]) -> UsagesOut:
    """Answer what the member's workspace was used for, by application and day or hour."""
    app = call.request.query.get("app_id")
    found = call.services.activity.usage(
        call.caller,
        first=_day(call.request, "from"),
        last=_day(call.request, "to"),
        span=_span(call.request),
        app=None if app is None else app_id_of(app),
    )
    return UsagesOut(items=[UsageOut.of(usage) for usage in found])


def _seconds(request: Incoming, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        raise InvalidInput("A time is epoch seconds.", Fault(f"/{name}", "not epoch seconds"))
    return int(text)


def _day(request: Incoming, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # The library also reads weeks and days without hyphens.
    if day is None or day.isoformat() != text:
        raise InvalidInput("A day is yyyy-mm-dd.", Fault(f"/{name}", "not a day"))
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _span(request: Incoming) -> Span:
    try:
        return Span(request.query.get("by", Span.DAY))
    except ValueError:
        raise InvalidInput("by is day or hour.", Fault("/by", "not day or hour")) from None


def _ulid(text: str) -> str:
    try:
        millis_of(text)
    except ValueError:
        raise InvalidInput("not a ULID") from None
    return text
