"""Remnants: what is left of people whose keys are destroyed, taken away until nothing is."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from chalicelib.domain.audit import SYSTEM, Actor, AuditAction, Origin
from chalicelib.domain.erasures import Erasure, Remains
from chalicelib.domain.errors import Contended, Stale, StoreUnavailable, WriteConflict
from chalicelib.domain.limits import (
    ERASING_AGAIN_SECONDS,
    ERASING_LATE_SECONDS,
    ERASING_REST_SECONDS,
    SECOND_PASS_SECONDS,
)
from chalicelib.domain.ports.erasures import ErasureStore
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person, SessionRef, SessionStatus
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.objects import Objects


class Remnants:
    """Every step can be done again, by anybody and at the same moment; none opens anything."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ErasureStore,
        sessions: SessionStore,
        objects: Objects,
        trail: Trail,
    ) -> None:
        """Take the ports, and the service of large payloads."""
        self._clock = clock
        self._store = store
        self._sessions = sessions
        self._objects = objects
        self._trail = trail

    def take(self, person: Person, *, actor: Actor, origin: Origin) -> Counter[Remains]:
        """End what a person has under way, and answer how much of each there was.

        Sessions end as all do, counters and records included; their rows stay for the job.
        """
        ended = 0
        for head in self._sessions.of_person(person):
            if head.status is SessionStatus.LIVE:
                ended += self._end(head.ref, actor=actor, origin=origin)
        taken = self._store.sign_out(person) + self._store.release(person)
        return taken + Counter({Remains.SESSIONS: ended})

    def finish(self, *, limit: int) -> Mapping[str, int]:
        """Go on with at most `limit` erasures, and bring those to an end whose time has come.

        A first pass that was interrupted is made up for; the second one, two minutes later,
        finds what others had under way at the time of the first. Each is put behind the others
        before it is tried, so that none that fails, or ends this run, keeps others from their turn.
        """
        found = self._store.under_way(now=self._clock.now(), limit=limit)
        finished = overtaken = late = 0
        for person in found:
            erasure = self._store.of(person)
            if erasure is None:
                continue  # the index lags
            try:
                self._store.put_off(erasure, until=self._next(erasure))
                finished += self._go_on(erasure)
            except (Stale, Contended, StoreUnavailable, WriteConflict):
                overtaken += 1
                late += self._is_told(erasure)
        return {"found": len(found), "finished": finished, "overtaken": overtaken, "late": late}

    def _next(self, erasure: Erasure) -> int:
        now = self._clock.now()
        age = now - erasure.at
        if age < SECOND_PASS_SECONDS:
            return erasure.at + SECOND_PASS_SECONDS
        return now + min(max(age, ERASING_AGAIN_SECONDS), ERASING_REST_SECONDS)

    def _is_told(self, erasure: Erasure) -> bool:
        """Record an erasure that should be over by now; answers whether it should."""
        age, person = self._clock.now() - erasure.at, erasure.person
        if age < ERASING_LATE_SECONDS:
            return False
        event = self._trail.event(
            AuditAction.USER_ERASED,
            workspace=person.workspace,
            actor=SYSTEM,
            origin=Origin(),
            subject=person.user,
            outcome="failure",
            reason="remains",
            meta={"record": erasure.id, "seconds": age},
        )
        with suppress(Stale, Contended, StoreUnavailable):
            self._store.put_off(erasure, until=self._next(erasure), event=event)
        return True

    def _go_on(self, erasure: Erasure) -> int:
        person = erasure.person
        self.take(person, actor=SYSTEM, origin=Origin())
        if self._clock.now() - erasure.at < SECOND_PASS_SECONDS:
            return 0
        for key in self._store.objects(person):
            self._objects.remove(key)
        self._store.clear(person)
        self._store.close(erasure)
        return 1

    def _end(self, ref: SessionRef, *, actor: Actor, origin: Origin) -> int:
        def step() -> int:
            head = self._sessions.head(ref)
            if head is None or head.status is not SessionStatus.LIVE:
                return 0
            event = self._trail.of_session(
                AuditAction.SESSION_REVOKED, ref, actor=actor, origin=origin
            )
            # Nothing opens it any more, so it may go before the row that points to it.
            self._objects.remove(self._objects.of(head))
            self._sessions.end(head, by="erasure", now=self._clock.now(), event=event)
            return 1

        return settled(self._clock, step)
