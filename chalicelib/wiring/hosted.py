"""The hosted login's services, each built at its first use, on top of the container's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.admission import Admission
    from chalicelib.services.applications import Applications
    from chalicelib.services.audit import Trail
    from chalicelib.services.browsers import Browsers
    from chalicelib.services.device_approvals import DeviceApprovals
    from chalicelib.services.dpop import Dpop
    from chalicelib.services.endings import Endings
    from chalicelib.services.entrances import Entrances
    from chalicelib.services.grants import Grants
    from chalicelib.services.keys import Keys
    from chalicelib.services.login import Login
    from chalicelib.services.manage_tokens import ManageTokens
    from chalicelib.services.payload_schemas import PayloadSchemas
    from chalicelib.services.places import Places
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.sign_outs import SignOuts
    from chalicelib.services.sign_ups import SignUps
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.users import Users
    from chalicelib.services.ways import Ways
    from chalicelib.services.words import Words
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.account import Account
    from chalicelib.wiring.guard import Guard
    from chalicelib.wiring.guests import Guests
    from chalicelib.wiring.passages import Passages
    from chalicelib.wiring.ports import Adapters


class HostedLogin:
    """Who people are and how they prove it; what they then reach is the container's."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        origin: str,
        trail: "Trail",
        keys: "Keys",
        tokens: "Tokens",
        manage_tokens: "ManageTokens",
        workspaces: "Workspaces",
        applications: "Applications",
        schemas: "PayloadSchemas",
        admission: "Admission",
        sessions: "Sessions",
        endings: "Endings",
        grants: "Grants",
        dpop: "Callable[[], Dpop]",
        words: "Callable[[], Words]",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._origin = origin
        self._trail = trail
        self._keys = keys
        self._tokens = tokens
        self._manage_tokens = manage_tokens
        self._workspaces = workspaces
        self._applications = applications
        self._schemas = schemas
        self._admission = admission
        self._sessions = sessions
        self._endings = endings
        self._grants = grants
        self._dpop = dpop
        self._words = words

    @cached_property
    def guard(self) -> "Guard":
        from chalicelib.wiring.guard import Guard

        return Guard(
            self._adapters,
            trail=self._trail,
            keys=self._keys,
            workspaces=self._workspaces,
            applications=self._applications,
            users=self.users,
        )

    @cached_property
    def users(self) -> "Users":
        from chalicelib.services.users import Users

        return Users(
            clock=self._adapters.clock,
            store=self._adapters.users,
            keys=self._keys,
            passwords=self._adapters.passwords,
            addresses=self._adapters.addresses,
            trail=self._trail,
        )

    @cached_property
    def browsers(self) -> "Browsers":
        from chalicelib.services.browsers import Browsers

        return Browsers(
            clock=self._adapters.clock,
            store=self._adapters.login,
            endings=self._endings,
            trail=self._trail,
        )

    @cached_property
    def places(self) -> "Places":
        from chalicelib.services.places import Places

        return Places(
            origin=self._origin, workspaces=self._workspaces, applications=self._applications
        )

    @cached_property
    def passages(self) -> "Passages":
        from chalicelib.wiring.passages import Passages

        return Passages(
            self._adapters,
            keys=self._keys,
            tokens=self._tokens,
            workspaces=self._workspaces,
            applications=self._applications,
            places=self.places,
            schemas=self._schemas,
            sessions=self._sessions,
            endings=self._endings,
            grants=self._grants,
            dpop=self._dpop,
            users=self.users,
            guesses=lambda: self.guard.guesses,
        )

    @cached_property
    def guests(self) -> "Guests":
        from chalicelib.wiring.guests import Guests

        return Guests(
            self._adapters,
            origin=self._origin,
            trail=self._trail,
            keys=self._keys,
            workspaces=self._workspaces,
            applications=self._applications,
            places=self.places,
            users=self.users,
            browsers=self.browsers,
            guard=self.guard,
        )

    @cached_property
    def sign_ups(self) -> "SignUps":
        from chalicelib.services.sign_ups import SignUps

        return SignUps(
            clock=self._adapters.clock,
            store=self._adapters.login,
            users=self.users,
            invites=self.guests.invites,
            guesses=self.guard.guesses,
            mailer=self._adapters.mailer,
            workspaces=self._workspaces,
            places=self.places,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def account(self) -> "Account":
        from chalicelib.wiring.account import Account

        return Account(
            self._adapters,
            trail=self._trail,
            keys=self._keys,
            applications=self._applications,
            places=self.places,
            users=self.users,
            guard=self.guard,
            endings=self._endings,
            grants=self._grants,
            tokens=self._manage_tokens,
            workspaces=self._workspaces,
            browsers=self.browsers,
            sign_ins=self.guard.sign_ins,
        )

    @cached_property
    def ways(self) -> "Ways":
        from chalicelib.services.ways import Ways

        return Ways(workspaces=self._workspaces, second=self.account.second, words=self._words)

    @cached_property
    def entrances(self) -> "Entrances":
        from chalicelib.services.entrances import Entrances

        return Entrances(
            ways=self.ways,
            steps=self.account.steps,
            browsers=self.browsers,
            devices=self.guard.devices,
            notices=self.guard.notices,
            departures=self.passages.departures,
            visitors=self.guests.visitors,
        )

    @cached_property
    def sign_outs(self) -> "SignOuts":
        from chalicelib.services.sign_outs import SignOuts

        return SignOuts(
            admission=self._admission,
            browsers=self.browsers,
            visitors=self.guests.visitors,
            grants=self._grants,
            tokens=self._tokens,
        )

    @cached_property
    def login(self) -> "Login":
        from chalicelib.services.login import Login

        return Login(
            clock=self._adapters.clock,
            entries=self.passages.entries,
            workspaces=self._workspaces,
            places=self.places,
            users=self.users,
            invites=self.guests.invites,
            returning=self.guests.returning,
            sign_ins=self.guard.sign_ins,
            ways=self.ways,
            sign_ups=self.sign_ups,
            resets=self.account.resets,
            steps=self.account.steps,
            entrances=self.entrances,
            devices=self.guard.devices,
            departures=self.passages.departures,
        )

    @cached_property
    def device_approvals(self) -> "DeviceApprovals":
        from chalicelib.services.device_approvals import DeviceApprovals

        return DeviceApprovals(
            clock=self._adapters.clock,
            store=self._adapters.device_authorizations,
            authorizations=self.passages.device_authorizations,
            entries=self.passages.entries,
            login=self.login,
            returning=self.guests.returning,
            browsers=self.browsers,
            guesses=self.guard.guesses,
            notices=self.guard.notices,
            workspaces=self._workspaces,
            trail=self._trail,
        )
