"""What stands below sessions and payloads: counters, receipts and objects, built when needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.ports import Adapters

if TYPE_CHECKING:
    from chalicelib.services.audit import Trail
    from chalicelib.services.keys import Keys
    from chalicelib.services.objects import Objects
    from chalicelib.services.quotas import Quotas
    from chalicelib.services.receipts import Receipts
    from chalicelib.services.recounts import Recounts
    from chalicelib.services.usage import Usage
    from chalicelib.services.workspaces import Workspaces


class Holdings:
    """What a workspace holds beside its rows, and what is remembered of requests."""

    def __init__(
        self, adapters: Adapters, *, trail: "Trail", keys: "Keys", workspaces: "Workspaces"
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces

    @cached_property
    def usage(self) -> "Usage":
        from chalicelib.services.usage import Usage

        return Usage(clock=self._adapters.clock, store=self._adapters.usage)

    @cached_property
    def quotas(self) -> "Quotas":
        from chalicelib.services.quotas import Quotas

        return Quotas(
            clock=self._adapters.clock,
            workspaces=self._workspaces,
            usage=self.usage,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def recounts(self) -> "Recounts":
        from chalicelib.services.recounts import Recounts

        ports = self._adapters
        return Recounts(clock=ports.clock, store=ports.usage, workspaces=ports.workspaces)

    @cached_property
    def receipts(self) -> "Receipts":
        from chalicelib.services.receipts import Receipts

        ports = self._adapters
        return Receipts(clock=ports.clock, store=ports.receipts, keys=self._keys)

    @cached_property
    def objects(self) -> "Objects":
        from chalicelib.services.objects import Objects

        ports = self._adapters
        return Objects(store=ports.objects, payloads=ports.payloads, keys=self._keys)
