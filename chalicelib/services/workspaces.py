"""Workspaces: found by slug, kept at hand for seconds, created with their keys and owner."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chalicelib.domain.audit import SYSTEM, Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Duplicate, NotFound, Stale, WriteConflict
from chalicelib.domain.ids import UserId, WorkspaceId, new_workspace_id
from chalicelib.domain.limits import SETTINGS_AGE
from chalicelib.domain.ports.directory import WorkspaceStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import KEEPERS, Gate, Member, Role, Wish, Workspace
from chalicelib.services.audit import Trail
from chalicelib.services.keys import Keys


class Workspaces:
    """The tenants of a deployment."""

    def __init__(self, *, clock: Clock, store: WorkspaceStore, keys: Keys, trail: Trail) -> None:
        """Take the ports; what is remembered is at most `SETTINGS_AGE` seconds old."""
        self._clock = clock
        self._store = store
        self._keys = keys
        self._trail = trail
        self._slugs: Recent[str, WorkspaceId] = Recent(clock.monotonic, age=SETTINGS_AGE)
        self._settings: Recent[WorkspaceId, Workspace] = Recent(clock.monotonic, age=SETTINGS_AGE)
        self._gates: Recent[WorkspaceId, Gate] = Recent(clock.monotonic, age=SETTINGS_AGE)

    def named(self, slug: str) -> Workspace:
        """Answer an existing workspace by its slug; raises `NotFound`."""
        wid = self._slugs.get(slug)
        known = None if wid is None else self._settings.get(wid)
        if known is not None:
            return known
        found = self._store.find(slug)
        if found is None:
            raise NotFound("There is no such workspace.")
        self._slugs.keep(slug, found.id)
        return self._settings.keep(found.id, found)

    def get(self, workspace: WorkspaceId) -> Workspace:
        """Answer a workspace by its id; raises `NotFound`."""
        known = self._settings.get(workspace)
        if known is not None:
            return known
        found = self._store.get(workspace)
        if found is None:
            raise NotFound("There is no such workspace.")
        return self._settings.keep(workspace, found)

    def admit(self, workspace: WorkspaceId) -> None:
        """Let a request through the gate; raises `WorkspaceSealed` or `NotFound`."""
        self._gate(workspace).admit()

    def knows(self, workspace: WorkspaceId) -> bool:
        """Tell whether settings are fresh enough to use without reading."""
        return self._settings.get(workspace) is not None

    def knows_gate(self, workspace: WorkspaceId) -> bool:
        """Tell whether the gate's state is fresh enough to use without reading."""
        return self._gates.get(workspace) is not None

    def learn(self, workspace: Workspace | None, gate: Gate | None, *, of: WorkspaceId) -> None:
        """Keep what rode along with another read."""
        if workspace is not None:
            self._settings.keep(of, workspace)
        if gate is not None:
            self._gates.keep(of, gate)

    def create(
        self, *, slug: str, name: str, owner: UserId | None, open_signup: bool, origin: Origin
    ) -> Workspace:
        """Create a workspace with its keys, and its first owner; raises `Duplicate`.

        Without an owner it is the system's own act: that is how `console` begins.
        """
        now = self._clock.now()
        workspace = Workspace(
            id=new_workspace_id(), slug=slug, name=name, created_at=now, open_signup=open_signup
        )
        actor = Actor(ActorKind.SYSTEM if owner is None else ActorKind.OPERATOR, owner)
        member = (
            None
            if owner is None
            else Member(workspace=workspace.id, operator=owner, role=Role.OWNER, since=now)
        )
        changes: list[tuple[AuditAction, UserId | None]] = [
            (AuditAction.WORKSPACE_CREATED, None),
            (AuditAction.KEY_CREATED, None),
        ]
        if member is not None:
            changes.append((AuditAction.MEMBER_ADDED, owner))
        events = [
            self._trail.event(
                action, workspace=workspace.id, actor=actor, origin=origin, subject=subject
            )
            for action, subject in changes
        ]
        try:
            self._store.create(
                workspace,
                keys=self._keys.new_workspace(workspace.id),
                owner=member,
                events=events,
            )
        except Stale as error:
            raise Duplicate("This workspace name is taken.") from error
        return workspace

    def change_quotas(
        self, slug: str, *, sessions: int | None, payload_bytes: int | None, origin: Origin
    ) -> tuple[Workspace, Workspace]:
        """Change quotas, for those who run the deployment itself; answers before and after."""
        before = self._store.find(slug)
        if before is None:
            raise NotFound("There is no such workspace.")
        after = replace(
            before,
            session_quota=before.session_quota if sessions is None else sessions,
            payload_quota=before.payload_quota if payload_bytes is None else payload_bytes,
        )
        if after == before:
            return before, after
        event = self._trail.event(
            AuditAction.WORKSPACE_SETTINGS_CHANGED,
            workspace=before.id,
            actor=SYSTEM,
            origin=origin,
            meta={
                "sessionQuota": after.session_quota,
                "sessionQuotaBefore": before.session_quota,
                "payloadQuota": after.payload_quota,
                "payloadQuotaBefore": before.payload_quota,
            },
        )
        try:
            self._store.change_quotas(before, after, event)
        except Stale as error:
            raise WriteConflict("Somebody else changed the quotas just now.") from error
        return before, self._settings.keep(after.id, after)

    def change_settings(
        self, caller: MemberCaller, wish: Wish, *, judge: Callable[[Workspace, Workspace], None]
    ) -> Workspace:
        """Change what operators choose; raises `Forbidden`, `WriteConflict`, or what `judge` does.

        `judge` is given the workspace as it is and as it would be. Who is in stays in where nobody
        comes uninvited any more.
        """
        actor = caller.acting(KEEPERS, refusal="Only owners and admins change a workspace.")
        before = self.read(caller.member.workspace)
        after = wish.of(before)
        if after == before:
            return before
        judge(before, after)
        try:
            return self._change(before, after, actor=actor, origin=caller.visit.origin)
        except Stale as error:
            raise WriteConflict("Somebody else changed the workspace just now.") from error

    def read(self, workspace: WorkspaceId) -> Workspace:
        """Answer a workspace as it stands at this moment; raises `NotFound`."""
        found = self._store.get(workspace)
        if found is None:
            raise NotFound("There is no such workspace.")
        return found

    def unname(
        self, person: Person, *, actor: Actor, origin: Origin, judge: Callable[[Workspace], None]
    ) -> None:
        """Take a person from those who enter in an emergency; raises `Stale`, or what `judge` does.

        `judge` is given the workspace as it would be.
        """
        before = self.read(person.workspace)
        if before.is_named(person.user):
            after = before.without(person.user)
            judge(after)
            self._change(before, after, actor=actor, origin=origin)

    def _change(
        self, before: Workspace, after: Workspace, *, actor: Actor, origin: Origin
    ) -> Workspace:
        event = self._trail.event(
            AuditAction.WORKSPACE_SETTINGS_CHANGED,
            workspace=before.id,
            actor=actor,
            origin=origin,
            meta=_changed(before, after),
        )
        self._store.change_settings(before, after, event)
        return self._settings.keep(after.id, after)

    def _gate(self, workspace: WorkspaceId) -> Gate:
        known = self._gates.get(workspace)
        if known is not None:
            return known
        found = self._store.gate(workspace)
        if found is None:
            raise NotFound("There is no such workspace.")
        return self._gates.keep(workspace, found)


def _changed(before: Workspace, after: Workspace) -> Mapping[str, int]:
    chosen = (
        ("requireMfa", before.require_mfa, after.require_mfa),
        ("openSignup", before.open_signup, after.open_signup),
        ("requireSso", before.require_sso, after.require_sso),
        ("breakGlass", before.break_glass, after.break_glass),
    )
    return {
        word: len(value) if isinstance(value, tuple) else int(value)
        for name, old, new in chosen
        if old != new
        for word, value in ((name, new), (f"{name}Before", old))
    }
