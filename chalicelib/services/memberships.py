"""Memberships: what operators are in workspaces, as far as they can leave them."""

from chalicelib.domain.audit import Actor, AuditAction, Origin
from chalicelib.domain.errors import ErasureRefused
from chalicelib.domain.ids import CONSOLE
from chalicelib.domain.ports.directory import MemberStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import Member, Role
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.workspaces import Workspaces


class Memberships:
    """People of `console` in the workspaces that they run; nobody else is in any."""

    def __init__(
        self, *, clock: Clock, store: MemberStore, workspaces: Workspaces, trail: Trail
    ) -> None:
        """Take the ports, and the service that knows workspaces."""
        self._clock = clock
        self._store = store
        self._workspaces = workspaces
        self._trail = trail

    def leave(self, person: Person, *, actor: Actor, origin: Origin) -> None:
        """End all memberships of a person; raises `ErasureRefused` for whoever is a last owner."""
        # An operator's id says nothing elsewhere: the same number there is another person.
        if self._workspaces.get(person.workspace).slug != CONSOLE:
            return
        # All are looked at before the first one ends.
        alone = [m for m in self._of(person) if m.role is Role.OWNER and self._other(m) is None]
        if alone:
            raise self._alone(alone)
        for member in self._of(person):
            self._leave(member, actor=actor, origin=origin)

    def _leave(self, member: Member, *, actor: Actor, origin: Origin) -> None:
        def step() -> None:
            there = self._store.get(member.workspace, member.operator)
            if there is None:
                return
            owner = self._other(there) if there.role is Role.OWNER else None
            if there.role is Role.OWNER and owner is None:
                raise self._alone([there])
            event = self._trail.event(
                AuditAction.MEMBER_REMOVED,
                workspace=there.workspace,
                actor=actor,
                origin=origin,
                subject=there.operator,
                meta={"role": there.role.value},
            )
            self._store.remove(there, owner=owner, event=event)

        settled(self._clock, step)

    def _of(self, person: Person) -> list[Member]:
        names = self._store.workspaces_of(person.user)
        found = (self._store.get(workspace, person.user) for workspace in names)
        return [member for member in found if member is not None]

    def _other(self, member: Member) -> Member | None:
        others = (one for one in self._store.of(member.workspace) if one.role is Role.OWNER)
        return next((one for one in others if one.operator != member.operator), None)

    def _alone(self, members: list[Member]) -> ErasureRefused:
        slugs = sorted(self._workspaces.get(each.workspace).slug for each in members)
        return ErasureRefused(
            f"This account is the only owner of {', '.join(slugs)}."
            " Give each of these workspaces another owner, or delete it, first."
        )
