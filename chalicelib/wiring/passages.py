"""The services that stand between an application and the login, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.applications import Applications
    from chalicelib.services.attempts import Guesses
    from chalicelib.services.authorization import Authorization
    from chalicelib.services.codes import Codes
    from chalicelib.services.departures import Departures
    from chalicelib.services.device_authorizations import DeviceAuthorizations
    from chalicelib.services.dpop import Dpop
    from chalicelib.services.endings import Endings
    from chalicelib.services.entries import Entries
    from chalicelib.services.grants import Grants
    from chalicelib.services.keys import Keys
    from chalicelib.services.payload_schemas import PayloadSchemas
    from chalicelib.services.places import Places
    from chalicelib.services.pushed_requests import PushedRequests
    from chalicelib.services.refreshes import Refreshes
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.token_sets import TokenSets
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.users import Users
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.ports import Adapters


class Passages:
    """How an application's request comes in, and how an answer goes back to it."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        keys: "Keys",
        tokens: "Tokens",
        workspaces: "Workspaces",
        applications: "Applications",
        places: "Places",
        schemas: "PayloadSchemas",
        sessions: "Sessions",
        endings: "Endings",
        grants: "Grants",
        dpop: "Callable[[], Dpop]",
        users: "Users",
        guesses: "Callable[[], Guesses]",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._keys = keys
        self._tokens = tokens
        self._workspaces = workspaces
        self._applications = applications
        self._places = places
        self._schemas = schemas
        self._sessions = sessions
        self._endings = endings
        self._grants = grants
        self._dpop = dpop
        self._users = users
        self._guesses = guesses

    @cached_property
    def authorization(self) -> "Authorization":
        from chalicelib.services.authorization import Authorization

        return Authorization(
            workspaces=self._workspaces,
            applications=self._applications,
            schemas=self._schemas,
            tokens=self._tokens,
        )

    @cached_property
    def token_sets(self) -> "TokenSets":
        from chalicelib.services.token_sets import TokenSets

        return TokenSets(grants=self._grants, tokens=self._tokens)

    @cached_property
    def refreshes(self) -> "Refreshes":
        from chalicelib.services.refreshes import Refreshes

        return Refreshes(
            clock=self._adapters.clock,
            store=self._adapters.refresh,
            sessions=self._adapters.sessions,
            users=self._users,
            keys=self._keys,
            grants=self._grants,
            token_sets=self.token_sets,
        )

    @cached_property
    def codes(self) -> "Codes":
        from chalicelib.services.codes import Codes

        return Codes(
            clock=self._adapters.clock,
            store=self._adapters.login,
            applications=self._applications,
            users=self._users,
            sessions=self._sessions,
            grants=self._grants,
            endings=self._endings,
            token_sets=self.token_sets,
            refreshes=self.refreshes,
            keys=self._keys,
            tokens=self._tokens,
        )

    @cached_property
    def entries(self) -> "Entries":
        from chalicelib.services.entries import Entries

        return Entries(
            authorization=self.authorization,
            workspaces=self._workspaces,
            applications=self._applications,
            places=self._places,
            tokens=self._tokens,
            device_authorizations=self.device_authorizations,
        )

    @cached_property
    def device_authorizations(self) -> "DeviceAuthorizations":
        from chalicelib.services.device_authorizations import DeviceAuthorizations

        return DeviceAuthorizations(
            clock=self._adapters.clock,
            store=self._adapters.device_authorizations,
            keys=self._keys,
            codes=self.codes,
            guesses=self._guesses,
            dpop=self._dpop,
        )

    @cached_property
    def departures(self) -> "Departures":
        from chalicelib.services.departures import Departures

        return Departures(
            applications=self._applications,
            users=self._users,
            codes=self.codes,
            sessions=self._sessions,
            grants=self._grants,
        )

    @cached_property
    def pushed_requests(self) -> "PushedRequests":
        from chalicelib.services.pushed_requests import PushedRequests

        return PushedRequests(
            clock=self._adapters.clock,
            store=self._adapters.pushed_requests,
            cipher=self._adapters.cipher,
            authorization=self.authorization,
            guesses=self._guesses,
            dpop=self._dpop,
        )
