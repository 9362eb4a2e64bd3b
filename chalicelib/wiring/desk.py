"""The operators' own services, each built at its first use, on top of the container's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.applications import Applications
    from chalicelib.services.audit import Trail
    from chalicelib.services.client_secrets import ClientSecrets
    from chalicelib.services.lifetimes import Lifetimes
    from chalicelib.services.payload_schemas import PayloadSchemas
    from chalicelib.services.payloads import Payloads
    from chalicelib.services.schema_checks import SchemaChecks
    from chalicelib.wiring.ports import Adapters


class OperatorsDesk:
    """What operators do to sessions that are not their own."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        trail: "Trail",
        applications: "Applications",
        schemas: "PayloadSchemas",
        payloads: "Payloads",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._trail = trail
        self._applications = applications
        self._schemas = schemas
        self._payloads = payloads

    @cached_property
    def client_secrets(self) -> "ClientSecrets":
        from chalicelib.services.client_secrets import ClientSecrets

        return ClientSecrets(clock=self._adapters.clock, applications=self._applications)

    @cached_property
    def schema_checks(self) -> "SchemaChecks":
        from chalicelib.services.schema_checks import SchemaChecks

        return SchemaChecks(
            clock=self._adapters.clock,
            sessions=self._adapters.sessions,
            payloads=self._payloads,
            applications=self._applications,
            schemas=self._schemas,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def lifetimes(self) -> "Lifetimes":
        from chalicelib.services.lifetimes import Lifetimes

        return Lifetimes(
            clock=self._adapters.clock, store=self._adapters.sessions, trail=self._trail
        )
