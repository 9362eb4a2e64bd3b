"""What every part of the product stands on, each service built at its first use."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.services.admission import Admission
    from chalicelib.services.applications import Applications
    from chalicelib.services.arrivals import Arrivals
    from chalicelib.services.audit import Trail
    from chalicelib.services.issuer import Issuer
    from chalicelib.services.keys import Keys
    from chalicelib.services.manage_tokens import ManageTokens
    from chalicelib.services.operators import Operators
    from chalicelib.services.payload_schemas import PayloadSchemas
    from chalicelib.services.tokens import Tokens
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.ports import Adapters

# Imports stand inside the properties so that a cold start pays only for what its route touches.


class Foundation:
    """Trail, keys, tokens, and who and what a workspace consists of."""

    def __init__(self, settings: Settings, adapters: "Adapters") -> None:
        """Take what the services stand on."""
        self.settings = settings
        self.adapters = adapters

    @cached_property
    def trail(self) -> "Trail":
        from chalicelib.services.audit import Trail

        return Trail(self.adapters.clock)

    @cached_property
    def keys(self) -> "Keys":
        from chalicelib.services.keys import Keys

        ports = self.adapters
        return Keys(clock=ports.clock, store=ports.keys, root=ports.root_key, cipher=ports.cipher)

    @cached_property
    def issuer(self) -> "Issuer":
        from chalicelib.services.issuer import Issuer

        ports = self.adapters
        return Issuer(
            clock=ports.clock,
            origin=self.settings.origin,
            store=ports.keys,
            signatures=ports.signatures,
        )

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.services.tokens import Tokens

        return Tokens(self.issuer)

    @cached_property
    def manage_tokens(self) -> "ManageTokens":
        from chalicelib.services.manage_tokens import ManageTokens

        return ManageTokens(self.issuer)

    @cached_property
    def workspaces(self) -> "Workspaces":
        from chalicelib.services.workspaces import Workspaces

        ports = self.adapters
        return Workspaces(
            clock=ports.clock, store=ports.workspaces, keys=self.keys, trail=self.trail
        )

    @cached_property
    def applications(self) -> "Applications":
        from chalicelib.services.applications import Applications

        ports = self.adapters
        return Applications(
            clock=ports.clock,
            store=ports.applications,
            schemas=self.schemas,
            tokens=self.tokens,
            trail=self.trail,
        )

    @cached_property
    def schemas(self) -> "PayloadSchemas":
        from chalicelib.services.payload_schemas import PayloadSchemas

        return PayloadSchemas(self.adapters.schemas)

    @cached_property
    def arrivals(self) -> "Arrivals":
        from chalicelib.services.arrivals import Arrivals

        return Arrivals(
            clock=self.adapters.clock,
            workspaces=self.workspaces,
            applications=self.applications,
            sessions=self.adapters.sessions,
        )

    @cached_property
    def operators(self) -> "Operators":
        from chalicelib.services.operators import Operators

        return Operators(
            clock=self.adapters.clock,
            store=self.adapters.members,
            workspaces=self.workspaces,
            arrivals=self.arrivals,
            tokens=self.manage_tokens,
        )

    @cached_property
    def admission(self) -> "Admission":
        from chalicelib.services.admission import Admission

        return Admission(
            clock=self.adapters.clock,
            sessions=self.adapters.sessions,
            workspaces=self.workspaces,
            applications=self.applications,
            keys=self.keys,
        )
