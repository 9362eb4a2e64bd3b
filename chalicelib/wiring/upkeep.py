"""The services of schedules, each built at its first use: what nobody's request waits for."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.audit import Trail
    from chalicelib.services.backups import Backups
    from chalicelib.services.lapses import Lapses
    from chalicelib.services.orphans import Orphans
    from chalicelib.services.recounts import Recounts
    from chalicelib.services.signing_keys import SigningKeys
    from chalicelib.wiring.ports import Adapters


class Upkeep:
    """What keeps a deployment in order: copies, counts, and what is left over."""

    def __init__(self, adapters: "Adapters", *, stage: str, trail: "Trail") -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._stage = stage
        self._trail = trail

    @cached_property
    def recounts(self) -> "Recounts":
        from chalicelib.services.recounts import Recounts

        ports = self._adapters
        return Recounts(clock=ports.clock, store=ports.usage, workspaces=ports.workspaces)

    @cached_property
    def signing_keys(self) -> "SigningKeys":
        from chalicelib.services.signing_keys import SigningKeys

        ports = self._adapters
        return SigningKeys(
            clock=ports.clock, store=ports.keys, pairs=ports.key_pairs, trail=self._trail
        )

    @cached_property
    def orphans(self) -> "Orphans":
        from chalicelib.services.orphans import Orphans

        ports = self._adapters
        return Orphans(clock=ports.clock, store=ports.objects, payloads=ports.payloads)

    @cached_property
    def lapses(self) -> "Lapses":
        from chalicelib.services.lapses import Lapses

        ports = self._adapters
        return Lapses(clock=ports.clock, store=ports.invites, trail=self._trail)

    @cached_property
    def backups(self) -> "Backups":
        from chalicelib.services.backups import Backups

        return Backups(
            stage=self._stage,
            clock=self._adapters.clock,
            dump=self._adapters.dump,
            objects=self._adapters.objects,
            vaults=self._adapters.vaults,
            audit=self._adapters.audit,
            trail=self._trail,
        )
