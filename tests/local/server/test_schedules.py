"""When schedules run, and that one cannot stop another."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from chalice.app import Chalice, CloudWatchEvent, Rate

from infra.local.server.expressions import expression_of
from infra.local.server.schedules import Schedules

if TYPE_CHECKING:
    from collections.abc import Callable

SATURDAY = datetime(2026, 2, 28, 23, 59, 30, tzinfo=UTC)


def now() -> datetime:
    return SATURDAY


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", 86400),
        ("cron(0 0 * * ? *)", 30),
        ("cron(30 2 * * ? *)", 30 + 9000),
        ("cron(0/15 * * * ? *)", 30),
        ("cron(59 23 * * ? *)", 86400 - 30),
        ("cron(0 3 ? * SUN *)", 30 + 3 * 3600),
        ("cron(0 3 ? * MON-FRI *)", 30 + 27 * 3600),
        ("cron(0 0 1 MAR,JUN ? 2026)", 30),
        ("cron(0 0 29 2 ? *)", (datetime(2028, 2, 29, tzinfo=UTC) - SATURDAY).total_seconds()),
    ],
)
def test_an_expression_says_when_it_runs_next(expression: str, seconds: float) -> None:
    assert expression_of(expression).seconds_after(SATURDAY) == seconds


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(5 seconds)",
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * 2#1 *)",
        "cron(60 0 * * ? *)",
        "cron(0/0 0 * * ? *)",
        "every day",
    ],
)
def test_an_expression_that_cannot_be_followed_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match=r"refuses|follow"):
        expression_of(expression)


def test_a_schedule_that_has_no_future_is_an_error() -> None:
    with pytest.raises(ValueError, match="never runs again"):
        expression_of("cron(0 0 1 1 ? 2020)").seconds_after(SATURDAY)


class Soon:
    def seconds_after(self, moment: datetime) -> float:
        assert moment == SATURDAY
        return 0.01


@pytest.fixture
def app() -> Callable[[Callable[[CloudWatchEvent], object]], Chalice]:
    def make(job: Callable[[CloudWatchEvent], object]) -> Chalice:
        made = Chalice("jobs", configure_logs=False, env={})

        @made.schedule("rate(5 minutes)", name="failing")
        def failing(event: CloudWatchEvent) -> None:
            raise RuntimeError(event.resources[0])

        @made.schedule(Rate(1, unit=Rate.HOURS), name="working")
        def working(event: CloudWatchEvent) -> None:
            job(event)

        return made

    return make


def test_a_failing_job_is_logged_and_stops_no_other(
    app: Callable[[Callable[[CloudWatchEvent], object]], Chalice],
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = threading.Semaphore(0)
    seen: list[dict[str, object]] = []

    def job(event: CloudWatchEvent) -> None:
        seen.append(event.to_dict())
        done.release()

    schedules = Schedules(app(job), now=now)
    schedules.expressions = {name: Soon() for name in schedules.expressions}
    schedules.start()
    for _ in range(3):
        assert done.acquire(timeout=5)
    schedules.stop()
    assert seen[0]["detail-type"] == "Scheduled Event"
    assert seen[0]["time"] == "2026-02-28T23:59:30Z"
    error = capsys.readouterr().err
    assert "schedule failing failed" in error
    assert "rule/failing" in error


def test_expressions_are_read_from_the_application(
    app: Callable[[Callable[[CloudWatchEvent], object]], Chalice],
) -> None:
    expressions = Schedules(app(str), now=now).expressions
    assert {name: e.seconds_after(SATURDAY) for name, e in expressions.items()} == {
        "failing": 300,
        "working": 3600,
    }
