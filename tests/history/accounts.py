"""What has to add up when everybody has gone: records, counters and what they count."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from chalicelib.adapters.dynamodb.attributes import Item, Raw, read
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import AUDIT, DIRECTORY, PAYLOADS, SESSIONS, Table
from chalicelib.domain.sessions import SessionStatus

_ENDS = frozenset({"session.revoked", "session.expired"})


def discrepancies(tables: Tables) -> list[str]:
    """Answer what does not add up: a version without its one record, a count that is wrong."""
    versions: dict[str, Counter[int]] = defaultdict(Counter)
    ends: Counter[str] = Counter()
    for event in _all(tables, AUDIT):
        if event["action"].startswith("payload."):
            versions[event["sid"]][event["meta"]["version"]] += 1
        ends[event.get("sid", "")] += event["action"] in _ENDS
    found = [
        f"session {sid}: the records of its writes name {dict(counts)}"
        for sid, counts in versions.items()
        if counts != Counter(range(2, len(counts) + 2))
    ]
    newest = {_sid(item): item["ver"] for item in _all(tables, PAYLOADS) if _is(item, "P#")}
    live: Counter[str] = Counter()
    for head in _all(tables, SESSIONS):
        if _is(head, "S#"):
            sid = _sid(head)
            live[head["PK"].split("#")[1]] += head["status"] == SessionStatus.LIVE
            recorded = max(versions[sid], default=1)
            found += _of_session(head, newest.get(sid), ends=ends[sid], recorded=recorded)
    counted: Counter[str] = Counter()
    for item in _all(tables, DIRECTORY):
        if item["SK"] == "COUNT" and "#Q#sessions#" in item["PK"]:
            counted[item["PK"].split("#")[1]] += item["count"]
    # A counter of nothing and no counter are one and the same.
    if +counted != +live:
        found.append(f"sessions: counted {dict(counted)}, there are {dict(live)}")
    return found


def _of_session(head: Item, version: int | None, *, ends: int, recorded: int) -> list[str]:
    about, is_live = f"session {_sid(head)}", head["status"] == SessionStatus.LIVE
    found = []
    if ends != (not is_live):
        found.append(f"{about}: {head['status']}, with {ends} records of an end")
    if is_live and (version or 1) != recorded:
        found.append(f"{about}: at version {version}, of which {recorded} was recorded last")
    if not is_live and version is not None:
        found.append(f"{about}: ended, and its payload is there")
    return found


def _all(tables: Tables, table: Table) -> Iterator[Item]:
    asked: Raw = {"TableName": tables.name(table), "ConsistentRead": True}
    while True:
        page = tables.call("Scan", asked)
        yield from map(read, page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _is(item: Item, kind: str) -> bool:
    return bool(item["SK"].startswith(kind))


def _sid(item: Item) -> str:
    return str(item["SK"].split("#")[2])
