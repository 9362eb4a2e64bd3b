"""Heads: what is written on the heads of sessions about their tokens, with its record."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, AuditEvent
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.ids import GrantId
from chalicelib.domain.limits import ID_TOKEN_SECONDS
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head, Partition, Person, SessionRef, live
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled

# What was over for longer was over before any ID token that still stands; clocks differ.
_TRACE_SECONDS = ID_TOKEN_SECONDS + 60
_Record = Callable[[Head, Head], AuditEvent]  # of a head before a change, and after it


class Heads:
    """Which tokens of a session count no more."""

    def __init__(self, *, clock: Clock, store: SessionStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def of(self, partition: Partition) -> Sequence[Head]:
        """Answer the heads of a partition."""
        return self._store.of(partition)

    def by_partition(self, person: Person) -> list[list[Head]]:
        """Answer the heads of a person, those of each partition together."""
        heads = self._store.of_person(person)
        return [
            [one for one in heads if one.ref.partition == partition]
            for partition in {head.ref.partition for head in heads}
        ]

    def renew(self, ref: SessionRef, visit: Visit) -> Head:
        """Let every token of a session count no more; raises `SessionEnded`."""
        record = self._recorded(AuditAction.SESSION_RENEWED, visit)

        def settle() -> Head:
            head = self._live(ref)
            after = head.renewed(now=self._clock.now())
            return self._change_access(head, after, record)

        return settled(self._clock, settle)

    def without_grant(
        self,
        heads: Sequence[Head],
        grant: GrantId,
        *,
        until: int,
        visit: Visit,
        action: AuditAction = AuditAction.SESSION_LOGGED_OUT,
    ) -> None:
        """Let one grant's tokens count no more in a partition; `until` then they are over."""

        def change(head: Head) -> Head:
            if grant in head.dead:
                return head
            return head.without_grant(grant, until=until, now=self._clock.now())

        self._mark(heads, change, self._recorded(action, visit))

    def without_grants(
        self, heads: Sequence[Head], visit: Visit, *, actor: Actor | None = None
    ) -> None:
        """Let no token count in a partition; `actor` is who wants it, if not the person."""

        def change(head: Head) -> Head:
            return head.without_grants(now=self._clock.now())

        self._mark(heads, change, self._recorded(AuditAction.SESSION_LOGGED_OUT, visit, actor))

    def _mark(self, heads: Sequence[Head], change: Callable[[Head], Head], record: _Record) -> None:
        """Change every live session of a partition, or what was over last where none is."""

        def settle(found: list[Head], ref: SessionRef) -> None:
            # What was just found is as good as what would be read; once overtaken, it is not.
            head = found.pop() if found else self._live(ref)
            after = change(head)
            if after is not head:
                self._change_access(head, after, record)

        now = self._clock.now()
        is_marked = False
        for one in heads:
            if one.is_live(now):
                # One that ends meanwhile has no tokens left, and must not save the others'.
                with suppress(SessionEnded):
                    settled(self._clock, partial(settle, [one], one.ref))
                    is_marked = True
        if heads and not is_marked:
            last = max(heads, key=lambda one: _over_at(one, now))
            if _over_at(last, now) > now - _TRACE_SECONDS:
                settled(self._clock, partial(self._mark_over, last.ref, change, record))

    def _mark_over(self, ref: SessionRef, change: Callable[[Head], Head], record: _Record) -> None:
        # An ID token whose session is over is held against all that is left of its partition.
        head = self._store.head(ref)
        if head is None:
            return
        after = change(head)
        if after is not head:
            self._store.mark_over(head, after, record(head, after))

    def _change_access(self, before: Head, after: Head, record: _Record) -> Head:
        self._store.change_access(before, after, record(before, after))
        return after

    def _recorded(self, action: AuditAction, visit: Visit, actor: Actor | None = None) -> _Record:
        def event(before: Head, after: Head) -> AuditEvent:
            return self._trail.of_session(
                action,
                before.ref,
                actor=actor or Actor(ActorKind.USER, before.ref.partition.user),
                origin=visit.origin,
                meta={"rev": after.rev},
            )

        return event

    def _live(self, ref: SessionRef) -> Head:
        return live(self._store.head(ref), self._clock.now())


def _over_at(head: Head, now: int) -> int:
    if head.is_live(now):
        return now  # it was, and ended meanwhile
    return head.exp if head.ended_at is None else head.ended_at
