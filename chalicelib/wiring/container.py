"""The container: builds every service once, at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.foundation import Foundation

if TYPE_CHECKING:
    from chalicelib.services.activity import Activity
    from chalicelib.services.deployment import Deployment
    from chalicelib.services.dpop import Dpop
    from chalicelib.services.endings import Endings
    from chalicelib.services.grants import Grants
    from chalicelib.services.heads import Heads
    from chalicelib.services.payloads import Payloads
    from chalicelib.services.rates import Rates
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.writes import Writes
    from chalicelib.wiring.desk import OperatorsDesk
    from chalicelib.wiring.erasing import Erasing
    from chalicelib.wiring.federation import Federation
    from chalicelib.wiring.holdings import Holdings
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.passkeys import PasskeyDesk
    from chalicelib.wiring.provider import OpenIdProvider
    from chalicelib.wiring.upkeep import Upkeep
    from chalicelib.wiring.visiting import Visiting

# Imports stand inside the properties so that a cold start pays only for what its route touches.


class Container(Foundation):
    """The services, each built at its first use."""

    @cached_property
    def holdings(self) -> "Holdings":
        from chalicelib.wiring.holdings import Holdings

        return Holdings(
            self.adapters,
            trail=self.trail,
            keys=self.keys,
            workspaces=self.workspaces,
            schemas=self.schemas,
        )

    @cached_property
    def rates(self) -> "Rates":
        from chalicelib.services.rates import Rates

        return Rates(clock=self.adapters.clock, applications=self.applications)

    @cached_property
    def sessions(self) -> "Sessions":
        from chalicelib.services.sessions import Sessions

        return Sessions(
            clock=self.adapters.clock,
            store=self.adapters.sessions,
            admission=self.admission,
            beginnings=self.holdings.beginnings,
            receipts=self.holdings.receipts,
            keys=self.keys,
            objects=self.holdings.objects,
            trail=self.trail,
            usage=self.holdings.usage,
        )

    @cached_property
    def endings(self) -> "Endings":
        from chalicelib.services.endings import Endings

        return Endings(clock=self.adapters.clock, store=self.adapters.login)

    @cached_property
    def heads(self) -> "Heads":
        from chalicelib.services.heads import Heads

        ports = self.adapters
        return Heads(clock=ports.clock, store=ports.sessions, trail=self.trail)

    @cached_property
    def grants(self) -> "Grants":
        from chalicelib.services.grants import Grants

        return Grants(
            clock=self.adapters.clock,
            heads=self.heads,
            login=self.adapters.login,
            endings=self.endings,
            refresh=self.adapters.refresh,
            admission=self.admission,
            applications=self.applications,
            tokens=self.tokens,
        )

    @cached_property
    def payloads(self) -> "Payloads":
        from chalicelib.services.payloads import Payloads

        return Payloads(
            clock=self.adapters.clock,
            store=self.adapters.payloads,
            admission=self.admission,
            keys=self.keys,
            objects=self.holdings.objects,
            usage=self.holdings.usage,
        )

    @cached_property
    def writes(self) -> "Writes":
        from chalicelib.services.writes import Writes

        return Writes(
            clock=self.adapters.clock,
            store=self.adapters.payloads,
            admission=self.admission,
            payloads=self.payloads,
            receipts=self.holdings.receipts,
            objects=self.holdings.objects,
            schemas=self.schemas,
            keys=self.keys,
            trail=self.trail,
            quotas=self.holdings.quotas,
            usage=self.holdings.usage,
        )

    @cached_property
    def desk(self) -> "OperatorsDesk":
        from chalicelib.wiring.desk import OperatorsDesk

        return OperatorsDesk(
            self.adapters,
            trail=self.trail,
            applications=self.applications,
            schemas=self.schemas,
            payloads=self.payloads,
        )

    @cached_property
    def upkeep(self) -> "Upkeep":
        from chalicelib.wiring.upkeep import Upkeep

        return Upkeep(self.adapters, stage=self.settings.stage, trail=self.trail)

    @cached_property
    def activity(self) -> "Activity":
        from chalicelib.services.activity import Activity

        return Activity(clock=self.adapters.clock, store=self.adapters.activity)

    @cached_property
    def hosted(self) -> "HostedLogin":
        from chalicelib.wiring.hosted import HostedLogin

        return HostedLogin(
            self.adapters,
            origin=self.settings.origin,
            trail=self.trail,
            keys=self.keys,
            tokens=self.tokens,
            manage_tokens=self.manage_tokens,
            workspaces=self.workspaces,
            applications=self.applications,
            schemas=self.schemas,
            admission=self.admission,
            sessions=self.sessions,
            endings=self.endings,
            grants=self.grants,
            dpop=lambda: self.dpop,
            words=lambda: self.federation.words,
        )

    @cached_property
    def provider(self) -> "OpenIdProvider":
        from chalicelib.wiring.provider import OpenIdProvider

        return OpenIdProvider(
            self.adapters,
            workspaces=self.workspaces,
            applications=self.applications,
            admission=self.admission,
            grants=self.grants,
            tokens=self.tokens,
            dpop=lambda: self.dpop,
            visits=lambda: self.visiting.visits,
            hosted=self.hosted,
        )

    @cached_property
    def dpop(self) -> "Dpop":
        from chalicelib.services.dpop import Dpop

        ports = self.adapters
        return Dpop(clock=ports.clock, keys=self.keys, proofs=ports.proofs, store=ports.replays)

    @cached_property
    def passkeys(self) -> "PasskeyDesk":
        from chalicelib.wiring.passkeys import PasskeyDesk

        ports, trail = self.adapters, self.trail
        return PasskeyDesk(
            ports, self.settings, self.hosted, trail, self.keys, workspaces=self.workspaces
        )

    @cached_property
    def federation(self) -> "Federation":
        from chalicelib.wiring.federation import Federation

        return Federation(
            self.adapters,
            origin=self.settings.origin,
            trail=self.trail,
            keys=self.keys,
            workspaces=self.workspaces,
            hosted=self.hosted,
        )

    @cached_property
    def erasing(self) -> "Erasing":
        from chalicelib.wiring.erasing import Erasing

        return Erasing(
            self.adapters,
            trail=self.trail,
            workspaces=self.workspaces,
            holdings=self.holdings,
            hosted=lambda: self.hosted,
        )

    @cached_property
    def visiting(self) -> "Visiting":
        from chalicelib.wiring.visiting import Visiting

        return Visiting(
            self.adapters,
            trail=self.trail,
            keys=self.keys,
            applications=self.applications,
            sessions=self.sessions,
            grants=self.grants,
            hosted=self.hosted,
            payloads=lambda: self.payloads,
            erasures=lambda: self.erasing.erasures,
        )

    @cached_property
    def deployment(self) -> "Deployment":
        from chalicelib.services.deployment import Deployment

        return Deployment(
            origin=self.settings.origin,
            first_signing_key=self.settings.first_signing_key,
            console_open=self.settings.console_open,
            keys=self.adapters.keys,
            signatures=self.adapters.signatures,
            application_store=self.adapters.applications,
            workspaces=self.workspaces,
            applications=self.applications,
            users=self.hosted.users,
        )
