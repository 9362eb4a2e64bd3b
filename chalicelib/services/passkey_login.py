"""Passkeys at the hosted login: asked for before anybody is named, and enough by themselves."""

from chalicelib.domain.callers import Visit
from chalicelib.domain.passkeys import Assertion
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.entrances import Entered, Entrances
from chalicelib.services.entries import Entries
from chalicelib.services.passkeys import Ceremony, Passkeys
from chalicelib.services.steps import Step


class PasskeyLogin:
    """The part of the login's conversation that is about passkeys."""

    def __init__(self, *, entries: Entries, passkeys: Passkeys, entrances: Entrances) -> None:
        """Take the services of each step."""
        self._entries = entries
        self._passkeys = passkeys
        self._entrances = entrances

    def ask(self, params: Params, visit: Visit) -> Ceremony:
        """Answer what lets anybody choose a passkey for this request, and show it."""
        request = self._entries.check(params)
        return self._passkeys.ask(request.workspace, bound=request.digest, visit=visit)

    def sign_in(
        self, params: Params, said: Assertion, *, challenge: str, cookies: Cookies, visit: Visit
    ) -> Entered | Step:
        """Let the person in whose passkey was shown."""
        request = self._entries.check(params)
        proven = self._passkeys.show(
            request.workspace,
            said,
            challenge=challenge,
            bound=request.digest,
            visit=visit,
            app=request.app,
        )
        return self._entrances.go_on(
            request, proven.person, proven.proof, cookies=cookies, visit=visit
        )
