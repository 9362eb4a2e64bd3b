"""What stands below sessions and payloads, from counters to beginnings, built when needed."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.audit import Trail
    from chalicelib.services.beginnings import Beginnings
    from chalicelib.services.expiry import Expiry
    from chalicelib.services.keys import Keys
    from chalicelib.services.objects import Objects
    from chalicelib.services.payload_schemas import PayloadSchemas
    from chalicelib.services.quotas import Quotas
    from chalicelib.services.receipts import Receipts
    from chalicelib.services.usage import Usage
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.ports import Adapters


class Holdings:
    """What a workspace holds beside its rows, and what is remembered of requests."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        keys: "Keys",
        workspaces: "Workspaces",
        schemas: "PayloadSchemas",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces
        self._schemas = schemas

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
    def receipts(self) -> "Receipts":
        from chalicelib.services.receipts import Receipts

        ports = self._adapters
        return Receipts(clock=ports.clock, store=ports.receipts, keys=self._keys)

    @cached_property
    def objects(self) -> "Objects":
        from chalicelib.services.objects import Objects

        ports = self._adapters
        return Objects(store=ports.objects, payloads=ports.payloads, keys=self._keys)

    @cached_property
    def expiry(self) -> "Expiry":
        from chalicelib.services.expiry import Expiry

        return Expiry(
            clock=self._adapters.clock,
            store=self._adapters.sessions,
            objects=self.objects,
            trail=self._trail,
        )

    @cached_property
    def beginnings(self) -> "Beginnings":
        from chalicelib.services.beginnings import Beginnings

        return Beginnings(
            clock=self._adapters.clock,
            store=self._adapters.sessions,
            schemas=self._schemas,
            receipts=self.receipts,
            keys=self._keys,
            objects=self.objects,
            expiry=self.expiry,
            trail=self._trail,
            quotas=self.quotas,
            usage=self.usage,
        )
