"""Schema checks: how many live sessions a schema would refuse, without showing any."""

import re
from dataclasses import replace

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId, digest
from chalicelib.domain.payload_schemas import Checked
from chalicelib.domain.payloads import IfMatch
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.applications import Applications, Edit, registrar
from chalicelib.services.audit import Trail
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.payloads import Payloads

# A batch ends after so many sessions or so long, wherever it then is.
_BATCH = 200
_SECONDS = 5.0
# Seconds and the milliseconds' part of a ULID: a place in the index, which is nobody's id.
_MOMENT = 21
_CURSOR = re.compile(r"[0-9]{10}#[0-9A-HJKMNP-TV-Z]{10}")


class SchemaChecks:
    """Payloads are opened here to be counted: nothing of them is kept, answered or logged."""

    def __init__(
        self,
        *,
        clock: Clock,
        sessions: SessionStore,
        payloads: Payloads,
        applications: Applications,
        schemas: PayloadSchemas,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services that know applications, schemas and payloads."""
        self._clock = clock
        self._sessions = sessions
        self._payloads = payloads
        self._applications = applications
        self._schemas = schemas
        self._audit = audit
        self._trail = trail

    def change(
        self, caller: MemberCaller, app: AppId, edit: Edit, if_match: IfMatch | None
    ) -> tuple[Application, Checked | None]:
        """Change settings; a new schema is first held against a batch of live sessions."""
        before, after = self._applications.preview(caller, app, edit, if_match)
        checked = None
        if after.payload_schema not in {None, before.payload_schema}:
            checked = self._check(caller, after, kind="change", after=None)
        return self._applications.change(caller, app, edit, if_match), checked

    def rehearse(
        self, caller: MemberCaller, app: AppId, schema: str, *, after: str | None
    ) -> Checked:
        """Hold a schema that is not stored against a batch of live sessions."""
        if after is not None and _CURSOR.fullmatch(after) is None:
            raise InvalidInput("This cursor is not one of ours.", Fault("/cursor", "not a cursor"))
        registrar(caller)
        application = self._applications.settings(caller, app)
        self._schemas.examine(schema)
        rehearsed = replace(application, payload_schema=schema)
        return self._check(caller, rehearsed, kind="rehearsal", after=after)

    def _check(
        self, caller: MemberCaller, application: Application, *, kind: str, after: str | None
    ) -> Checked:
        # No record, no read: it is written before the first payload is opened.
        self._audit.append(
            self._trail.event(
                AuditAction.APPLICATION_SCHEMA_CHECKED,
                workspace=application.workspace,
                actor=registrar(caller),
                origin=caller.visit.origin,
                app=application.id,
                # Counts of many schemas tell what one payload holds: who asks is seen to ask.
                meta={
                    "kind": kind,
                    "most": _BATCH,
                    "schema": digest(application.payload_schema or ""),
                    "after": after or "",
                },
            )
        )
        give_up_at = self._clock.monotonic() + _SECONDS
        checked = failing = 0
        moment = None
        found = self._sessions.begun(
            application.workspace,
            application.id,
            # Months of before the application cost a query each, and hold nothing of it.
            after=max(after or "", f"{application.created_at - 1:010d}#"),
            until=self._clock.now(),
        )
        for looked, (position, ref) in enumerate(found):
            # A batch ends between two moments, so that the cursor names no session.
            is_next = moment is not None and position[:_MOMENT] != moment
            if is_next and (looked >= _BATCH or self._clock.monotonic() >= give_up_at):
                return Checked(checked, failing, moment)
            moment = position[:_MOMENT]
            payload = self._payloads.look(application, ref, self._clock.now())
            if payload is not None:
                checked += 1
                failing += not self._schemas.fits(application, payload)
        return Checked(checked, failing, None)
