"""Lifetimes: an operator gives a session another end, and tokens and data follow it."""

from dataclasses import replace

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import SessionId
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Head, live
from chalicelib.domain.workspaces import KEEPERS, Role
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled

_CHANGERS = KEEPERS | {Role.SUPPORT}


class Lifetimes:
    """The ends of sessions that are under way; those of new ones are their application's."""

    def __init__(self, *, clock: Clock, store: SessionStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def change(self, caller: MemberCaller, sid: SessionId, *, ttl_seconds: int) -> Head:
        """Let a session of the member's workspace end in so many seconds, or never with 0.

        Raises `NotFound`, and `SessionEnded` for one that is over: nothing brings it back.
        """
        member = caller.member
        said = "Only an owner, an admin or support changes lifetimes."
        actor = caller.acting(_CHANGERS, refusal=said)

        def settle() -> Head:
            ref = self._store.find(member.workspace, sid)
            found = None if ref is None else self._store.head(ref)
            if found is None:
                raise NotFound("There is no such session.")
            now = self._clock.now()
            before = live(found, now)
            exp = now + ttl_seconds if ttl_seconds else 0
            if exp == before.exp:
                return before
            after = replace(before, exp=exp, updated_at=now)
            event = self._trail.of_session(
                AuditAction.SESSION_LIFETIME_CHANGED,
                before.ref,
                actor=actor,
                origin=caller.visit.origin,
                meta={"before": before.exp, "after": exp},
            )
            self._store.change_lifetime(before, after, event)
            return after

        return settled(self._clock, settle)
