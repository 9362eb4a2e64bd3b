"""Offers: whoever is about to be let in may make a passkey for the next time, or not now."""

from chalicelib.domain.callers import Visit
from chalicelib.domain.ids import digest
from chalicelib.domain.passkeys import Attestation
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.entrances import Entered, Entrances
from chalicelib.services.entries import Entries
from chalicelib.services.passkeys import Ceremony
from chalicelib.services.registrations import Registrations
from chalicelib.services.steps import Steps
from chalicelib.services.workspaces import Workspaces


class PasskeyOffers:
    """The step of the login in which nothing is owed; what the page remembers is the page's."""

    def __init__(
        self,
        *,
        entries: Entries,
        workspaces: Workspaces,
        steps: Steps,
        registrations: Registrations,
        entrances: Entrances,
    ) -> None:
        """Take the services of each step."""
        self._entries = entries
        self._workspaces = workspaces
        self._steps = steps
        self._registrations = registrations
        self._entrances = entrances

    def begin(self, params: Params, *, offer: str) -> Ceremony:
        """Answer what lets the browser make a passkey; raises `ChallengeEnded`."""
        request = self._entries.check(params)
        proven = self._steps.offered(request.workspace, challenge=offer, bound=request.digest)
        place = self._workspaces.get(request.workspace).name
        return self._registrations.begin(proven.user, place=place, bound=digest(offer))

    def accept(
        self,
        params: Params,
        said: Attestation,
        *,
        offer: str,
        challenge: str,
        cookies: Cookies,
        visit: Visit,
    ) -> Entered:
        """Keep the passkey that was made, and let its person in."""
        request = self._entries.check(params)
        proven = self._steps.offered(request.workspace, challenge=offer, bound=request.digest)
        self._registrations.finish(
            proven.user,
            said,
            challenge=challenge,
            name=None,
            bound=digest(offer),
            place=self._workspaces.get(request.workspace).name,
            visit=visit,
            app=request.app,
            but=digest(offer),
        )
        return self.decline(params, offer=offer, cookies=cookies, visit=visit)

    def decline(self, params: Params, *, offer: str, cookies: Cookies, visit: Visit) -> Entered:
        """Let a person in who makes no passkey now; raises `ChallengeEnded`."""
        request = self._entries.check(params)
        proven = self._steps.settle(request.workspace, challenge=offer, bound=request.digest)
        return self._entrances.enter(
            request, proven.user.person, proven.proof, cookies=cookies, visit=visit
        )
