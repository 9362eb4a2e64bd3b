"""The services of people without an account, on top of the hosted login's and the data's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.services.applications import Applications
    from chalicelib.services.audit import Trail
    from chalicelib.services.copies import Copies
    from chalicelib.services.erasures import Erasures
    from chalicelib.services.grants import Grants
    from chalicelib.services.keys import Keys
    from chalicelib.services.payloads import Payloads
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.upgrades import Upgrades
    from chalicelib.services.visits import Visits
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.ports import Adapters


class Visiting:
    """Visits, the accounts that they become, and the copies that they leave in others."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        keys: "Keys",
        applications: "Applications",
        sessions: "Sessions",
        grants: "Grants",
        hosted: "HostedLogin",
        payloads: "Callable[[], Payloads]",
        erasures: "Callable[[], Erasures]",
    ) -> None:
        """Take what is outside, and the services below; those of copies are asked for then."""
        self._adapters = adapters
        self._trail = trail
        self._keys = keys
        self._applications = applications
        self._sessions = sessions
        self._grants = grants
        self._hosted = hosted
        self._payloads = payloads
        self._erasures = erasures

    @cached_property
    def upgrades(self) -> "Upgrades":
        from chalicelib.services.upgrades import Upgrades

        return Upgrades(
            clock=self._adapters.clock,
            store=self._adapters.challenges,
            users=self._hosted.users,
            invites=self._hosted.guests.invites,
            keys=self._keys,
            guesses=self._hosted.guard.guesses,
            mailer=self._adapters.mailer,
            browsers=self._hosted.browsers,
            grants=self._grants,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def visits(self) -> "Visits":
        from chalicelib.services.visits import Visits

        return Visits(
            clock=self._adapters.clock,
            entries=self._hosted.passages.entries,
            places=self._hosted.places,
            visitors=self._hosted.guests.visitors,
            upgrades=self.upgrades,
            erasures=self._erasures,
            departures=self._hosted.passages.departures,
            steps=self._hosted.account.steps,
            entrances=self._hosted.entrances,
        )

    @cached_property
    def copies(self) -> "Copies":
        from chalicelib.services.copies import Copies

        return Copies(
            clock=self._adapters.clock,
            entries=self._hosted.passages.entries,
            steps=self._hosted.account.steps,
            users=self._hosted.users,
            visitors=self._hosted.guests.visitors,
            applications=self._applications,
            payloads=self._payloads(),
            sessions=self._sessions,
            grants=self._grants,
            erasures=self._erasures(),
            audit=self._adapters.audit,
            trail=self._trail,
        )
