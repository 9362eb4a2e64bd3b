"""Returning people and visitors: whom a browser remembers, where a request accepts them."""

from chalicelib.domain.login import AuthorizationRequest, BrowserSignIn
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.users import Profile
from chalicelib.domain.visitors import Visiting
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.users import Users
from chalicelib.services.visitors import Visitors
from chalicelib.services.workspaces import Workspaces


class Returning:
    """A sign-in comes before a visit: whoever has an account goes on with it."""

    def __init__(
        self,
        *,
        clock: Clock,
        workspaces: Workspaces,
        users: Users,
        browsers: Browsers,
        visitors: Visitors,
    ) -> None:
        """Take the services that know tenants, people and their browsers."""
        self._clock = clock
        self._workspaces = workspaces
        self._users = users
        self._browsers = browsers
        self._visitors = visitors

    def found(
        self, request: AuthorizationRequest, cookies: Cookies
    ) -> tuple[BrowserSignIn, Profile] | None:
        """Answer who goes on without a further proof."""
        browser = self._browsers.known(request.workspace, cookies)
        if browser is None:
            browser = self._visitors.continued(request, cookies)
        # Whichever cookie brought it, a visit is held against the rules of visits.
        elif browser.sign_in.is_visit and not self._visitors.admits(request):
            return None
        if browser is None or not request.is_fresh(browser.sign_in, now=self._clock.now()):
            return None
        if not request.admits(browser.person):
            return None
        if request.wants_two and not browser.sign_in.is_twofold:
            return None
        if not self._workspaces.get(request.workspace).continues(browser.sign_in):
            return None
        user = self._users.active(browser.person)
        return None if user is None else (browser, self._users.profile(user))

    def visiting(
        self, request: AuthorizationRequest, cookies: Cookies, *, is_here: bool
    ) -> Visiting:
        """Answer what somebody without an account may do; `is_here` says that they may go on."""
        if is_here:
            return Visiting.CONTINUED
        if self._visitors.here(request.workspace, cookies) is not None:
            return Visiting.KEPT
        return Visiting.OFFERED if self._visitors.welcomes(request) else Visiting.NONE
