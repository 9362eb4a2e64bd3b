"""Entrances: whoever has shown enough is let in and sent on, and others are asked for more."""

from dataclasses import dataclass, field

from chalicelib.domain.callers import Visit
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.sessions import Person
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.departures import Departures
from chalicelib.services.devices import Devices, Mark
from chalicelib.services.notices import Notices
from chalicelib.services.steps import Step, Steps
from chalicelib.services.visitors import Visitors
from chalicelib.services.ways import Ways


@dataclass(frozen=True, slots=True)
class Entered:
    """A person is in: where the browser goes, and the new value of the workspace's cookie."""

    location: str = field(repr=False)
    workspace: WorkspaceId
    secret: str = field(repr=False)
    mark: Mark


class Entrances:
    """The last step of every sign-in."""

    def __init__(
        self,
        *,
        ways: Ways,
        steps: Steps,
        browsers: Browsers,
        devices: Devices,
        notices: Notices,
        departures: Departures,
        visitors: Visitors,
    ) -> None:
        """Take the services that ask, remember the browser, and send it on."""
        self._ways = ways
        self._steps = steps
        self._devices = devices
        self._notices = notices
        self._browsers = browsers
        self._departures = departures
        self._visitors = visitors

    def go_on(
        self,
        request: AuthorizationRequest,
        person: Person,
        proof: Proof,
        *,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool = False,
    ) -> Entered | Step:
        """Answer what a person still owes, has to choose or may want, or let them in.

        Raises `Forbidden` where it is not by this that people come in.
        """
        self._departures.admit(request, person)
        proof = self._ways.admit(request, person, proof, cookies)
        step = self._steps.owed(person, proof, bound=request.digest, wants_two=request.wants_two)
        if step is not None:
            return step
        # Before the sign-in stands: whoever leaves here finds both as they were.
        luggage = self._visitors.luggage(person, cookies)
        if luggage.is_any:
            return self._steps.choose(person, proof, luggage, bound=request.digest)
        return self.go_in(
            request, person, proof, cookies=cookies, visit=visit, offers_passkey=offers_passkey
        )

    def go_in(
        self,
        request: AuthorizationRequest,
        person: Person,
        proof: Proof,
        *,
        cookies: Cookies,
        visit: Visit,
        offers_passkey: bool,
    ) -> Entered | Step:
        """Answer what a person may want who owes nothing, or let them in."""
        if offers_passkey:
            step = self._steps.offer(person, proof, bound=request.digest)
            if step is not None:
                return step
        return self.enter(request, person, proof, cookies=cookies, visit=visit)

    def enter(
        self,
        request: AuthorizationRequest,
        person: Person,
        proof: Proof,
        *,
        cookies: Cookies,
        visit: Visit,
    ) -> Entered:
        """Begin the browser's sign-in and answer where it goes.

        A person is told of a browser that was not known as theirs, once: it is known from now on.
        Of an emergency all are told whom the workspace names for it.
        """
        # Once more: who is asked for is no part of what a conversation is bound to.
        self._departures.admit(request, person)
        emergency = self._ways.emergency(person, proof)
        is_known = self._devices.known(person, visit) is not None
        begun = self._browsers.begin(
            person,
            proof,
            cookies=cookies,
            app=request.app,
            visit=visit,
            is_known=is_known,
            is_emergency=emergency is not None,
        )
        browser = begun.browser
        location = self._departures.location(
            request, person, browser.sign_in, visit, browser=browser.id, given_at=begun.given_at
        )
        mark = self._devices.remember(person, visit)
        if emergency is not None:
            self._notices.emergency(emergency, person, app=request.app, visit=visit)
        elif not is_known:
            self._notices.arrived(person, app=request.app, visit=visit)
        return Entered(
            location=location, workspace=request.workspace, secret=begun.secret, mark=mark
        )
