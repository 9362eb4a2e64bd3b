"""Failures: what is recorded of a proof that was refused, and who is told of a lock."""

from contextlib import suppress
from dataclasses import dataclass

from chalicelib.domain.audit import ANONYMOUS, AuditAction, AuditEvent
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import RateLimited
from chalicelib.domain.errors import Contended
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import LOCK_ANSWER_SECONDS
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.attempts import Guess, Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.notices import Notices


@dataclass(frozen=True, slots=True)
class Try:
    """Who is said to be there, and by which proof; `person` is `None` where there is nobody."""

    workspace: WorkspaceId
    person: Person | None
    method: str
    visit: Visit
    app: AppId | None


class Failures:
    """The record of who was not let in, with the class of the reason that nobody outside learns."""

    def __init__(
        self,
        *,
        clock: Clock,
        guesses: Guesses,
        notices: Notices,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._guesses = guesses
        self._notices = notices
        self._audit = audit
        self._trail = trail

    def refused(self, one: Try, refusal: RateLimited) -> None:
        """Record a try that was not even looked at; its network pays for it."""
        event = self._event(AuditAction.SIGNIN_FAILED, one, refusal.reason)
        if refusal.reason == "network":
            # Whoever is kept out without end would write the trail full.
            with suppress(Contended):
                self._audit.append_hourly(event, "signin-network")
            return
        self._guesses.count_refused(one.workspace, ip=one.visit.origin.ip)
        self._audit.append(event)

    def failed(self, one: Try, guess: Guess, *, reason: str) -> None:
        """Record a try that did not fit, and the lock that it began, of which a person is told."""
        self._guesses.failed(guess)
        self._audit.append(self._event(AuditAction.SIGNIN_FAILED, one, reason))
        if guess.begins_lock:
            started = self._clock.monotonic()
            self._audit.append(self._event(AuditAction.SIGNIN_LOCKED, one, reason))
            if one.person is not None:
                self._notices.locked(one.person, app=one.app, until=guess.locked_until)
            # A mail takes its time, and none goes to an address that nobody has.
            left = started + LOCK_ANSWER_SECONDS - self._clock.monotonic()
            self._clock.pause(max(0.0, left))

    def _event(self, action: AuditAction, one: Try, reason: str) -> AuditEvent:
        return self._trail.event(
            action,
            workspace=one.workspace,
            actor=ANONYMOUS,
            origin=one.visit.origin,
            subject=None if one.person is None else one.person.user,
            app=one.app,
            outcome="failure",
            meta={"method": one.method, "reason": reason},
        )
