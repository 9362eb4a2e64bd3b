import pytest

from chalicelib.domain.rates import WINDOW, Bucket

NEW = Bucket(60, 0.0, 100.0)


def filled(bucket: Bucket, times: int) -> Bucket:
    for _ in range(times):
        assert bucket.has_room
        bucket = bucket.with_one_more
    return bucket


def test_exactly_the_limit_goes_in_at_once() -> None:
    full = filled(NEW, 60)
    assert not full.has_room
    assert (full.allowance.remaining, full.allowance.reset, full.wait) == (0, WINDOW, 1)


def test_a_full_bucket_runs_empty_in_a_minute_and_evenly() -> None:
    full = filled(NEW, 60)
    assert full.leaked(limit=60, now=100.0 + 30).allowance.remaining == 30
    assert full.leaked(limit=60, now=100.0 + WINDOW) == Bucket(60, 0.0, 160.0)
    assert full.leaked(limit=60, now=1e9).allowance.remaining == 60


def test_no_more_goes_through_in_a_long_time_than_the_limit_and_what_leaks() -> None:
    bucket, passed = NEW, 0
    for tenth in range(6_000):
        bucket = bucket.leaked(limit=60, now=100.0 + tenth / 10)
        if bucket.has_room:
            bucket, passed = bucket.with_one_more, passed + 1
    assert 60 + 598 <= passed <= 60 + 600


@pytest.mark.parametrize(("limit", "remaining"), [(600, 590), (10, 0), (5, 0)])
def test_a_changed_limit_holds_at_once_for_what_was_spent(limit: int, remaining: int) -> None:
    changed = filled(NEW, 10).leaked(limit=limit, now=100.0)
    assert changed.allowance.remaining == remaining
    assert changed.has_room is (remaining > 0)


def test_after_the_announced_wait_there_is_room() -> None:
    deep = filled(NEW, 60).leaked(limit=7, now=100.0)
    assert not deep.leaked(limit=7, now=100.0 + deep.wait - 1).has_room
    assert deep.leaked(limit=7, now=100.0 + deep.wait).has_room


def test_a_clock_that_stands_still_forgets_nothing() -> None:
    assert filled(NEW, 3).leaked(limit=60, now=99.0).spent == 3
