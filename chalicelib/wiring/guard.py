"""The services that stand between a guesser and a person, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.applications import Applications
    from chalicelib.services.attempts import Guesses
    from chalicelib.services.audit import Trail
    from chalicelib.services.devices import Devices
    from chalicelib.services.failures import Failures
    from chalicelib.services.keys import Keys
    from chalicelib.services.locks import Locks
    from chalicelib.services.notices import Notices
    from chalicelib.services.sign_ins import SignIns
    from chalicelib.services.users import Users
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.ports import Adapters


class Guard:
    """What a try costs, whose browser is known, what is recorded and who is told."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        keys: "Keys",
        workspaces: "Workspaces",
        applications: "Applications",
        users: "Users",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces
        self._applications = applications
        self._users = users

    @cached_property
    def guesses(self) -> "Guesses":
        from chalicelib.services.attempts import Guesses

        return Guesses(clock=self._adapters.clock, store=self._adapters.login, keys=self._keys)

    @cached_property
    def devices(self) -> "Devices":
        from chalicelib.services.devices import Devices

        return Devices(clock=self._adapters.clock, store=self._adapters.devices, trail=self._trail)

    @cached_property
    def notices(self) -> "Notices":
        from chalicelib.services.notices import Notices

        return Notices(
            clock=self._adapters.clock,
            users=self._users,
            guesses=self.guesses,
            mailer=self._adapters.mailer,
            workspaces=self._workspaces,
            applications=self._applications,
        )

    @cached_property
    def failures(self) -> "Failures":
        from chalicelib.services.failures import Failures

        return Failures(
            clock=self._adapters.clock,
            guesses=self.guesses,
            notices=self.notices,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def sign_ins(self) -> "SignIns":
        from chalicelib.services.sign_ins import SignIns

        return SignIns(
            clock=self._adapters.clock,
            users=self._users,
            passwords=self._adapters.passwords,
            guesses=self.guesses,
            devices=self.devices,
            failures=self.failures,
        )

    @cached_property
    def locks(self) -> "Locks":
        from chalicelib.services.locks import Locks

        return Locks(users=self._users, guesses=self.guesses, trail=self._trail)
