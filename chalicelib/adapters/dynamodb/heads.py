"""The item of a session's head: its attributes, and the keys by which indexes find it."""

from chalicelib.adapters.dynamodb.attributes import Fields, Item
from chalicelib.adapters.dynamodb.layout import (
    SESSIONS,
    head_key,
    hour_of,
    month_of,
    seconds_sk,
    shard_of,
    workspace_pk,
)
from chalicelib.adapters.dynamodb.sealed import sealed_fields, sealed_of
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put
from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId
from chalicelib.domain.limits import GRACE_SECONDS
from chalicelib.domain.sessions import Head, Partition, SessionRef, SessionStatus

EXPIRY_SHARDS = 8
HEAD_SK = "HEAD"  # in `by_sid`
WORKSPACE_SHARDS = 4
# What a list of heads brings; what is sealed in them may be as large as a payload.
LISTED = (
    *("status", "exp", "rev", "dead", "createdAt", "updatedAt", "lastSeenAt"),
    *("quotaShard", "size", "keys", "endedAt", "endedBy"),
)


def head_put(head: Head) -> Put:
    """Answer the write of a new head."""
    ref, key, month = head.ref, head_key(head.ref), month_of(head.created_at)
    return Put(
        table=SESSIONS,
        item={
            "PK": key.pk,
            "SK": key.sk,
            "status": head.status,
            "exp": head.exp,
            "rev": head.rev,
            "dead": head.dead,
            "createdAt": head.created_at,
            "updatedAt": head.updated_at,
            "lastSeenAt": head.last_seen_at,
            "quotaShard": head.quota_shard,
            "size": head.size,
            "keys": head.keys,
            "who": None if head.who is None else sealed_fields(head.who),
            "seed": None if head.seed is None else sealed_fields(head.seed),
            "endedAt": head.ended_at,
            "endedBy": head.ended_by,
            "wsPK": by_workspace_pk(
                ref.partition.workspace, month, shard_of(ref.sid, WORKSPACE_SHARDS)
            ),
            "createdSK": seconds_sk(head.created_at, ref.sid),
            "appPK": app_pk(ref.partition.workspace, ref.partition.app, month),
            "sidPK": sid_pk(ref.partition.workspace, ref.sid),
            "sidSK": HEAD_SK,
            **expiry_fields(head),
        },
        condition=ABSENT,
    )


def head_of(ref: SessionRef, item: Item) -> Head:
    """Answer the head that an item holds."""
    who, seed = item.get("who"), item.get("seed")
    return Head(
        ref=ref,
        status=SessionStatus(item["status"]),
        exp=item["exp"],
        rev=item["rev"],
        created_at=item["createdAt"],
        updated_at=item["updatedAt"],
        last_seen_at=item["lastSeenAt"],
        quota_shard=item["quotaShard"],
        size=item["size"],
        keys=item["keys"],
        dead=item["dead"],
        who=None if who is None else sealed_of(who),
        seed=None if seed is None else sealed_of(seed),
        ended_at=item.get("endedAt"),
        ended_by=item.get("endedBy"),
    )


def ref_of(item: Item) -> SessionRef:
    """Answer whose session an item's own keys name."""
    _, workspace, _, user = item["PK"].split("#")
    _, app, sid = item["SK"].split("#")
    return SessionRef(
        Partition(WorkspaceId(workspace), AppId(app), UserId(int(user))), SessionId(sid)
    )


def ttl_of(exp: int) -> int | None:
    """Answer when DynamoDB may sweep the rows of a session; `None` for one that is kept."""
    return exp + GRACE_SECONDS if exp else None


def app_pk(workspace: WorkspaceId, app: AppId, month: str) -> str:
    """Answer the partition of `by_app` for one application and month (`yyyymm`)."""
    return f"{workspace_pk(workspace)}#A#{app}#{month}"


def sid_pk(workspace: WorkspaceId, sid: SessionId) -> str:
    """Answer the partition of `by_sid` for one session."""
    return f"{workspace_pk(workspace)}#S#{sid}"


def expiry_pk(hour: str, shard: int) -> str:
    """Answer the partition of `by_expiry` for one hour (`yyyymmddhh`) and shard."""
    return f"X#{hour}#{shard}"


def by_workspace_pk(workspace: WorkspaceId, month: str, shard: int) -> str:
    """Answer the partition of `by_workspace` for one month (`yyyymm`) and shard."""
    return f"{workspace_pk(workspace)}#{month}#{shard}"


def expiry_fields(head: Head) -> Fields:
    """Answer what makes a head found when its time has come; nothing finds one that is kept."""
    if not head.exp:
        return {"ttl": None, "expPK": None, "expSK": None}
    return {
        "ttl": ttl_of(head.exp),
        "expPK": expiry_pk(hour_of(head.exp), shard_of(head.ref.sid, EXPIRY_SHARDS)),
        "expSK": seconds_sk(head.exp, head.ref.sid),
    }
