"""The services of passkeys, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.domain.passkeys import RelyingParty
    from chalicelib.services.audit import Trail
    from chalicelib.services.keys import Keys
    from chalicelib.services.own_passkeys import OwnPasskeys
    from chalicelib.services.passkey_login import PasskeyLogin
    from chalicelib.services.passkey_offers import PasskeyOffers
    from chalicelib.services.passkeys import Passkeys
    from chalicelib.services.registrations import Registrations
    from chalicelib.services.step_ups import PasskeyStepUps
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.settings import Settings
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.ports import Adapters


class PasskeyDesk:
    """Passkeys: shown and offered at the login, looked after by their people."""

    def __init__(
        self,
        adapters: "Adapters",
        settings: "Settings",
        hosted: "HostedLogin",
        trail: "Trail",
        keys: "Keys",
        *,
        workspaces: "Workspaces",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._settings = settings
        self._hosted = hosted
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces

    @cached_property
    def party(self) -> "RelyingParty":
        from chalicelib.domain.passkeys import RelyingParty

        return RelyingParty.at(self._settings.origin)

    @cached_property
    def passkeys(self) -> "Passkeys":
        from chalicelib.services.passkeys import Passkeys

        return Passkeys(
            party=self.party,
            clock=self._adapters.clock,
            store=self._adapters.passkeys,
            ceremonies=self._adapters.ceremonies,
            challenges=self._adapters.challenges,
            users=self._hosted.users,
            guesses=self._hosted.guard.guesses,
            devices=self._hosted.guard.devices,
            failures=self._hosted.guard.failures,
        )

    @cached_property
    def registrations(self) -> "Registrations":
        from chalicelib.services.registrations import Registrations

        return Registrations(
            party=self.party,
            clock=self._adapters.clock,
            store=self._adapters.passkeys,
            ceremonies=self._adapters.ceremonies,
            challenges=self._adapters.challenges,
            keys=self._keys,
            users=self._hosted.users,
            credentials=self._hosted.account.credentials,
            trail=self._trail,
        )

    @cached_property
    def login(self) -> "PasskeyLogin":
        from chalicelib.services.passkey_login import PasskeyLogin

        return PasskeyLogin(
            entries=self._hosted.passages.entries,
            passkeys=self.passkeys,
            entrances=self._hosted.entrances,
        )

    @cached_property
    def offers(self) -> "PasskeyOffers":
        from chalicelib.services.passkey_offers import PasskeyOffers

        return PasskeyOffers(
            entries=self._hosted.passages.entries,
            workspaces=self._workspaces,
            steps=self._hosted.account.steps,
            registrations=self.registrations,
            entrances=self._hosted.entrances,
        )

    @cached_property
    def step_ups(self) -> "PasskeyStepUps":
        from chalicelib.services.step_ups import PasskeyStepUps

        return PasskeyStepUps(dashboard=self._hosted.account.dashboard, passkeys=self.passkeys)

    @cached_property
    def own(self) -> "OwnPasskeys":
        from chalicelib.services.own_passkeys import OwnPasskeys

        return OwnPasskeys(
            dashboard=self._hosted.account.dashboard,
            account=self._hosted.account.own,
            registrations=self.registrations,
        )
