"""Payload schemas: held against what would be stored, where an application has one."""

from chalicelib.domain.applications import Application
from chalicelib.domain.errors import Fault, InvalidInput, SchemaRefused
from chalicelib.domain.payloads import Payload
from chalicelib.domain.ports.surroundings import Schemas


class PayloadSchemas:
    """Without a schema nothing is asked and nothing is loaded."""

    def __init__(self, schemas: Schemas) -> None:
        """Take the judge of schemas."""
        self._schemas = schemas

    def hold(self, application: Application, payload: Payload) -> None:
        """Let a whole payload pass that the application's schema admits.

        Raises `SchemaRefused` with the places of what is wrong, and none of its values.
        """
        schema = application.payload_schema
        if schema is not None and not self.fits(application, payload):
            raise SchemaRefused(
                "The application's payload schema does not admit this.",
                *self._schemas.faults(schema, payload),
            )

    def hold_first(self, application: Application, payload: Payload) -> None:
        """Let the first payload of a session pass; to begin with nothing is always possible."""
        if payload:
            self.hold(application, payload)

    def fits(self, application: Application, payload: Payload) -> bool:
        """Tell whether the application's schema admits a whole payload."""
        schema = application.payload_schema
        return schema is None or self._schemas.admits(schema, payload)

    def examine(self, schema: str | None) -> None:
        """Let a schema pass that can be used; raises `InvalidInput` with what is wrong in it."""
        faults = () if schema is None else self._schemas.examine(schema)
        if faults:
            raise InvalidInput(
                "This is no JSON Schema 2020-12 that can be used here.",
                *(Fault(f"/payloadSchema{fault.pointer}", fault.detail) for fault in faults),
            )
