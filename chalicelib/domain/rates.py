"""Rates: how many requests a session has made of late, as water in a bucket that leaks."""

import math
from dataclasses import dataclass

WINDOW = 60  # seconds in which a full bucket runs empty


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of `limit` requests a minute; `reset` is the seconds until all of it is."""

    limit: int
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Requests not yet forgotten at a moment; a minute forgets `limit` of them, evenly.

    What was spent is kept and not what is left, so that a limit may change in between.
    """

    limit: int
    spent: float
    at: float

    def leaked(self, *, limit: int, now: float) -> "Bucket":
        """Answer the bucket as it stands at a later moment, under the limit of that moment."""
        forgotten = max(0.0, now - self.at) * limit / WINDOW
        return Bucket(limit, max(0.0, self.spent - forgotten), now)

    @property
    def with_one_more(self) -> "Bucket":
        """Answer the bucket with one more request in it."""
        return Bucket(self.limit, self.spent + 1, self.at)

    @property
    def has_room(self) -> bool:
        """Tell whether one more request goes in."""
        return self.spent + 1 <= self.limit

    @property
    def wait(self) -> int:
        """Answer the seconds until one more request goes in, at least one."""
        return max(1, math.ceil((self.spent + 1 - self.limit) * WINDOW / self.limit))

    @property
    def allowance(self) -> Allowance:
        """Answer what is left."""
        return Allowance(
            limit=self.limit,
            remaining=max(0, math.floor(self.limit - self.spent)),
            reset=math.ceil(self.spent * WINDOW / self.limit),
        )
