"""The container: builds every service once, at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.settings import Settings
from chalicelib.wiring.ports import Adapters

if TYPE_CHECKING:
    from chalicelib.services.admission import Admission
    from chalicelib.services.applications import Applications
    from chalicelib.services.arrivals import Arrivals
    from chalicelib.services.attempts import Guesses
    from chalicelib.services.audit import Trail
    from chalicelib.services.authorization import Authorization
    from chalicelib.services.backups import Backups
    from chalicelib.services.browsers import Browsers
    from chalicelib.services.codes import Codes
    from chalicelib.services.deployment import Deployment
    from chalicelib.services.expiry import Expiry
    from chalicelib.services.grants import Grants
    from chalicelib.services.keys import Keys
    from chalicelib.services.login import Login
    from chalicelib.services.oidc import Oidc
    from chalicelib.services.operators import Operators
    from chalicelib.services.payloads import Payloads
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.sign_ins import SignIns
    from chalicelib.services.sign_ups import SignUps
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.users import Users
    from chalicelib.services.workspaces import Workspaces

# Imports stand inside the properties so that a cold start pays only for what its route touches.


class Container:
    """The services, each built at its first use."""

    def __init__(self, settings: Settings, adapters: Adapters) -> None:
        """Take what the services stand on."""
        self.settings = settings
        self.adapters = adapters

    @cached_property
    def trail(self) -> "Trail":
        from chalicelib.services.audit import Trail

        return Trail(self.adapters.clock)

    @cached_property
    def keys(self) -> "Keys":
        from chalicelib.services.keys import Keys

        ports = self.adapters
        return Keys(clock=ports.clock, store=ports.keys, root=ports.root_key, cipher=ports.cipher)

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.services.tokens import Tokens

        ports = self.adapters
        return Tokens(
            clock=ports.clock,
            origin=self.settings.origin,
            store=ports.keys,
            signatures=ports.signatures,
        )

    @cached_property
    def workspaces(self) -> "Workspaces":
        from chalicelib.services.workspaces import Workspaces

        ports = self.adapters
        return Workspaces(
            clock=ports.clock, store=ports.workspaces, keys=self.keys, trail=self.trail
        )

    @cached_property
    def applications(self) -> "Applications":
        from chalicelib.services.applications import Applications

        ports = self.adapters
        return Applications(clock=ports.clock, store=ports.applications, trail=self.trail)

    @cached_property
    def arrivals(self) -> "Arrivals":
        from chalicelib.services.arrivals import Arrivals

        return Arrivals(
            workspaces=self.workspaces,
            applications=self.applications,
            sessions=self.adapters.sessions,
        )

    @cached_property
    def operators(self) -> "Operators":
        from chalicelib.services.operators import Operators

        return Operators(
            clock=self.adapters.clock,
            store=self.adapters.members,
            workspaces=self.workspaces,
            arrivals=self.arrivals,
            tokens=self.tokens,
        )

    @cached_property
    def admission(self) -> "Admission":
        from chalicelib.services.admission import Admission

        return Admission(
            clock=self.adapters.clock,
            sessions=self.adapters.sessions,
            workspaces=self.workspaces,
            applications=self.applications,
            keys=self.keys,
        )

    @cached_property
    def sessions(self) -> "Sessions":
        from chalicelib.services.sessions import Sessions

        return Sessions(
            clock=self.adapters.clock,
            store=self.adapters.sessions,
            admission=self.admission,
            keys=self.keys,
            trail=self.trail,
        )

    @cached_property
    def grants(self) -> "Grants":
        from chalicelib.services.grants import Grants

        return Grants(
            clock=self.adapters.clock,
            store=self.adapters.sessions,
            login=self.adapters.login,
            admission=self.admission,
            tokens=self.tokens,
            trail=self.trail,
        )

    @cached_property
    def payloads(self) -> "Payloads":
        from chalicelib.services.payloads import Payloads

        return Payloads(
            clock=self.adapters.clock,
            store=self.adapters.payloads,
            admission=self.admission,
            keys=self.keys,
            trail=self.trail,
        )

    @cached_property
    def expiry(self) -> "Expiry":
        from chalicelib.services.expiry import Expiry

        return Expiry(clock=self.adapters.clock, store=self.adapters.sessions, trail=self.trail)

    @cached_property
    def backups(self) -> "Backups":
        from chalicelib.services.backups import Backups

        return Backups(
            stage=self.settings.stage,
            clock=self.adapters.clock,
            dump=self.adapters.dump,
            vaults=self.adapters.vaults,
            audit=self.adapters.audit,
            trail=self.trail,
        )

    @cached_property
    def guesses(self) -> "Guesses":
        from chalicelib.services.attempts import Guesses

        return Guesses(clock=self.adapters.clock, store=self.adapters.login, keys=self.keys)

    @cached_property
    def users(self) -> "Users":
        from chalicelib.services.users import Users

        return Users(
            clock=self.adapters.clock,
            store=self.adapters.users,
            keys=self.keys,
            passwords=self.adapters.passwords,
            addresses=self.adapters.addresses,
            trail=self.trail,
        )

    @cached_property
    def browsers(self) -> "Browsers":
        from chalicelib.services.browsers import Browsers

        return Browsers(clock=self.adapters.clock, store=self.adapters.login, trail=self.trail)

    @cached_property
    def authorization(self) -> "Authorization":
        from chalicelib.services.authorization import Authorization

        return Authorization(
            workspaces=self.workspaces, applications=self.applications, tokens=self.tokens
        )

    @cached_property
    def sign_ins(self) -> "SignIns":
        from chalicelib.services.sign_ins import SignIns

        return SignIns(
            users=self.users,
            passwords=self.adapters.passwords,
            guesses=self.guesses,
            audit=self.adapters.audit,
            trail=self.trail,
        )

    @cached_property
    def sign_ups(self) -> "SignUps":
        from chalicelib.services.sign_ups import SignUps

        return SignUps(
            clock=self.adapters.clock,
            store=self.adapters.login,
            users=self.users,
            guesses=self.guesses,
            mailer=self.adapters.mailer,
            workspaces=self.workspaces,
            applications=self.applications,
            audit=self.adapters.audit,
            trail=self.trail,
        )

    @cached_property
    def codes(self) -> "Codes":
        from chalicelib.services.codes import Codes

        return Codes(
            clock=self.adapters.clock,
            store=self.adapters.login,
            workspaces=self.workspaces,
            applications=self.applications,
            users=self.users,
            sessions=self.sessions,
            grants=self.grants,
            tokens=self.tokens,
        )

    @cached_property
    def login(self) -> "Login":
        from chalicelib.services.login import Login

        return Login(
            clock=self.adapters.clock,
            authorization=self.authorization,
            workspaces=self.workspaces,
            applications=self.applications,
            users=self.users,
            browsers=self.browsers,
            sign_ins=self.sign_ins,
            sign_ups=self.sign_ups,
            codes=self.codes,
        )

    @cached_property
    def oidc(self) -> "Oidc":
        from chalicelib.services.oidc import Oidc

        return Oidc(
            workspaces=self.workspaces,
            authorization=self.authorization,
            browsers=self.browsers,
            login=self.login,
            tokens=self.tokens,
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
            users=self.users,
        )
