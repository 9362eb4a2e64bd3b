"""The services of those who were invited or have no account, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.applications import Applications
    from chalicelib.services.audit import Trail
    from chalicelib.services.browsers import Browsers
    from chalicelib.services.invites import Invites
    from chalicelib.services.keys import Keys
    from chalicelib.services.places import Places
    from chalicelib.services.returning import Returning
    from chalicelib.services.users import Users
    from chalicelib.services.visitors import Visitors
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.guard import Guard
    from chalicelib.wiring.ports import Adapters


class Guests:
    """Invites, visitors, and whom a browser remembers."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        origin: str,
        trail: "Trail",
        keys: "Keys",
        workspaces: "Workspaces",
        applications: "Applications",
        places: "Places",
        users: "Users",
        browsers: "Browsers",
        guard: "Guard",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._origin = origin
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces
        self._applications = applications
        self._places = places
        self._users = users
        self._browsers = browsers
        self._guard = guard

    @cached_property
    def invites(self) -> "Invites":
        from chalicelib.services.invites import Invites

        return Invites(
            clock=self._adapters.clock,
            origin=self._origin,
            store=self._adapters.invites,
            users=self._users,
            keys=self._keys,
            guesses=self._guard.guesses,
            mailer=self._adapters.mailer,
            workspaces=self._workspaces,
            applications=self._applications,
            trail=self._trail,
        )

    @cached_property
    def visitors(self) -> "Visitors":
        from chalicelib.services.visitors import Visitors

        return Visitors(
            clock=self._adapters.clock,
            store=self._adapters.users,
            awaited=self._adapters.visitors,
            login=self._adapters.login,
            sessions=self._adapters.sessions,
            users=self._users,
            keys=self._keys,
            guesses=self._guard.guesses,
            workspaces=self._workspaces,
            places=self._places,
            trail=self._trail,
        )

    @cached_property
    def returning(self) -> "Returning":
        from chalicelib.services.returning import Returning

        return Returning(
            clock=self._adapters.clock,
            workspaces=self._workspaces,
            users=self._users,
            browsers=self._browsers,
            visitors=self.visitors,
        )
