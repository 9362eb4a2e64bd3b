"""Quotas: how much a workspace may hold, counted in shards whose shares sum up to the limit."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.limits import QUOTA_SHARDS


class QuotaKind(StrEnum):
    """What is counted; stored names never change."""

    SESSIONS = "sessions"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Counter:
    """One shard of a count, and when (epoch seconds) a recount last corrected it."""

    count: int = 0
    recounted_at: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Every shard of both counts of a workspace, read consistently."""

    sessions: tuple[Counter, ...]
    stored: tuple[Counter, ...]

    @property
    def live_sessions(self) -> int:
        """Answer the number of live sessions."""
        return sum(counter.count for counter in self.sessions)

    @property
    def stored_bytes(self) -> int:
        """Answer the bytes of all payloads, but for what no process has brought in yet."""
        return sum(counter.count for counter in self.stored)


@dataclass(frozen=True, slots=True)
class Holding:
    """A quota, and what is used of it."""

    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Room:
    """A shard that takes another session while its count is below `limit`."""

    shard: int
    limit: int


def rooms(quota: int, counts: Sequence[int], *, first: int) -> Sequence[Room]:
    """Answer the shards with room, beginning at `first`; none when the quota is used up.

    Shards have equal shares of a level. The level is the quota, unless some shard stands above
    its share, as after a lowered quota: then it is as much lower as makes the others' shares and
    what stands above them sum up to the quota. A level that was right stays safe while sessions
    come and go: nobody adds to a shard above its share, so the level can only rise.
    """
    if sum(counts) >= quota:
        return []
    level = bisect_right(range(quota), quota, key=lambda at: _filled(at + 1, counts))
    order = ((first + offset) % QUOTA_SHARDS for offset in range(QUOTA_SHARDS))
    shares = [Room(shard, share_of(level, shard)) for shard in order]
    return [room for room in shares if counts[room.shard] < room.limit]


def share_of(level: int, shard: int) -> int:
    """Answer a shard's share; the shares of all of them are the level."""
    return level // QUOTA_SHARDS + (shard < level % QUOTA_SHARDS)


def _filled(level: int, counts: Sequence[int]) -> int:
    return sum(max(count, share_of(level, shard)) for shard, count in enumerate(counts))
