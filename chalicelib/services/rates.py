"""Rates: the requests of each session, counted in this process and nowhere else."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from chalicelib.domain.callers import IdentityCaller, SessionCaller
from chalicelib.domain.denials import RateLimited
from chalicelib.domain.limits import MAX_REQUESTS_PER_MINUTE
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.rates import Allowance, Bucket
from chalicelib.services.applications import Applications

_SESSIONS = 10_000  # the most buckets that are remembered; the one unused longest makes room


class Rates:
    """Every instance of a function counts what it sees itself.

    A counter in the store would cost more than the requests that it spares. Many instances let
    more pass than one: the limit keeps a runaway client from taking a whole instance.
    """

    def __init__(self, *, clock: Clock, applications: Applications) -> None:
        """Take the clock, and the service that remembers applications for seconds."""
        self._clock = clock
        self._applications = applications
        self._lock = Lock()
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def count(self, caller: SessionCaller | IdentityCaller) -> None:
        """Count a request and let it pass; raises `RateLimited`."""
        key, limit = _key(caller), self._limit(caller)
        with self._lock:
            bucket = self._bucket(key, limit)
            passes = bucket.has_room
            self._keep(key, bucket.with_one_more if passes else bucket)
        if not passes:
            raise RateLimited(
                "This session makes more requests than its application allows it.",
                seconds=bucket.wait,
                hint="RateLimit-Policy says how many a minute, Retry-After when to go on.",
            )

    def allowance(self, caller: SessionCaller | IdentityCaller) -> Allowance:
        """Answer what is left, by the settings that the request itself may have brought along."""
        key, limit = _key(caller), self._limit(caller)
        with self._lock:
            return self._keep(key, self._bucket(key, limit)).allowance

    def _limit(self, caller: SessionCaller | IdentityCaller) -> int | None:
        application = (
            self._applications.at_hand(caller.token.access.ref.partition)
            if isinstance(caller, SessionCaller)
            else self._applications.client_at_hand(caller.token.client_id)
        )
        if application is None:
            return None
        return application.requests_per_minute or MAX_REQUESTS_PER_MINUTE

    def _bucket(self, key: Hashable, limit: int | None) -> Bucket:
        now = self._clock.monotonic()
        known = self._buckets.get(key) or Bucket(limit or MAX_REQUESTS_PER_MINUTE, 0.0, now)
        # Settings that are too old to act on are still the best guess of the limit.
        return known.leaked(limit=limit or known.limit, now=now)

    def _keep(self, key: Hashable, bucket: Bucket) -> Bucket:
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        while len(self._buckets) > _SESSIONS:
            self._buckets.popitem(last=False)
        return bucket


def _key(caller: SessionCaller | IdentityCaller) -> Hashable:
    if isinstance(caller, SessionCaller):
        return caller.token.access.ref
    # Who begins a session has none yet: a person at an application's door.
    return caller.token.slug, caller.token.client_id, caller.token.user
