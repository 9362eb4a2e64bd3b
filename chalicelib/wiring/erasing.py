"""The services that erase people, each built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.absences import Absences
    from chalicelib.services.audit import Trail
    from chalicelib.services.destructions import Destructions
    from chalicelib.services.erasures import Erasures
    from chalicelib.services.own_erasure import OwnErasure
    from chalicelib.services.remnants import Remnants
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.holdings import Holdings
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.ports import Adapters


class Erasing:
    """What destroys keys, and the job's part, which holds nothing that opens."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        workspaces: "Workspaces",
        holdings: "Holdings",
        hosted: "Callable[[], HostedLogin]",
    ) -> None:
        """Take what is outside, and the services below; the job has no use for the login's."""
        self._adapters = adapters
        self._trail = trail
        self._workspaces = workspaces
        self._holdings = holdings
        self._hosted = hosted

    @cached_property
    def remnants(self) -> "Remnants":
        from chalicelib.services.remnants import Remnants

        return Remnants(
            clock=self._adapters.clock,
            store=self._adapters.erasures,
            sessions=self._adapters.sessions,
            objects=self._holdings.objects,
            trail=self._trail,
        )

    @cached_property
    def destructions(self) -> "Destructions":
        from chalicelib.services.destructions import Destructions

        return Destructions(
            clock=self._adapters.clock, store=self._adapters.erasures, trail=self._trail
        )

    @cached_property
    def absences(self) -> "Absences":
        from chalicelib.services.absences import Absences

        return Absences(
            clock=self._adapters.clock,
            store=self._adapters.visitors,
            users=self._adapters.users,
            workspaces=self._adapters.workspaces,
            login=self._adapters.login,
            refresh=self._adapters.refresh,
            destructions=self.destructions,
        )

    @cached_property
    def erasures(self) -> "Erasures":
        from chalicelib.services.erasures import Erasures
        from chalicelib.services.memberships import Memberships

        return Erasures(
            clock=self._adapters.clock,
            destructions=self.destructions,
            users=self._hosted().users,
            memberships=Memberships(
                clock=self._adapters.clock,
                store=self._adapters.members,
                workspaces=self._workspaces,
                trail=self._trail,
            ),
            emergencies=self._hosted().account.emergencies,
            remnants=self.remnants,
            audit=self._adapters.audit,
        )

    @cached_property
    def own(self) -> "OwnErasure":
        from chalicelib.services.own_erasure import OwnErasure

        account = self._hosted().account
        return OwnErasure(
            dashboard=account.dashboard,
            account=account.own,
            erasures=self.erasures,
            credentials=account.credentials,
        )
