"""Items of activity: rows of the access log, counters, and what has been seen already."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.claims import part
from chalicelib.adapters.dynamodb.layout import (
    ACTIVITY,
    Key,
    hour_of,
    shard_of,
    workspace_pk,
)
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put, Update
from chalicelib.domain.activity import AccessRow, Counter, Metric, Sight, Span
from chalicelib.domain.audit import Origin, day_of
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import ACCESS_ROW_SECONDS, COUNTER_SECONDS, SEEN_SECONDS

SHARDS = 4
_NO_APP = "-"  # an id of an application begins with a letter
_WHOLE_DAY = "ALL"


def hour_pks(workspace: WorkspaceId, hour: int) -> list[str]:
    """Answer the partitions of the rows of an hour; raises `ValueError`."""
    return [
        f"{workspace_pk(WorkspaceId(part(workspace)))}#{hour_of(hour)}#{n}" for n in range(SHARDS)
    ]


def row_put(row: AccessRow) -> Put:
    """Answer the write of a row; raises `ValueError`."""
    seconds = row.at // 1_000
    pk = hour_pks(row.workspace, seconds)[shard_of(row.id, SHARDS)]
    fields: Fields = {
        "PK": pk,
        "SK": row.id,
        "ttl": seconds + ACCESS_ROW_SECONDS,
        "event": row.event,
        "at": row.at,
        "wid": row.workspace,
        "caller": row.caller,
        "plane": row.plane,
        "method": row.method,
        "route": row.route,
        "status": row.status,
        "code": row.code,
        "micros": row.micros,
        "bytesIn": row.bytes_in,
        "bytesOut": row.bytes_out,
        "ip": row.origin.ip,
        "agent": row.origin.agent,
        "requestId": row.origin.request_id,
        "aid": row.app,
        "sid": row.sid,
        "uid": row.user,
    }
    return Put(table=ACTIVITY, item=fields)


def row_of(item: Item) -> AccessRow:
    """Answer the row that an item holds."""
    return AccessRow(
        id=item["SK"],
        event=item["event"],
        at=item["at"],
        workspace=item["wid"],
        caller=item["caller"],
        plane=item["plane"],
        method=item["method"],
        route=item["route"],
        status=item["status"],
        code=item.get("code"),
        micros=item["micros"],
        bytes_in=item["bytesIn"],
        bytes_out=item["bytesOut"],
        origin=Origin(ip=item["ip"], agent=item["agent"], request_id=item["requestId"]),
        app=item.get("aid"),
        sid=item.get("sid"),
        user=item.get("uid"),
    )


def seen_key(event: str) -> Key:
    """Answer where it is written that an event of the log was taken; raises `ValueError`."""
    return Key(ACTIVITY, f"SEEN#{part(event)}", "ROW")


def sight_key(workspace: WorkspaceId, sight: Sight) -> Key:
    """Answer where it is written that something was counted on a day; raises `ValueError`."""
    counter = sight.counter
    place = f"{part(workspace)}#{day_of(counter.start)}#{counter_prefix(counter.app)}"
    return Key(ACTIVITY, f"SEEN#{place}{counter.metric}#{part(sight.of)}", "ROW")


def once(key: Key, *, at: int) -> Put:
    """Answer the write that is refused when it was done before; `at` is epoch seconds."""
    item: Fields = {"PK": key.pk, "SK": key.sk, "ttl": at + SEEN_SECONDS}
    return Put(table=ACTIVITY, item=item, condition=ABSENT)


def counters_pk(workspace: WorkspaceId, day: int) -> str:
    """Answer the partition of a day's counters; raises `ValueError`."""
    return f"{workspace_pk(WorkspaceId(part(workspace)))}#N#{day_of(day)}"


def counter_prefix(app: AppId | None) -> str:
    """Answer how the sort keys of an application's counters begin; raises `ValueError`."""
    return f"{_NO_APP if app is None else part(app)}#"


def counter_add(workspace: WorkspaceId, counter: Counter, amount: int) -> Update:
    """Answer the write that adds to a counter, and makes it if it is not there."""
    hour = _WHOLE_DAY if counter.span is Span.DAY else hour_of(counter.start)[-2:]
    return Update(
        key=Key(
            ACTIVITY,
            counters_pk(workspace, counter.start),
            f"{counter_prefix(counter.app)}{counter.metric}#{hour}",
        ),
        change="SET #ttl = :ttl ADD #count :amount",
        values={"ttl": counter.start + COUNTER_SECONDS, "amount": amount},
    )


def counter_of(item: Item, day: int) -> tuple[Counter, int]:
    """Answer the counter that an item of a day holds, and where it stands."""
    app, metric, hour = item["SK"].split("#")
    is_day = hour == _WHOLE_DAY
    counter = Counter(
        app=None if app == _NO_APP else AppId(app),
        metric=Metric(metric),
        span=Span.DAY if is_day else Span.HOUR,
        start=day if is_day else day + int(hour) * Span.HOUR.seconds,
    )
    return counter, item["count"]
