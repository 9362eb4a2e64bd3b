"""Finds: sessions by the indexes of their heads, which lag and never authorise."""

from collections.abc import Iterator, Sequence
from itertools import product

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.heads import (
    EXPIRY_SHARDS,
    HEAD_SK,
    app_pk,
    expiry_pk,
    ref_of,
    sid_pk,
)
from chalicelib.adapters.dynamodb.layout import (
    BY_APP,
    BY_EXPIRY,
    BY_SID,
    SESSIONS,
    hour_of,
    months_between,
    seconds_sk,
)
from chalicelib.domain.ids import AppId, SessionId, WorkspaceId, is_part
from chalicelib.domain.sessions import SessionRef

_HOUR = 3_600
_PAGE = 100  # entries of an index that are asked for at once
_SHARDS = range(EXPIRY_SHARDS)


def find_by_id(tables: Tables, workspace: WorkspaceId, sid: SessionId) -> SessionRef | None:
    """Find a session of a workspace by its id."""
    if not is_part(workspace) or not is_part(sid):
        return None
    found = tables.query(
        SESSIONS,
        "#sidPK = :pk AND #sidSK = :sk",
        {"pk": sid_pk(workspace, sid), "sk": HEAD_SK},
        index=BY_SID,
        limit=1,
    )
    return next(map(ref_of, found), None)


def find_begun(
    tables: Tables, workspace: WorkspaceId, app: AppId, *, after: str, until: int
) -> Iterator[tuple[str, SessionRef]]:
    """Find the sessions of an application behind a position, in their order."""
    for month in months_between(int(after[:10]), until):
        # '~' sorts behind every id, so what begins with the position is out.
        behind, count = f"{after}~", _PAGE
        while count == _PAGE:
            page = tables.query(
                SESSIONS,
                "#appPK = :pk AND #createdSK > :behind",
                {"pk": app_pk(workspace, app, month), "behind": behind},
                index=BY_APP,
                limit=_PAGE,
                only=("createdSK",),
            )
            count = 0
            for item in page:
                count, behind = count + 1, item["createdSK"]
                yield behind, ref_of(item)


def find_due(tables: Tables, *, now: int, since: int, limit: int) -> Sequence[SessionRef]:
    """Find at most `limit` sessions whose `exp` lies in `since` to `now`."""
    # '~' sorts behind every id, so the last second is in.
    between = {"low": seconds_sk(since, ""), "high": seconds_sk(now, "~")}
    refs: list[SessionRef] = []
    for hour, shard in product(range(since - since % _HOUR, now + 1, _HOUR), _SHARDS):
        if len(refs) == limit:
            break
        found = tables.query(
            SESSIONS,
            "#expPK = :pk AND #expSK BETWEEN :low AND :high",
            {"pk": expiry_pk(hour_of(hour), shard), **between},
            index=BY_EXPIRY,
            limit=limit - len(refs),
        )
        refs += map(ref_of, found)
    return refs
