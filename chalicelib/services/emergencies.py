"""Emergencies: who can enter a workspace that requires single sign-on while no provider answers."""

from chalicelib.domain.audit import Actor, Origin
from chalicelib.domain.errors import ErasureRefused
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.contention import settled
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


class Emergencies:
    """The few whom `break_glass` names: there is always one, as long as one is needed."""

    def __init__(
        self,
        *,
        clock: Clock,
        workspaces: Workspaces,
        users: Users,
        second: SecondFactors,
        passkeys: PasskeyStore,
    ) -> None:
        """Take the services of workspaces and people."""
        self._clock = clock
        self._workspaces = workspaces
        self._users = users
        self._second = second
        self._passkeys = passkeys

    def are_met(self, workspace: Workspace) -> bool:
        """Tell whether somebody who is named could enter."""
        return any(self._can_enter(Person(workspace.id, user)) for user in workspace.break_glass)

    def hold(self, person: Person) -> None:
        """Keep the last one: raises `ErasureRefused`."""
        workspace = self._workspaces.read(person.workspace)
        if workspace.is_named(person.user):
            self._judge(workspace.without(person.user))

    def leave(self, person: Person, *, actor: Actor, origin: Origin) -> None:
        """Name somebody no more who is about to be erased; raises `ErasureRefused`.

        Of the last two who leave at the same moment, one stays.
        """
        settled(
            self._clock,
            lambda: self._workspaces.unname(person, actor=actor, origin=origin, judge=self._judge),
        )

    def _judge(self, after: Workspace) -> None:
        if after.require_sso and not self.are_met(after):
            raise ErasureRefused(
                f"Nobody else could enter {after.name} while no identity provider answers.",
                hint="Those who run the workspace can name somebody else (breakGlass),"
                " or end the requirement of single sign-on, first.",
            )

    def _can_enter(self, person: Person) -> bool:
        if self._users.active(person) is None:
            return False
        return self._second.of(person).are_any or bool(self._passkeys.of(person))
