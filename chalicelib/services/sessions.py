"""Sessions: begun or continued at a sign-in, and ended for good by their person."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Arrival, SessionCaller
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import SessionId
from chalicelib.domain.payloads import Payload, who_place
from chalicelib.domain.ports.sessions import Latest, SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Attempt, Slip
from chalicelib.domain.sessions import Head, Partition, SessionRef, live
from chalicelib.services.admission import Admission
from chalicelib.services.audit import Trail
from chalicelib.services.beginnings import Beginnings
from chalicelib.services.contention import settled
from chalicelib.services.keys import Keys
from chalicelib.services.objects import Objects
from chalicelib.services.receipts import Receipts
from chalicelib.services.usage import Usage


@dataclass(frozen=True, slots=True)
class Begun:
    """The session of somebody who came, at first or at the repetition of a request."""

    head: Head
    is_replay: bool = False


class Sessions:
    """The stays of people with applications."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: SessionStore,
        admission: Admission,
        beginnings: Beginnings,
        receipts: Receipts,
        keys: Keys,
        objects: Objects,
        trail: Trail,
        usage: Usage,
    ) -> None:
        """Take the ports, and the services below."""
        self._clock = clock
        self._store = store
        self._admission = admission
        self._beginnings = beginnings
        self._receipts = receipts
        self._keys = keys
        self._objects = objects
        self._trail = trail
        self._usage = usage

    def enter(self, arrival: Arrival, *, seed: Payload, ttl_seconds: int | None = None) -> Head:
        """Continue the newest live session of the person here, or begin one with a sealed seed.

        The seed lies in the head under the identity key until the first change: who signs
        people in holds no right on payloads.
        """

        def settle() -> Head:
            latest = self._store.latest(arrival.partition)
            live = self._live(arrival.partition, latest.sid)
            if live is not None:
                return live
            return self._beginnings.with_seed(arrival, seed, ttl_seconds=ttl_seconds, latest=latest)

        return settled(self._clock, settle)

    def create(
        self,
        arrival: Arrival,
        payload: Payload,
        ttl_seconds: int | None = None,
        attempt: Attempt | None = None,
    ) -> Begun:
        """Begin a new session beside those that are live, with its payload."""

        def step(latest: Latest, slip: Slip | None) -> Head:
            return self._beginnings.with_payload(
                arrival, payload, ttl_seconds=ttl_seconds, latest=latest, slip=slip
            )

        return self._once(arrival, attempt, step)

    def get_or_create(
        self,
        arrival: Arrival,
        payload: Payload,
        ttl_seconds: int | None = None,
        attempt: Attempt | None = None,
    ) -> Begun:
        """Continue the newest live session, whose payload and lifetime stay, or begin one."""

        def step(latest: Latest, slip: Slip | None) -> Head:
            live = self._live(arrival.partition, latest.sid)
            if live is None:
                return self._beginnings.with_payload(
                    arrival, payload, ttl_seconds=ttl_seconds, latest=latest, slip=slip
                )
            self._receipts.keep(self._receipts.of_creation(slip, live.ref.sid))
            return live

        return self._once(arrival, attempt, step)

    def attempted(self, partition: Partition, attempt: Attempt) -> SessionId | None:
        """Answer the session that an attempt began, if it was made."""
        slip = self._receipts.slip(partition, attempt)
        done = self._receipts.known(slip, self._store.latest(partition, slip.ref).receipt)
        return None if done is None else done.sid

    def email_of(self, caller: SessionCaller) -> str | None:
        """Answer the e-mail address of the caller's user."""
        head, keys = self._admission.enter(caller)
        if head.who is None:
            return None
        return self._keys.open(who_place(head.ref), head.who, known=keys).decode()

    def revoke(self, caller: SessionCaller) -> SessionId:
        """Destroy the session and its payload; not a sign-out."""

        def settle() -> SessionId:
            head, _ = self._admission.enter(caller)
            event = self._trail.of_session(
                AuditAction.SESSION_REVOKED,
                head.ref,
                actor=Actor(ActorKind.USER, head.ref.partition.user),
                origin=caller.visit.origin,
            )
            left = self._objects.of(head)
            self._store.end(head, by="user", now=self._clock.now(), event=event)
            self._objects.remove(left)
            self._usage.count(head.ref.partition.workspace, -head.size)
            return head.ref.sid

        return settled(self._clock, settle)

    def _once(
        self,
        arrival: Arrival,
        attempt: Attempt | None,
        step: Callable[[Latest, Slip | None], Head],
    ) -> Begun:
        partition = arrival.partition
        slip = None if attempt is None else self._receipts.slip(partition, attempt)

        def settle() -> Begun:
            latest = self._store.latest(partition, None if slip is None else slip.ref)
            done = self._receipts.known(slip, latest.receipt)
            if done is None:
                return Begun(step(latest, slip))
            head = self._store.head(SessionRef(partition, done.sid))
            return Begun(live(head, self._clock.now()), is_replay=True)

        return settled(self._clock, settle)

    def _live(self, partition: Partition, newest: SessionId | None) -> Head | None:
        if newest is None:
            return None
        now = self._clock.now()
        head = self._store.head(SessionRef(partition, newest))
        if head is not None and head.is_live(now):
            return head
        # The last one that was begun is over; those before it may live on, with what they hold.
        older = [one.ref for one in self._store.of(partition) if one.is_live(now)]
        # A list brings nothing sealed, and what is continued is judged whole.
        last = max(older, key=lambda ref: ref.sid, default=None)
        head = None if last is None else self._store.head(last)
        if head is None or head.is_live(now):
            return head
        raise Stale("the session ended meanwhile")
