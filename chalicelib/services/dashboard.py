"""The dashboard's door: people at their own account, known by the browser that they signed in."""

from dataclasses import dataclass, field, replace

from chalicelib.domain.browsers import cookie_name
from chalicelib.domain.callers import PersonCaller, Visit
from chalicelib.domain.denials import (
    OriginNotAllowed,
    StepUpRequired,
    TokenInvalid,
    TokenMissing,
    TokenSuperseded,
)
from chalicelib.domain.errors import NotFound
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import FRESH_SECONDS, MEMBER_TOKEN_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.tokens import Acr, PersonToken
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.devices import Devices
from chalicelib.services.manage_tokens import ManageTokens
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class AtHome:
    """A token for one's own account; `secret` is a new value for the workspace's cookie, if any."""

    text: str = field(repr=False)
    lifetime: int
    workspace: WorkspaceId
    secret: str | None = field(repr=False, default=None)


class Dashboard:
    """Who is let in to an account, and how fresh a sign-in has to be for changes of it."""

    def __init__(
        self,
        *,
        clock: Clock,
        workspaces: Workspaces,
        users: Users,
        browsers: Browsers,
        devices: Devices,
        second: SecondFactors,
        tokens: ManageTokens,
    ) -> None:
        """Take the services of a sign-in."""
        self._clock = clock
        self._workspaces = workspaces
        self._users = users
        self._browsers = browsers
        self._devices = devices
        self._second = second
        self._tokens = tokens

    def enter(self, slug: str, cookies: Cookies) -> AtHome:
        """Answer a token for the person whom the browser remembers; raises `TokenMissing`."""
        workspace, browser = self.remembered(slug, cookies)
        return self._at_home(workspace, browser)

    def authenticate(self, text: str, visit: Visit) -> PersonCaller:
        """Answer the person behind a token, whose browser must still be signed in."""
        if visit.page is not None:
            raise OriginNotAllowed("People look after their account on the platform's own pages.")
        token = self._tokens.read_person_token(text)
        try:
            workspace = self._workspaces.named(token.slug)
        except NotFound as error:
            raise TokenInvalid("This token is not of this deployment.") from error
        if workspace.id != token.person.workspace:
            raise TokenInvalid("This token is not of this workspace.")
        self._workspaces.admit(workspace.id)
        browser = self._browsers.at(workspace.id, token.browser)
        if browser is None or browser.person != token.person:
            raise TokenSuperseded("This sign-in was ended. Sign in again.")
        if self._users.active(browser.person) is None:
            raise TokenSuperseded("This account cannot be used now.")
        return PersonCaller(browser=browser, workspace=workspace, visit=visit)

    def demand_fresh(self, caller: PersonCaller) -> None:
        """Let a change pass that needs a fresh sign-in; raises `StepUpRequired`."""
        sign_in = caller.browser.sign_in
        acr = Acr.TWO if self._second.of(caller.person).are_any else Acr.ONE
        is_fresh = self._clock.now() - sign_in.auth_time <= FRESH_SECONDS
        if not is_fresh or sign_in.acr < acr:
            raise StepUpRequired("Prove again who you are.", max_age=FRESH_SECONDS, acr_values=acr)

    def remembered(self, slug: str, cookies: Cookies) -> tuple[Workspace, BrowserSignIn]:
        """Answer who the browser remembers, and where; raises `TokenMissing`."""
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        browser = self._browsers.known(workspace.id, cookies)
        # A visitor, whatever cookie it is in, has no account to look after yet.
        if browser is None or browser.sign_in.is_visit:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        if self._users.active(browser.person) is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        if not workspace.trusts(browser.sign_in):
            raise TokenMissing("Sign in by your organisation's provider.")
        return workspace, browser

    def renewed(
        self,
        workspace: Workspace,
        browser: BrowserSignIn,
        proof: Proof,
        *,
        cookies: Cookies,
        visit: Visit,
    ) -> AtHome:
        """Answer a token for a sign-in that was proven anew, which has another cookie by that."""
        begun = self._browsers.begin(
            browser.person,
            proof,
            cookies=cookies,
            app=None,
            visit=visit,
            is_known=self._devices.known(browser.person, visit) is not None,
        )
        if begun.browser.id != browser.id:
            # It was ended while its person proved who they are: nothing is left to be fresh.
            self._browsers.sign_out(begun.browser, visit)
            raise TokenMissing("This sign-in was ended. Sign in again.")
        fresh = self._browsers.known(workspace.id, {cookie_name(workspace.id): begun.secret})
        if fresh is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        return replace(self._at_home(workspace, fresh), secret=begun.secret)

    def _at_home(self, workspace: Workspace, browser: BrowserSignIn) -> AtHome:
        token = PersonToken(
            slug=workspace.slug,
            person=browser.person,
            browser=browser.digest,
            sign_in=browser.sign_in,
            exp=min(self._clock.now() + MEMBER_TOKEN_SECONDS, browser.exp),
        )
        lifetime = token.exp - self._clock.now()
        return AtHome(self._tokens.person_token(token), lifetime, workspace.id)
