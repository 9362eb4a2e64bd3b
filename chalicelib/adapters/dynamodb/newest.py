"""The row of a partition: its newest session, and how many of its sessions live."""

from chalicelib.adapters.dynamodb.attributes import Fields
from chalicelib.adapters.dynamodb.layout import SESSIONS, Key, person_pk
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put, Update
from chalicelib.domain.ports.sessions import Latest
from chalicelib.domain.sessions import Partition, SessionRef


def newest_key(partition: Partition) -> Key:
    """Answer where the row of a partition is."""
    return Key(SESSIONS, person_pk(partition.person), f"L#{partition.app}")


def newest_put(ref: SessionRef, *, before: Latest) -> Put:
    """Answer the write that puts one more session before the others."""
    key = newest_key(ref.partition)
    condition, values = stands(before)
    return Put(
        table=SESSIONS,
        item={"PK": key.pk, "SK": key.sk, "sid": ref.sid, "live": (before.live or 0) + 1},
        condition=condition,
        values=values,
    )


def stands(latest: Latest) -> tuple[str, Fields]:
    """Answer the condition that a partition is as it was read."""
    if latest.sid is None:
        return ABSENT, {}
    if latest.live is None:
        return "#sid = :before AND attribute_not_exists(#live)", {"before": latest.sid}
    return "#sid = :before AND #live = :live", {"before": latest.sid, "live": latest.live}


def leave(partition: Partition) -> Update:
    """Answer the write that counts one session less, where somebody has counted."""
    return Update(
        key=newest_key(partition),
        change="ADD #live :one",
        condition="attribute_exists(#live)",
        values={"one": -1},
    )
