"""One's own passkeys, looked at and changed by their person."""

from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.passkeys import Attestation
from chalicelib.services.dashboard import Dashboard
from chalicelib.services.own_account import OwnAccount
from chalicelib.services.passkeys import Ceremony
from chalicelib.services.registrations import Named, Registrations


class OwnPasskeys:
    """Adding and removing want a fresh sign-in, end the others, and are told by mail."""

    def __init__(
        self, *, dashboard: Dashboard, account: OwnAccount, registrations: Registrations
    ) -> None:
        """Take the services of each change."""
        self._dashboard = dashboard
        self._account = account
        self._registrations = registrations

    def of(self, caller: PersonCaller) -> tuple[Named, ...]:
        """Answer a person's passkeys, the oldest first."""
        return self._registrations.of(caller.person)

    def begin(self, caller: PersonCaller) -> Ceremony:
        """Answer what lets the browser make a passkey."""
        self._dashboard.demand_fresh(caller)
        return self._registrations.begin(
            self._account.user(caller), place=caller.workspace.name, bound=caller.browser.digest
        )

    def finish(
        self, caller: PersonCaller, said: Attestation, *, challenge: str, name: str | None
    ) -> Named:
        """Keep the passkey that was made."""
        self._dashboard.demand_fresh(caller)
        return self._registrations.finish(
            self._account.user(caller),
            said,
            challenge=challenge,
            name=name,
            bound=caller.browser.digest,
            place=caller.workspace.name,
            visit=caller.visit,
            but=caller.browser.digest,
        )

    def rename(self, caller: PersonCaller, passkey_id: str, name: str) -> Named:
        """Give a passkey another name; raises `NotFound`."""
        return self._registrations.rename(caller.person, passkey_id, name, visit=caller.visit)

    def remove(self, caller: PersonCaller, passkey_id: str) -> None:
        """Take a passkey away; raises `NotFound`."""
        self._dashboard.demand_fresh(caller)
        self._registrations.remove(
            self._account.user(caller),
            passkey_id,
            place=caller.workspace.name,
            visit=caller.visit,
            but=caller.browser.digest,
        )
