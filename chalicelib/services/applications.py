"""Applications: registered by operators, kept at hand for seconds, found by id or client id."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Duplicate, Forbidden, NotFound, Stale
from chalicelib.domain.ids import AppId, WorkspaceId, new_client_id
from chalicelib.domain.limits import DEFAULT_PAYLOAD_BYTES, DEFAULT_TOKEN_SECONDS, SETTINGS_AGE
from chalicelib.domain.ports.directory import ApplicationStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Partition
from chalicelib.domain.workspaces import Role
from chalicelib.services.audit import Trail

# An application has 200 KB of addresses at most, and an answer 6 MB.
APPLICATIONS_PER_PAGE = 20
_REGISTRARS = frozenset({Role.OWNER, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Registration:
    """What an operator says of a new application; lifetimes are seconds."""

    id: AppId
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    token_seconds: int = DEFAULT_TOKEN_SECONDS
    payload_seconds: int = 0
    payload_bytes: int = DEFAULT_PAYLOAD_BYTES
    color: str | None = None
    requires_if_match: bool = False
    requests_per_minute: int | None = None
    return_flow: ReturnFlow = ReturnFlow.CODE


class Applications:
    """The clients of every workspace."""

    def __init__(self, *, clock: Clock, store: ApplicationStore, trail: Trail) -> None:
        """Take the ports; what is remembered is at most `SETTINGS_AGE` seconds old."""
        self._clock = clock
        self._store = store
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
        found = self._store.get(workspace, app)
        if found is None:
            raise NotFound("There is no such application.")
        return self._recent.keep((workspace, app), found)

    def client(self, workspace: WorkspaceId, client_id: str) -> Application:
        """Answer the application of a client id, of this workspace only; raises `NotFound`."""
        found = self._clients.get(client_id)
        if found is None:
            stored = self._store.find(client_id)
            found = None if stored is None else self._clients.keep(client_id, stored)
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
        self._recent.keep((application.workspace, application.id), application)

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

    def register(self, caller: MemberCaller, registration: Registration) -> Application:
        """Register an application in the member's own workspace; raises `Duplicate`."""
        member = caller.member
        if member.role not in _REGISTRARS:
            raise Forbidden("Only an owner or an admin registers applications.")
        actor = Actor(ActorKind.OPERATOR, member.operator)
        return self.install(member.workspace, registration, actor=actor, origin=caller.visit.origin)

    def install(
        self, workspace: WorkspaceId, registration: Registration, *, actor: Actor, origin: Origin
    ) -> Application:
        """Store an application of any workspace, for those who run the deployment itself."""
        application = Application(
            workspace=workspace,
            id=registration.id,
            client_id=new_client_id(),
            name=registration.name,
            redirect_uris=registration.redirect_uris,
            post_logout_uris=registration.post_logout_uris,
            created_at=self._clock.now(),
            color=registration.color,
            token_seconds=registration.token_seconds,
            payload_seconds=registration.payload_seconds,
            payload_bytes=registration.payload_bytes,
            requires_if_match=registration.requires_if_match,
            requests_per_minute=registration.requests_per_minute,
            return_flow=registration.return_flow,
        )
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
