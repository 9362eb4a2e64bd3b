"""Entrances: whoever has shown enough is let in, and sent on."""

from dataclasses import dataclass, field

from chalicelib.domain.callers import Visit
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.departures import Departures


@dataclass(frozen=True, slots=True)
class Entered:
    """A person is in: where the browser goes, and the new value of the workspace's cookie."""

    location: str = field(repr=False)
    workspace: WorkspaceId
    secret: str = field(repr=False)


class Entrances:
    """The last step of every sign-in."""

    def __init__(self, *, clock: Clock, browsers: Browsers, departures: Departures) -> None:
        """Take the services that remember the browser and send it on."""
        self._clock = clock
        self._browsers = browsers
        self._departures = departures

    def enter(
        self,
        request: AuthorizationRequest,
        person: Person,
        proof: Proof,
        *,
        cookies: Cookies,
        visit: Visit,
    ) -> Entered:
        """Begin the browser's sign-in and answer where it goes."""
        sign_in = proof.at(self._clock.now())
        secret = self._browsers.begin(
            person, sign_in, cookies=cookies, app=request.app, method=proof.method, visit=visit
        )
        return Entered(
            location=self._departures.location(request, person, sign_in, visit),
            workspace=request.workspace,
            secret=secret,
        )
