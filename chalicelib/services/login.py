"""The hosted login's steps: each reads the request anew and ends in a place to go."""

from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import TokenMissing
from chalicelib.domain.factors import BY_PASSWORD, BY_SIGN_UP
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.departures import Departures
from chalicelib.services.devices import Devices, Mark
from chalicelib.services.entrances import Entered, Entrances
from chalicelib.services.entries import Entries
from chalicelib.services.invites import Invites
from chalicelib.services.openings import Opening
from chalicelib.services.places import Places
from chalicelib.services.resets import Resets
from chalicelib.services.returning import Returning
from chalicelib.services.sign_ins import SignIns
from chalicelib.services.sign_ups import SignUps
from chalicelib.services.steps import Step, Steps
from chalicelib.services.users import Users
from chalicelib.services.ways import Ways
from chalicelib.services.workspaces import Workspaces


class Login:
    """The conversation of the page `/app/sessions/login`."""

    def __init__(
        self,
        *,
        clock: Clock,
        entries: Entries,
        workspaces: Workspaces,
        places: Places,
        users: Users,
        invites: Invites,
        returning: Returning,
        sign_ins: SignIns,
        ways: Ways,
        sign_ups: SignUps,
        resets: Resets,
        departures: Departures,
        steps: Steps,
        entrances: Entrances,
        devices: Devices,
    ) -> None:
        """Take the services of each step."""
        self._clock = clock
        self._entries = entries
        self._workspaces = workspaces
        self._places = places
        self._users = users
        self._invites = invites
        self._returning = returning
        self._sign_ins = sign_ins
        self._ways = ways
        self._sign_ups = sign_ups
        self._resets = resets
        self._departures = departures
        self._steps = steps
        self._entrances = entrances
        self._devices = devices

    def open(self, params: Params, cookies: Cookies) -> Opening:
        """Answer what the page shows; raises for a request that leads nowhere."""
        request = self._entries.check(params)
        found = self._returning.found(request, cookies)
        is_visit = found is not None and found[0].sign_in.is_visit
        return Opening(
            workspace=self._workspaces.get(request.workspace),
            application=self._places.of(request.workspace, request.app),
            request=request,
            person=None if found is None or is_visit else found[1],
            visit=self._returning.visiting(request, cookies, is_here=is_visit),
            invited=self._invites.shown(request.workspace, cookies),
        )

    def sign_in(
        self,
        params: Params,
        *,
        email: str,
        password: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Let a person in with a password, or answer what they have to show beside it."""
        proof = BY_PASSWORD.asked(self._clock.now())
        request = self._entries.check(params)
        person = self._sign_ins.authenticate(
            request.workspace,
            email=email,
            password=password,
            visit=visit,
            app=request.app,
            admits=lambda person: self._ways.admits(request, person, cookies),
        )
        return self._entrances.go_on(
            request,
            person,
            proof,
            cookies=cookies,
            visit=visit,
            offers_passkey=offers_passkey,
        )

    def show_totp(
        self,
        params: Params,
        *,
        challenge: str,
        code: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Let a person in with an authenticator's code."""
        request = self._entries.check(params)
        proven = self._steps.show_totp(
            request.workspace,
            challenge=challenge,
            typed=code,
            bound=request.digest,
            visit=visit,
            app=request.app,
        )
        return self._entrances.go_on(
            request,
            proven.user.person,
            proven.proof,
            cookies=cookies,
            visit=visit,
            offers_passkey=offers_passkey,
        )

    def show_recovery(
        self,
        params: Params,
        *,
        challenge: str,
        code: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Let a person in with a recovery code."""
        request = self._entries.check(params)
        proven = self._steps.show_recovery(
            request.workspace,
            challenge=challenge,
            typed=code,
            bound=request.digest,
            place=self._places.of(request.workspace, request.app).name,
            visit=visit,
            app=request.app,
        )
        return self._entrances.go_on(
            request,
            proven.user.person,
            proven.proof,
            cookies=cookies,
            visit=visit,
            offers_passkey=offers_passkey,
        )

    def enrol(self, params: Params, *, challenge: str, code: str, visit: Visit) -> Step:
        """Take an authenticator into use that the workspace demands."""
        request = self._entries.check(params)
        return self._steps.enrol(
            request.workspace,
            challenge=challenge,
            typed=code,
            bound=request.digest,
            place=self._places.of(request.workspace, request.app).name,
            visit=visit,
            app=request.app,
        )

    def keep(
        self, params: Params, *, challenge: str, cookies: Cookies, visit: Visit
    ) -> Entered | Step:
        """Let a person in who has seen their recovery codes."""
        request = self._entries.check(params)
        proven = self._steps.keep(request.workspace, challenge=challenge, bound=request.digest)
        return self._entrances.go_on(
            request, proven.user.person, proven.proof, cookies=cookies, visit=visit
        )

    def sign_up(
        self,
        params: Params,
        *,
        email: str,
        password: str,
        name: str | None,
        cookies: Cookies,
        visit: Visit,
    ) -> tuple[str, str]:
        """Begin an account; answers the challenge's secret and the address it was mailed to."""
        return self._sign_ups.start(
            self._entries.check(params),
            email=email,
            password=password,
            name=name,
            cookies=cookies,
            visit=visit,
        )

    def verify(
        self,
        params: Params,
        *,
        challenge: str,
        code: str,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Let a new person in with the code that was mailed."""
        proof = BY_SIGN_UP.asked(self._clock.now())
        request = self._entries.check(params)
        person = self._sign_ups.verify(request, challenge=challenge, code=code, visit=visit)
        return self._entrances.go_on(
            request, person, proof, cookies=cookies, visit=visit, offers_passkey=offers_passkey
        )

    def resend(self, params: Params, *, challenge: str) -> None:
        """Mail another code."""
        self._sign_ups.resend(self._entries.check(params), challenge=challenge)

    def forget(self, params: Params, *, email: str, visit: Visit) -> tuple[str, str]:
        """Begin a new password; answers the challenge's secret and the address it was mailed to."""
        return self._resets.start(self._entries.check(params), email=email, visit=visit)

    def reset(
        self, params: Params, *, challenge: str, code: str, password: str, visit: Visit
    ) -> Mark:
        """Replace a forgotten password with the code that was mailed.

        The browser is the person's from then on: they need not wait for strangers who guess.
        """
        person = self._resets.finish(
            self._entries.check(params),
            challenge=challenge,
            code=code,
            password=password,
            visit=visit,
        )
        return self._devices.remember(person, visit)

    def resume(self, params: Params, cookies: Cookies, visit: Visit) -> str:
        """Answer where a person goes whom the browser remembers; raises `TokenMissing`."""
        request = self._entries.check(params)
        location = self.resumed(request, cookies, visit)
        if location is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        return location

    def resumed(self, request: AuthorizationRequest, cookies: Cookies, visit: Visit) -> str | None:
        """Answer where a person goes whom the browser remembers and the request accepts."""
        given_at, found = self._clock.now(), self._returning.found(request, cookies)
        if found is None:
            return None
        browser = found[0]
        return self._departures.location(
            request,
            browser.person,
            browser.sign_in,
            visit,
            browser=browser.id,
            given_at=given_at,
        )
