"""EventBridge's `rate(...)` and `cron(...)` expressions, as seconds until the next run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_HORIZON = timedelta(days=366 * 5)


class Expression(Protocol):
    """When a schedule runs."""

    def seconds_after(self, moment: datetime) -> float:
        """Seconds from a moment (UTC) to the next run, always above zero."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so many seconds."""

    seconds: int

    def seconds_after(self, moment: datetime) -> float:
        del moment
        return self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """At the minutes whose every field is allowed; weekdays count from 1, Sunday."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    def seconds_after(self, moment: datetime) -> float:
        day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end = day + _HORIZON
        while day <= end:
            if self._admits(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        run = day.replace(hour=hour, minute=minute)
                        if run > moment:
                            return (run - moment).total_seconds()
            day += timedelta(days=1)
        raise ValueError("this schedule never runs again")

    def _admits(self, day: datetime) -> bool:
        return (
            day.year in self.years
            and day.month in self.months
            and day.day in self.days
            and day.isoweekday() % 7 + 1 in self.weekdays
        )


def expression_of(text: str) -> Expression:
    """Read an expression; one that this server cannot follow raises ValueError."""
    if rate := _RATE.fullmatch(text):
        count, unit = int(rate[1]), rate[2]
        if count < 1 or (count == 1) != (not unit.endswith("s")):
            raise ValueError(f"EventBridge refuses {text}: one minute, but two minutes")
        return Rate(count * _SECONDS[unit.removesuffix("s")])
    if cron := _CRON.fullmatch(text):
        minutes, hours, days, months, weekdays, years = cron.groups()
        if (days == "?") == (weekdays == "?"):
            raise ValueError(f"EventBridge refuses {text}: exactly one kind of day must be ?")
        return Cron(
            minutes=_field(minutes, 0, 59),
            hours=_field(hours, 0, 23),
            days=_field(days, 1, 31),
            months=_field(months, 1, 12, _MONTHS),
            weekdays=_field(weekdays, 1, 7, _DAYS),
            years=_field(years, 1970, 2199),
        )
    raise ValueError(f"not a schedule expression this server follows: {text}")


def _field(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> frozenset[int]:
    allowed: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            start, _, stop = span.partition("-")
            first = _number(start, names)
            last = _number(stop, names) if stop else high if step else first
        if not (low <= first <= last <= high) or (step and not step.isdecimal()) or step == "0":
            raise ValueError(f"not a value between {low} and {high} this server follows: {text}")
        allowed.update(range(first, last + 1, int(step or 1)))
    return frozenset(allowed)


def _number(text: str, names: tuple[str, ...]) -> int:
    if text.upper() in names:
        return names.index(text.upper()) + 1
    if not text.isdecimal():
        raise ValueError(f"not a value this server follows: {text}")
    return int(text)
