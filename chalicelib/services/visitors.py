"""Visitors: people without an account, known by a cookie and by nothing else."""

from contextlib import suppress

from chalicelib.domain.agents import browser_of
from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.browsers import is_cookie_secret
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import Forbidden, TokenMissing
from chalicelib.domain.errors import NotFound
from chalicelib.domain.factors import BY_VISIT
from chalicelib.domain.ids import (
    AppId,
    WorkspaceId,
    digest,
    new_browser_id,
    new_secret,
    new_user_id,
)
from chalicelib.domain.limits import VISITOR_SECONDS
from chalicelib.domain.login import AuthorizationRequest, BrowserSignIn
from chalicelib.domain.ports.directory import UserStore
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.visitors import VisitorStore
from chalicelib.domain.sessions import Head, Partition, Person
from chalicelib.domain.users import Profile, User, UserKind, UserStatus, profile_place
from chalicelib.domain.visitors import Awaited, Luggage, awaited_until, visitor_cookie
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.browsers import Cookies
from chalicelib.services.keys import Keys
from chalicelib.services.places import Places
from chalicelib.services.profiles import written
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


class Visitors:
    """Who may come without an account, who did, and what they have."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: UserStore,
        awaited: VisitorStore,
        login: LoginStore,
        sessions: SessionStore,
        users: Users,
        keys: Keys,
        guesses: Guesses,
        workspaces: Workspaces,
        places: Places,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services of people, tenants and clients."""
        self._clock = clock
        self._store = store
        self._awaited = awaited
        self._login = login
        self._sessions = sessions
        self._users = users
        self._keys = keys
        self._guesses = guesses
        self._workspaces = workspaces
        self._places = places
        self._trail = trail

    def admits(self, request: AuthorizationRequest) -> bool:
        """Tell whether a request may be answered for somebody who proves nothing."""
        application = self._places.of(request.workspace, request.app)
        is_open = self._workspaces.get(request.workspace).admits_visitors
        is_welcome = is_open and application.admits_visitors
        return is_welcome and request.device is None and not request.wants_proof

    def welcomes(self, request: AuthorizationRequest) -> bool:
        """Tell whether a request may be answered for a new visitor, whom it cannot have meant."""
        is_asked = "login" in (request.prompt or "").split()
        is_meant = request.hinted is not None or request.renewed is not None
        return self.admits(request) and not is_asked and not is_meant

    def here(self, workspace: WorkspaceId, cookies: Cookies) -> BrowserSignIn | None:
        """Answer the visit behind a browser's cookie, whichever applications admit it."""
        secret = cookies.get(visitor_cookie(workspace), "")
        if not is_cookie_secret(secret):
            return None
        browser = self._login.browser(workspace, digest(secret), now=self._clock.now())
        return browser if browser is not None and self._is_visitor(browser.person) else None

    def continued(self, request: AuthorizationRequest, cookies: Cookies) -> BrowserSignIn | None:
        """Answer the visit with which a request may go on.

        A visitor of one application is one of every other that admits visitors, and nobody's
        elsewhere.
        """
        browser = self.here(request.workspace, cookies)
        if browser is None or not self.admits(request) or not request.admits(browser.person):
            return None
        return browser if request.is_fresh(browser.sign_in, now=self._clock.now()) else None

    def begin(self, request: AuthorizationRequest, visit: Visit) -> tuple[BrowserSignIn, str]:
        """Make a visitor, and answer their visit with the secret for its cookie.

        Raises `Forbidden` where nobody comes without an account, and `RateLimited`.
        """
        if not self.welcomes(request):
            raise Forbidden("Nobody gets in here without an account.")
        self._guesses.admit_visitor(request.workspace, ip=visit.origin.ip)
        person = self._made(request.workspace, origin=visit.origin, app=request.app)
        return self._begun(person, app=request.app, visit=visit)

    def remember(self, person: Person, *, app: AppId, visit: Visit) -> tuple[BrowserSignIn, str]:
        """Begin a visit of a visitor, beside those that there are, and wait for them longer.

        Raises `TokenMissing` where they have an account since then, with which every visit ended.
        """
        # First: a visit that begins must not be of somebody whom a sweep is about to find.
        self._awaited.wait(self._until(person))
        return self._begun(person, app=app, visit=visit)

    def _begun(self, person: Person, *, app: AppId, visit: Visit) -> tuple[BrowserSignIn, str]:
        secret, now = new_secret(), self._clock.now()
        browser = BrowserSignIn(
            digest=digest(secret),
            id=new_browser_id(),
            person=person,
            sign_in=BY_VISIT.at(now),
            exp=now + VISITOR_SECONDS,
            agent=browser_of(visit.origin.agent),
        )
        event = self._trail.event(
            AuditAction.SIGNIN_SUCCEEDED,
            workspace=person.workspace,
            actor=Actor(ActorKind.ANONYMOUS, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={"method": BY_VISIT.method, "device": "new"},
        )
        self._login.add_browser(browser, event)
        # Once it is stored: an upgrade finds it, or is found.
        if not self._is_visitor(person):
            self._login.end_browser(person.workspace, browser.digest)
            raise TokenMissing("There is an account by now. Sign in.")
        return browser, secret

    def luggage(self, person: Person, cookies: Cookies) -> Luggage:
        """Answer what this browser's visitor has, seen from an account that is signing in."""
        browser = self.here(person.workspace, cookies)
        if browser is None or browser.person == person:
            return Luggage((), ())
        new: list[str] = []
        kept: list[str] = []
        for app in self.held(browser.person):
            # What an application has that is gone can be read by nobody.
            with suppress(NotFound):
                name = self._places.of(person.workspace, app).name
                partition = Partition(person.workspace, app, person.user)
                (kept if self.live(partition) else new).append(name)
        return Luggage(tuple(new), tuple(kept))

    def held(self, visitor: Person) -> tuple[AppId, ...]:
        """Answer the applications in which a visitor has data."""
        now = self._clock.now()
        heads = self._sessions.of_person(visitor)
        apps = {head.ref.partition.app for head in heads if head.is_live(now) and head.keys}
        return tuple(sorted(apps))

    def live(self, partition: Partition) -> tuple[Head, ...]:
        """Answer the live sessions of a partition, the oldest first."""
        now = self._clock.now()
        live = (head for head in self._sessions.of(partition) if head.is_live(now))
        return tuple(sorted(live, key=lambda head: head.ref.sid))

    def _until(self, person: Person) -> Awaited:
        return Awaited(person, awaited_until(self._clock.now() + VISITOR_SECONDS))

    def _is_visitor(self, person: Person) -> bool:
        user = self._users.active(person)
        return user is not None and user.is_visitor

    def _made(self, workspace: WorkspaceId, *, origin: Origin, app: AppId) -> Person:
        person = Person(workspace, new_user_id())
        keys = self._keys.new_user(workspace, person.user)
        place = profile_place(workspace, person.user)
        user = User(
            person=person,
            status=UserStatus.ACTIVE,
            profile=self._keys.seal(place, written(Profile(email=None)), known=keys),
            password=None,
            created_at=self._clock.now(),
            kind=UserKind.VISITOR,
        )
        event = self._trail.event(
            AuditAction.USER_CREATED,
            workspace=workspace,
            actor=Actor(ActorKind.ANONYMOUS, person.user),
            origin=origin,
            subject=person.user,
            app=app,
            meta={"kind": user.kind.value},
        )
        self._store.create(user, address=None, keys=keys, event=event, awaited=self._until(person))
        return person
