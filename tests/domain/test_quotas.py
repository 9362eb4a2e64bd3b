"""Whether shares of a quota are the quota, whatever the shards hold."""

import random

import pytest

from chalicelib.domain.limits import MAX_QUOTA, QUOTA_SHARDS
from chalicelib.domain.quotas import rooms, share_of

EMPTY = [0] * QUOTA_SHARDS


@pytest.mark.parametrize("quota", [0, 1, 7, 8, 9, 100, 100_000, 99_999, MAX_QUOTA])
def test_the_shares_of_all_shards_are_the_quota(quota: int) -> None:
    assert sum(share_of(quota, shard) for shard in range(QUOTA_SHARDS)) == quota
    assert sum(room.limit for room in rooms(quota, EMPTY, first=0)) == quota


@pytest.mark.parametrize("quota", [0, 1, 3, 7, 8, 9, 50])
def test_exactly_as_many_fit_as_the_quota_says(quota: int) -> None:
    counts = list(EMPTY)
    assert fill(quota, counts) == quota
    assert sum(counts) == quota


@pytest.mark.parametrize(
    ("quota", "counts"),
    [
        (16, [10, 0, 0, 0, 0, 0, 0, 0]),
        (17, [10, 6, 0, 0, 0, 0, 0, 1]),
        (16, [2, 2, 2, 2, 2, 2, 2, 1]),
        (9, [8, 0, 0, 0, 0, 0, 0, 0]),
        (20, [-3, 9, 0, 0, 0, 0, 0, 0]),
    ],
)
def test_shards_that_are_full_unevenly_take_what_is_left_and_no_more(
    quota: int, counts: list[int]
) -> None:
    left = quota - sum(counts)
    assert fill(quota, counts) == left


@pytest.mark.parametrize("counts", [[2] * 8, [16, 0, 0, 0, 0, 0, 0, 0], [100] * 8])
def test_a_quota_that_is_used_up_has_no_room(counts: list[int]) -> None:
    assert rooms(16, counts, first=3) == []


def test_the_search_begins_at_the_shard_of_the_session() -> None:
    assert [room.shard for room in rooms(80, EMPTY, first=5)] == [5, 6, 7, 0, 1, 2, 3, 4]


def test_who_knows_counts_of_a_while_ago_never_lets_too_many_in() -> None:
    """Creators act on whatever they have read before; ends come in between, the quota stays."""
    chance = random.Random(7)  # noqa: S311 - the same cases at each run
    for _ in range(300):
        quota = chance.randrange(1, 60)
        counts = [chance.choice([0, 0, 1, 5, 12]) for _ in EMPTY]
        allowed = max(quota, sum(counts))
        seen = [list(counts)]
        for _ in range(200):
            if chance.random() < 0.4 and any(counts):
                shard = chance.choice([n for n, count in enumerate(counts) if count > 0])
                counts[shard] -= 1
                allowed = max(quota, sum(counts))
            else:
                for room in rooms(quota, chance.choice(seen), first=chance.randrange(8)):
                    if counts[room.shard] < room.limit:
                        counts[room.shard] += 1
                        break
            assert sum(counts) <= allowed
            seen.append(list(counts))
        fill(quota, counts)
        assert sum(counts) >= quota


def fill(quota: int, counts: list[int]) -> int:
    """Answer how many sessions one creator begins, who reads before each."""
    begun = 0
    while free := rooms(quota, counts, first=begun % QUOTA_SHARDS):
        counts[free[0].shard] += 1
        begun += 1
    return begun
