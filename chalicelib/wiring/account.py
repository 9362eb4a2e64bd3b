"""The services of what people prove themselves with, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.address_changes import AddressChanges
    from chalicelib.services.applications import Applications
    from chalicelib.services.audit import Trail
    from chalicelib.services.browsers import Browsers
    from chalicelib.services.credentials import Credentials
    from chalicelib.services.dashboard import Dashboard
    from chalicelib.services.emergencies import Emergencies
    from chalicelib.services.endings import Endings
    from chalicelib.services.enrolments import Enrolments
    from chalicelib.services.grants import Grants
    from chalicelib.services.keys import Keys
    from chalicelib.services.manage_tokens import ManageTokens
    from chalicelib.services.own_account import OwnAccount
    from chalicelib.services.own_sign_ins import OwnSignIns
    from chalicelib.services.places import Places
    from chalicelib.services.rescues import Rescues
    from chalicelib.services.resets import Resets
    from chalicelib.services.second_factors import SecondFactors
    from chalicelib.services.sign_ins import SignIns
    from chalicelib.services.step_ups import StepUps
    from chalicelib.services.steps import Steps
    from chalicelib.services.users import Users
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.guard import Guard
    from chalicelib.wiring.ports import Adapters


class Account:
    """Passwords, authenticators and recovery codes: shown, set up, changed."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        keys: "Keys",
        applications: "Applications",
        places: "Places",
        users: "Users",
        guard: "Guard",
        endings: "Endings",
        grants: "Grants",
        tokens: "ManageTokens",
        workspaces: "Workspaces",
        browsers: "Browsers",
        sign_ins: "SignIns",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._trail = trail
        self._keys = keys
        self._applications = applications
        self._places = places
        self._users = users
        self._guard = guard
        self._endings = endings
        self._grants = grants
        self._tokens = tokens
        self._workspaces = workspaces
        self._browsers = browsers
        self._sign_ins = sign_ins

    @cached_property
    def credentials(self) -> "Credentials":
        from chalicelib.services.credentials import Credentials

        return Credentials(
            users=self._users,
            devices=self._guard.devices,
            grants=self._grants,
            endings=self._endings,
            mailer=self._adapters.mailer,
        )

    @cached_property
    def resets(self) -> "Resets":
        from chalicelib.services.resets import Resets

        return Resets(
            clock=self._adapters.clock,
            store=self._adapters.challenges,
            users=self._users,
            guesses=self._guard.guesses,
            mailer=self._adapters.mailer,
            places=self._places,
            credentials=self.credentials,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def rescues(self) -> "Rescues":
        from chalicelib.services.rescues import Rescues

        return Rescues(
            clock=self._adapters.clock,
            factors=self._adapters.factors,
            passkeys=self._adapters.passkeys,
            workspaces=self._workspaces,
            users=self._users,
            credentials=self.credentials,
            trail=self._trail,
        )

    @cached_property
    def second(self) -> "SecondFactors":
        from chalicelib.services.second_factors import SecondFactors

        return SecondFactors(
            clock=self._adapters.clock,
            store=self._adapters.factors,
            codes=self._adapters.one_time_codes,
            keys=self._keys,
            guesses=self._guard.guesses,
            devices=self._guard.devices,
            failures=self._guard.failures,
            trail=self._trail,
        )

    @cached_property
    def emergencies(self) -> "Emergencies":
        from chalicelib.services.emergencies import Emergencies

        return Emergencies(
            clock=self._adapters.clock,
            workspaces=self._workspaces,
            users=self._users,
            second=self.second,
            passkeys=self._adapters.passkeys,
        )

    @cached_property
    def enrolments(self) -> "Enrolments":
        from chalicelib.services.enrolments import Enrolments

        return Enrolments(
            clock=self._adapters.clock,
            store=self._adapters.factors,
            challenges=self._adapters.challenges,
            codes=self._adapters.one_time_codes,
            keys=self._keys,
            users=self._users,
            second=self.second,
            credentials=self.credentials,
            trail=self._trail,
        )

    @cached_property
    def steps(self) -> "Steps":
        from chalicelib.services.steps import Steps

        return Steps(
            clock=self._adapters.clock,
            store=self._adapters.challenges,
            passkeys=self._adapters.passkeys,
            users=self._users,
            second=self.second,
            enrolments=self.enrolments,
            credentials=self.credentials,
            workspaces=self._workspaces,
        )

    @cached_property
    def dashboard(self) -> "Dashboard":
        from chalicelib.services.dashboard import Dashboard

        return Dashboard(
            clock=self._adapters.clock,
            workspaces=self._workspaces,
            users=self._users,
            browsers=self._browsers,
            devices=self._guard.devices,
            second=self.second,
            tokens=self._tokens,
        )

    @cached_property
    def step_ups(self) -> "StepUps":
        from chalicelib.services.step_ups import StepUps

        return StepUps(
            clock=self._adapters.clock,
            dashboard=self.dashboard,
            users=self._users,
            sign_ins=self._sign_ins,
            steps=self.steps,
        )

    @cached_property
    def own(self) -> "OwnAccount":
        from chalicelib.services.own_account import OwnAccount

        return OwnAccount(
            clock=self._adapters.clock,
            dashboard=self.dashboard,
            users=self._users,
            passwords=self._adapters.passwords,
            guesses=self._guard.guesses,
            failures=self._guard.failures,
            second=self.second,
            enrolments=self.enrolments,
            credentials=self.credentials,
        )

    @cached_property
    def own_sign_ins(self) -> "OwnSignIns":
        from chalicelib.services.own_sign_ins import OwnSignIns

        return OwnSignIns(
            clock=self._adapters.clock,
            refresh=self._adapters.refresh,
            applications=self._applications,
            browsers=self._browsers,
            devices=self._guard.devices,
            grants=self._grants,
        )

    @cached_property
    def addresses(self) -> "AddressChanges":
        from chalicelib.services.address_changes import AddressChanges

        return AddressChanges(
            clock=self._adapters.clock,
            store=self._adapters.challenges,
            dashboard=self.dashboard,
            account=self.own,
            users=self._users,
            keys=self._keys,
            guesses=self._guard.guesses,
            mailer=self._adapters.mailer,
            credentials=self.credentials,
            grants=self._grants,
        )
