"""Visitors who are waited for, in DynamoDB: a row beside each one's profile, found by time."""

from collections.abc import Sequence
from heapq import merge
from itertools import islice

from chalicelib.adapters.dynamodb.attributes import Fields
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import (
    BY_TIME,
    DIRECTORY,
    Key,
    person_pk,
    seconds_sk,
    shard_of,
)
from chalicelib.adapters.dynamodb.transactions import Delete, Put, Update
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.sessions import Person
from chalicelib.domain.visitors import Awaited

# Visitors of all workspaces, so that a crowd of new ones does not write to one place.
_SHARDS = 8
_STANDS = "#until = :before"


class DynamoVisitors:
    """Answers `VisitorStore`."""

    def __init__(self, tables: Tables) -> None:
        """Take the tables."""
        self._tables = tables

    def get(self, person: Person) -> Awaited | None:
        found = self._tables.get(awaited_key(person))
        return None if found is None else Awaited(person, found["until"])

    def wait(self, awaited: Awaited) -> None:
        self._tables.put(awaited_put(awaited))

    def due(self, *, now: int, limit: int) -> Sequence[Awaited]:
        shards = [
            self._tables.query(
                DIRECTORY,
                "#timePK = :pk AND #timeSK < :sk",
                {"pk": _time_pk(shard), "sk": seconds_sk(now, "")},
                index=BY_TIME,
                limit=limit,
            )
            for shard in range(_SHARDS)
        ]
        found = islice(merge(*shards, key=lambda item: str(item[BY_TIME.sk])), limit)
        return [_awaited_in(item[BY_TIME.sk]) for item in found]

    def put_off(self, awaited: Awaited, *, until: int) -> Awaited:
        after = Awaited(awaited.person, until)
        fields = _fields(after)
        change = Update(
            key=awaited_key(awaited.person),
            change=f"SET #until = :until, #{BY_TIME.sk} = :{BY_TIME.sk}",
            condition=_STANDS,
            values={
                "until": until,
                BY_TIME.sk: fields[BY_TIME.sk],
                "before": awaited.until,
            },
        )
        self._tables.update(change, answer="ALL_NEW")
        return after

    def forget(self, awaited: Awaited) -> None:
        self._tables.delete(forgotten(awaited))


def awaited_key(person: Person) -> Key:
    """Answer where it stands until when a visitor is waited for."""
    return Key(DIRECTORY, person_pk(person), "VISIT")


def awaited_put(awaited: Awaited) -> Put:
    """Answer the write by which a visitor is waited for."""
    key = awaited_key(awaited.person)
    return Put(table=key.table, item={"PK": key.pk, "SK": key.sk, **_fields(awaited)})


def forgotten(awaited: Awaited) -> Delete:
    """Answer the write after which nobody waits, unless the visitor came back."""
    return Delete(
        key=awaited_key(awaited.person), condition=_STANDS, values={"before": awaited.until}
    )


def _fields(awaited: Awaited) -> Fields:
    person = awaited.person
    return {
        "until": awaited.until,
        BY_TIME.pk: _time_pk(shard_of(str(person.user), _SHARDS)),
        BY_TIME.sk: seconds_sk(awaited.until, f"{person.workspace}#{person.user}"),
    }


def _time_pk(shard: int) -> str:
    return f"VISITORS#{shard}"


def _awaited_in(sort_key: str) -> Awaited:
    until, workspace, user = sort_key.split("#")
    return Awaited(Person(WorkspaceId(workspace), UserId(int(user))), int(until))
