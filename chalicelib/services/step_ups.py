"""Step-ups: a sign-in is made fresh by whatever its person has, under a new cookie."""

from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, TokenMissing
from chalicelib.domain.factors import BY_PASSWORD
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.passkeys import Assertion
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.browsers import Cookies
from chalicelib.services.dashboard import AtHome, Dashboard
from chalicelib.services.passkeys import Ceremony, Passkeys
from chalicelib.services.sign_ins import SignIns
from chalicelib.services.steps import Step, Steps
from chalicelib.services.users import Users


class StepUps:
    """By the password, and what stands beside it."""

    def __init__(
        self,
        *,
        clock: Clock,
        dashboard: Dashboard,
        users: Users,
        sign_ins: SignIns,
        steps: Steps,
    ) -> None:
        """Take the services of a sign-in."""
        self._clock = clock
        self._dashboard = dashboard
        self._users = users
        self._sign_ins = sign_ins
        self._steps = steps

    def prove(self, slug: str, *, password: str, cookies: Cookies, visit: Visit) -> AtHome | Step:
        """Make a sign-in fresh by the password, or answer what has to be shown beside it."""
        proof = BY_PASSWORD.asked(self._clock.now())
        workspace, browser = self._dashboard.remembered(slug, cookies)
        user = self._users.active(browser.person)
        if user is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        self._sign_ins.authenticate(
            workspace.id,
            email=self._users.profile(user).address,
            password=password,
            visit=visit,
            app=None,
        )
        step = self._steps.second(browser.person, proof, bound=_bound(browser))
        if step is not None:
            return step
        return self._dashboard.renewed(workspace, browser, proof, cookies=cookies, visit=visit)

    def prove_second(
        self,
        slug: str,
        *,
        challenge: str,
        code: str,
        is_recovery: bool,
        cookies: Cookies,
        visit: Visit,
    ) -> AtHome:
        """Make a sign-in fresh by a second factor, after the password."""
        workspace, browser = self._dashboard.remembered(slug, cookies)
        bound = _bound(browser)
        if is_recovery:
            proven = self._steps.show_recovery(
                workspace.id,
                challenge=challenge,
                typed=code,
                bound=bound,
                place=workspace.name,
                visit=visit,
                app=None,
            )
        else:
            proven = self._steps.show_totp(
                workspace.id, challenge=challenge, typed=code, bound=bound, visit=visit, app=None
            )
        if proven.user.person != browser.person:
            raise ChallengeEnded("This has taken too long. Start again.")
        return self._dashboard.renewed(
            workspace, browser, proven.proof, cookies=cookies, visit=visit
        )


class PasskeyStepUps:
    """By a passkey of the same person, which is enough by itself."""

    def __init__(self, *, dashboard: Dashboard, passkeys: Passkeys) -> None:
        """Take the door, and what shows passkeys."""
        self._dashboard = dashboard
        self._passkeys = passkeys

    def ask(self, slug: str, *, cookies: Cookies, visit: Visit) -> Ceremony:
        """Answer what lets the person choose a passkey and show it."""
        workspace, browser = self._dashboard.remembered(slug, cookies)
        return self._passkeys.ask(workspace.id, bound=_bound(browser), visit=visit)

    def prove(
        self, slug: str, said: Assertion, *, challenge: str, cookies: Cookies, visit: Visit
    ) -> AtHome:
        """Make a sign-in fresh; anybody else's passkey is as good as an unknown one."""
        workspace, browser = self._dashboard.remembered(slug, cookies)
        proven = self._passkeys.show(
            workspace.id,
            said,
            challenge=challenge,
            bound=_bound(browser),
            visit=visit,
            app=None,
            holder=browser.person,
        )
        return self._dashboard.renewed(
            workspace, browser, proven.proof, cookies=cookies, visit=visit
        )


def _bound(browser: BrowserSignIn) -> str:
    # To this browser's sign-in, and to no authorization request: those are digests alone.
    return f"step-up:{browser.digest}"
