"""Copies: what a visitor has is sealed anew for the account of the same browser's person."""

from contextlib import suppress

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.errors import NotFound
from chalicelib.domain.factors import BY_VISIT
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.receipts import Attempt
from chalicelib.domain.sessions import Head, Partition, Person
from chalicelib.domain.users import User
from chalicelib.services.applications import Applications
from chalicelib.services.audit import Trail
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.entries import Entries
from chalicelib.services.erasures import Erasures
from chalicelib.services.grants import Grants
from chalicelib.services.payloads import Payloads
from chalicelib.services.sessions import Sessions
from chalicelib.services.steps import Steps
from chalicelib.services.users import Users
from chalicelib.services.visitors import Visitors


class Copies:
    """The one place that opens for one person and seals for another, who chose it.

    Every part of it can be done again: whoever is interrupted asks once more.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        entries: Entries,
        steps: Steps,
        users: Users,
        visitors: Visitors,
        applications: Applications,
        payloads: Payloads,
        sessions: Sessions,
        grants: Grants,
        erasures: Erasures,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the services of both people, and of their data."""
        self._clock = clock
        self._entries = entries
        self._steps = steps
        self._users = users
        self._visitors = visitors
        self._applications = applications
        self._payloads = payloads
        self._sessions = sessions
        self._grants = grants
        self._erasures = erasures
        self._audit = audit
        self._trail = trail

    def take(
        self, params: Params, *, challenge: str, cookies: Cookies, visit: Visit
    ) -> tuple[WorkspaceId, tuple[str, ...]]:
        """Copy what this browser's visitor has, and erase them; answers applications by name.

        Into applications where the account has a live session nothing is copied. Raises
        `ChallengeEnded` unless somebody is choosing it, and whatever a creation may be refused
        for: then the visitor stays.
        """
        request = self._entries.check(params)
        proven = self._steps.choosing(request.workspace, challenge=challenge, bound=request.digest)
        account = proven.user
        browser = self._visitors.here(request.workspace, cookies)
        if browser is None or browser.person == account.person:
            return request.workspace, ()
        visitor = browser.person
        self._record(account.person, visitor, request, visit)
        # First, so that no application writes what would be left behind; the browser keeps its
        # visit, or nobody could go on after an interruption.
        self._grants.log_out_person(visitor, visit, but=browser.digest)
        copied = [
            self._application(account, visitor, application, request, visit)
            for application in self._applications_of(visitor)
        ]
        actor = Actor(ActorKind.USER, account.person.user)
        # Who has added an account in another tab keeps that.
        with suppress(NotFound):
            self._erasures.erase_visitor(visitor, actor=actor, origin=visit.origin)
        return request.workspace, tuple(name for name in copied if name is not None)

    def _applications_of(self, visitor: Person) -> list[Application]:
        found = []
        for app in self._visitors.held(visitor):
            with suppress(NotFound):
                found.append(self._applications.get(visitor.workspace, app))
        return found

    def _application(
        self,
        account: User,
        visitor: Person,
        application: Application,
        request: AuthorizationRequest,
        visit: Visit,
    ) -> str | None:
        arrival = Arrival(
            slug=request.slug,
            application=application,
            user=account.person.user,
            email=self._users.profile(account).email,
            sign_in=BY_VISIT.at(self._clock.now()),
            visit=visit,
        )
        left = self._visitors.live(Partition(visitor.workspace, application.id, visitor.user))
        attempts = {head.ref.sid: _attempt(head) for head in left}
        made = {self._sessions.attempted(arrival.partition, one) for one in attempts.values()}
        if {head.ref.sid for head in self._visitors.live(arrival.partition)} - made:
            return None
        for head in left:
            payload = self._payloads.look(application, head.ref, self._clock.now())
            if payload is not None:
                ttl_seconds = head.exp - self._clock.now() if head.exp else None
                # One that was copied before the interruption, and ended since.
                with suppress(SessionEnded):
                    self._sessions.create(arrival, payload, ttl_seconds, attempts[head.ref.sid])
        return application.name

    def _record(
        self, account: Person, visitor: Person, request: AuthorizationRequest, visit: Visit
    ) -> None:
        # No record, no read: before anything is opened.
        self._audit.append(
            self._trail.event(
                AuditAction.USER_UPGRADED,
                workspace=account.workspace,
                actor=Actor(ActorKind.USER, account.user),
                origin=visit.origin,
                subject=visitor.user,
                app=request.app,
                meta={"kind": "copy", "account": account.user},
            )
        )


def _attempt(head: Head) -> Attempt:
    return Attempt(f"copy-{head.ref.sid}", "visitor")
