"""Applications: registered by operators, kept at hand for seconds, found by id or client id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, AuditAction, Origin
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import (
    Duplicate,
    Fault,
    InvalidInput,
    NotFound,
    Stale,
    VersionMismatch,
)
from chalicelib.domain.ids import AppId, WorkspaceId, new_client_id
from chalicelib.domain.limits import MAX_REDIRECT_URIS, SETTINGS_AGE
from chalicelib.domain.payloads import IfMatch
from chalicelib.domain.ports.directory import ApplicationStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.redirects import redirect_uri_of
from chalicelib.domain.sessions import Partition
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.workspaces import KEEPERS
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.tokens import Tokens

# A read of a session goes without it.
if TYPE_CHECKING:
    from chalicelib.domain.registrations import Registration

# An application has 200 KB of addresses at most, and an answer 6 MB.
APPLICATIONS_PER_PAGE = 20
_NOTHING: Mapping[str, str] = {}

Edit = Callable[[Application], Application]


class Applications:
    """The clients of every workspace."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ApplicationStore,
        schemas: PayloadSchemas,
        tokens: Tokens,
        trail: Trail,
    ) -> None:
        """Take the ports; what is remembered is at most `SETTINGS_AGE` seconds old."""
        self._clock = clock
        self._store = store
        self._schemas = schemas
        self._tokens = tokens
        self._trail = trail
        self._recent: Recent[tuple[WorkspaceId, AppId], Application] = Recent(
            clock.monotonic, age=SETTINGS_AGE
        )
        self._clients: Recent[str, Application] = Recent(clock.monotonic, age=SETTINGS_AGE)

    def get(self, workspace: WorkspaceId, app: AppId) -> Application:
        """Answer an application of one workspace; raises `NotFound`."""
        known = self._recent.get((workspace, app))
        if known is not None:
            return known
        return self._keep(self._stored(workspace, app))

    def client(self, workspace: WorkspaceId, client_id: str) -> Application:
        """Answer the application of a client id, of this workspace only; raises `NotFound`."""
        found = self._clients.get(client_id)
        if found is None:
            stored = self._store.find(client_id)
            found = None if stored is None else self._keep(stored)
        if found is None or found.workspace != workspace:
            raise NotFound("There is no such application.")
        return found

    def knows(self, workspace: WorkspaceId, app: AppId) -> bool:
        """Tell whether settings are fresh enough to use without reading."""
        return self._recent.get((workspace, app)) is not None

    def at_hand(self, partition: Partition) -> Application | None:
        """Answer a partition's application if it is remembered; asks nobody."""
        return self._recent.get((partition.workspace, partition.app))

    def client_at_hand(self, client_id: str) -> Application | None:
        """Answer the application of a client id if it is remembered; asks nobody."""
        return self._clients.get(client_id)

    def learn(self, application: Application) -> None:
        """Keep settings that rode along with another read."""
        self._keep(application)

    def of(
        self, caller: MemberCaller, *, after: AppId | None = None
    ) -> tuple[Sequence[Application], AppId | None]:
        """Answer a page of the member's own workspace, and what the next page comes after."""
        behind = [
            application
            for application in self._store.of(caller.member.workspace)
            if after is None or application.id > after
        ]
        page = behind[:APPLICATIONS_PER_PAGE]
        return page, page[-1].id if len(behind) > len(page) else None

    def register(self, caller: MemberCaller, registration: "Registration") -> Application:
        """Register an application in the member's own workspace; raises `Duplicate`."""
        actor = registrar(caller)
        workspace = caller.member.workspace
        return self.install(workspace, registration, actor=actor, origin=caller.visit.origin)

    def settings(self, caller: MemberCaller, app: AppId) -> Application:
        """Answer an application of the member's own workspace as it is stored now."""
        return self._stored(caller.member.workspace, app)

    def change(
        self, caller: MemberCaller, app: AppId, edit: Edit, if_match: IfMatch | None
    ) -> Application:
        """Change settings beside whatever others change at the same time."""
        actor = registrar(caller)
        workspace = caller.member.workspace

        def held(before: Application) -> Application:
            return self._edited(before, edit, if_match)

        return self.amend(workspace, app, held, actor=actor, origin=caller.visit.origin)

    def preview(
        self, caller: MemberCaller, app: AppId, edit: Edit, if_match: IfMatch | None
    ) -> tuple[Application, Application]:
        """Answer an application before and after a change that is not made."""
        registrar(caller)
        before = self._stored(caller.member.workspace, app)
        return before, self._edited(before, edit, if_match)

    def add_redirect(self, caller: MemberCaller, app: AppId, uri: str) -> Application:
        """Register one more redirect URI; one that is registered stays so."""
        actor = registrar(caller)
        workspace = caller.member.workspace
        return self.admit_redirect(workspace, app, uri, actor=actor, origin=caller.visit.origin)

    def install(
        self, workspace: WorkspaceId, registration: "Registration", *, actor: Actor, origin: Origin
    ) -> Application:
        """Store an application of any workspace, for those who run the deployment itself."""
        self._schemas.examine(registration.payload_schema)
        self._examine_alg(registration.id_token_alg)
        application = registration.application(
            workspace, client_id=new_client_id(), created_at=self._clock.now()
        )
        application.hold_together()
        event = self._trail.event(
            AuditAction.APPLICATION_CREATED,
            workspace=workspace,
            actor=actor,
            origin=origin,
            app=registration.id,
        )
        try:
            self._store.create(application, event)
        except Stale as error:
            raise Duplicate("This application id is taken in the workspace.") from error
        return application

    def amend(
        self,
        workspace: WorkspaceId,
        app: AppId,
        edit: Edit,
        *,
        actor: Actor,
        origin: Origin,
        action: AuditAction = AuditAction.APPLICATION_UPDATED,
        about: Mapping[str, str] = _NOTHING,
    ) -> Application:
        """Change settings of any workspace's application, for those who run the deployment."""

        def settle() -> Application:
            before = self._stored(workspace, app)
            after = edit(before)
            if after == before:
                return before
            changed = [f.name for f in fields(after) if _differs(before, after, f.name)]
            event = self._trail.event(
                action,
                workspace=workspace,
                actor=actor,
                origin=origin,
                app=app,
                meta={"changed": " ".join(changed), "version": before.version + 1, **about},
            )
            numbered = replace(after, version=before.version + 1)
            self._store.update(numbered, event)
            return numbered

        changed = settled(self._clock, settle)
        self._keep(changed)
        return changed

    def admit_redirect(
        self, workspace: WorkspaceId, app: AppId, uri: str, *, actor: Actor, origin: Origin
    ) -> Application:
        """Append a redirect URI of any workspace's application; the store does it in one step."""

        def settle() -> Application:
            before = self._stored(workspace, app)
            redirect_uri_of(uri, is_native=before.is_native)
            if uri in before.redirect_uris:
                return before
            if len(before.redirect_uris) >= MAX_REDIRECT_URIS:
                most = f"{MAX_REDIRECT_URIS} are registered, and no more can be"
                raise InvalidInput("There are too many addresses.", Fault("/redirectUri", most))
            event = self._trail.event(
                AuditAction.APPLICATION_REDIRECT_ADDED,
                workspace=workspace,
                actor=actor,
                origin=origin,
                app=app,
                meta={"count": len(before.redirect_uris) + 1},
            )
            self._store.add_redirect(workspace, app, uri, limit=MAX_REDIRECT_URIS, event=event)
            return self._stored(workspace, app)

        changed = settled(self._clock, settle)
        self._keep(changed)
        return changed

    def _edited(self, before: Application, edit: Edit, if_match: IfMatch | None) -> Application:
        if if_match is not None and not if_match.holds(before.version):
            raise VersionMismatch(f'The settings are at version "{before.version}" now.')
        after = edit(before)
        after.hold_together()
        if after.secrets and not after.is_confidential:
            kept = "an application with secrets stays a server"
            raise InvalidInput("Remove the secrets first.", Fault("/kind", kept))
        if after.payload_schema != before.payload_schema:
            self._schemas.examine(after.payload_schema)
        if after.id_token_alg != before.id_token_alg:
            self._examine_alg(after.id_token_alg)
        return after

    def _examine_alg(self, alg: SigningAlg) -> None:
        # What cannot be signed today would be every sign-in's failure tomorrow.
        if alg is not SigningAlg.ES256 and not self._tokens.signs(alg):
            raise InvalidInput(
                f"This deployment signs no ID tokens with {alg}.",
                Fault("/idTokenAlg", "its operator makes a key with scripts/signing-keys"),
            )

    def _stored(self, workspace: WorkspaceId, app: AppId) -> Application:
        found = self._store.get(workspace, app)
        if found is None:
            raise NotFound("There is no such application.")
        return found

    def _keep(self, application: Application) -> Application:
        # A read that began before a change may end after it: what is newer stays.
        known = self._recent.get((application.workspace, application.id))
        if known is not None and known.version > application.version:
            return known
        self._clients.keep(application.client_id, application)
        return self._recent.keep((application.workspace, application.id), application)


def registrar(caller: MemberCaller) -> Actor:
    """Answer the operator who may change applications; raises `Forbidden`."""
    said = "Only an owner or an admin registers and changes applications."
    return caller.acting(KEEPERS, refusal=said)


def _differs(before: Application, after: Application, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))
