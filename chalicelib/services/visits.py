"""Visits: the login's steps for people without an account, and for those who add one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.audit import Actor, ActorKind
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import TokenMissing
from chalicelib.domain.erasures import Certificate
from chalicelib.domain.errors import NotFound
from chalicelib.domain.factors import BY_SIGN_UP
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import VISITOR_SECONDS
from chalicelib.domain.login import AuthorizationRequest, BrowserSignIn
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.departures import Departures
from chalicelib.services.entrances import Entered, Entrances
from chalicelib.services.entries import Entries
from chalicelib.services.erasures import Erasures
from chalicelib.services.places import Places
from chalicelib.services.steps import Step, Steps
from chalicelib.services.upgrades import Upgrades
from chalicelib.services.visitors import Visitors


@dataclass(frozen=True, slots=True)
class Visited:
    """A visitor goes on: where the browser goes, and the new value of their cookie, if any."""

    location: str = field(repr=False)
    workspace: WorkspaceId
    secret: str | None = field(repr=False)


class Visits:
    """The conversation with somebody who proves nothing."""

    def __init__(
        self,
        *,
        clock: Clock,
        entries: Entries,
        places: Places,
        visitors: Visitors,
        upgrades: Upgrades,
        erasures: Callable[[], Erasures],
        departures: Departures,
        steps: Steps,
        entrances: Entrances,
    ) -> None:
        """Take the services of each step."""
        self._clock = clock
        self._entries = entries
        self._places = places
        self._visitors = visitors
        self._upgrades = upgrades
        self._erasures = erasures
        self._departures = departures
        self._steps = steps
        self._entrances = entrances

    def enter(self, params: Params, cookies: Cookies, visit: Visit) -> Visited:
        """Go on as the visitor of before, or as a new one; raises `Forbidden` where nobody can."""
        return self.entered(self._entries.check(params), cookies, visit)

    def entered(self, request: AuthorizationRequest, cookies: Cookies, visit: Visit) -> Visited:
        """Answer where a visitor goes; a visit that is half over is begun anew beside it."""
        given_at = self._clock.now()
        browser, secret = self._visitors.continued(request, cookies), None
        if browser is None and self._visitors.here(request.workspace, cookies) is not None:
            # A new one would take the place of what they have, for good.
            raise TokenMissing("This application wants you to sign in, or to add an account.")
        if browser is None:
            browser, secret = self._visitors.begin(request, visit)
        elif browser.exp - self._clock.now() < VISITOR_SECONDS // 2:
            browser, secret = self._visitors.remember(browser.person, app=request.app, visit=visit)
        location = self._departures.location(
            request,
            browser.person,
            browser.sign_in,
            visit,
            browser=browser.id,
            given_at=given_at,
        )
        return Visited(location, request.workspace, secret)

    def erase(
        self, params: Params, cookies: Cookies, visit: Visit
    ) -> tuple[WorkspaceId, Certificate]:
        """Erase this browser's visitor with all that they have, in every application.

        Raises `TokenMissing` where nobody is without an account, and `ErasureRefused`.
        """
        request = self._entries.check(params)
        person = self._here(request, cookies).person
        actor = Actor(ActorKind.ANONYMOUS, person.user)
        try:
            certificate = self._erasures().erase_visitor(person, actor=actor, origin=visit.origin)
        except NotFound as error:
            raise TokenMissing("There is an account by now. Sign in.") from error
        return request.workspace, certificate

    def upgrade(
        self,
        params: Params,
        *,
        email: str,
        password: str,
        name: str | None,
        cookies: Cookies,
        visit: Visit,
    ) -> tuple[str, str]:
        """Begin an account for the visitor; answers challenge and address."""
        request = self._entries.check(params)
        return self._upgrades.start(
            self._here(request, cookies),
            email=email,
            password=password,
            name=name,
            place=self._places.of(request.workspace, request.app).name,
            cookies=cookies,
            visit=visit,
        )

    def resend(self, params: Params, *, challenge: str, cookies: Cookies, visit: Visit) -> None:
        """Mail another code to the address of the visitor's account to be."""
        request = self._entries.check(params)
        self._upgrades.resend(
            self._here(request, cookies),
            challenge=challenge,
            place=self._places.of(request.workspace, request.app).name,
            visit=visit,
        )

    def confirm(
        self,
        params: Params,
        *,
        challenge: str,
        code: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> tuple[WorkspaceId, Entered | Step]:
        """Let the visitor in with the account that the mailed code makes; their visit is over."""
        proof = BY_SIGN_UP.asked(self._clock.now())
        request = self._entries.check(params)
        person = self._upgrades.finish(
            self._here(request, cookies),
            challenge=challenge,
            code=code,
            app=request.app,
            visit=visit,
        )
        onward = self._entrances.go_on(
            request, person, proof, cookies=cookies, visit=visit, offers_passkey=offers_passkey
        )
        return request.workspace, onward

    def settle(
        self,
        params: Params,
        *,
        challenge: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Let a person in who has chosen what becomes of what a visitor left here."""
        request = self._entries.check(params)
        proven = self._steps.chosen(request.workspace, challenge=challenge, bound=request.digest)
        return self._entrances.go_in(
            request,
            proven.user.person,
            proven.proof,
            cookies=cookies,
            visit=visit,
            offers_passkey=offers_passkey,
        )

    def _here(self, request: AuthorizationRequest, cookies: Cookies) -> BrowserSignIn:
        browser = self._visitors.here(request.workspace, cookies)
        if browser is None:
            raise TokenMissing("Nobody is visiting here. Create an account.")
        return browser
