"""Demands: what a workspace wants of every sign-in, changed where nobody is locked out by it."""

from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput, NotReady
from chalicelib.domain.ids import UserId, is_uid
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import Wish, Workspace
from chalicelib.services.emergencies import Emergencies
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


class Demands:
    """Second factors and single sign-on, as operators choose them."""

    def __init__(
        self,
        *,
        workspaces: Workspaces,
        upstreams: Upstreams,
        users: Users,
        emergencies: Emergencies,
    ) -> None:
        """Take the services of workspaces, providers and people."""
        self._workspaces = workspaces
        self._upstreams = upstreams
        self._users = users
        self._emergencies = emergencies

    def change(self, caller: MemberCaller, wish: Wish) -> Workspace:
        """Change what is wished for; raises `Forbidden`, `InvalidInput` or `NotReady`."""
        return self._workspaces.change_settings(caller, wish, judge=self._judge)

    def _judge(self, before: Workspace, after: Workspace) -> None:
        if after.break_glass != before.break_glass:
            self._demand_people(after)
        if not after.require_sso:
            return
        if not before.require_sso and not self._upstreams.has_proven(after.id):
            raise NotReady(
                "Single sign-on cannot be required yet.",
                hint="Sign in once by a provider that is enabled, and offered or has domains.",
            )
        is_changed = not before.require_sso or after.break_glass != before.break_glass
        if is_changed and not self._emergencies.are_met(after):
            raise NotReady(
                "Nobody could enter while no provider answers.",
                hint="Name in breakGlass somebody who has a passkey or an authenticator.",
            )

    def _demand_people(self, workspace: Workspace) -> None:
        faults = [
            Fault("/breakGlass", f"{user} is nobody here who can sign in")
            for user in workspace.break_glass
            if not self._has_account(workspace, user)
        ]
        if faults:
            raise InvalidInput("Name people of this workspace.", *faults)

    def _has_account(self, workspace: Workspace, user: UserId) -> bool:
        found = self._users.active(Person(workspace.id, user)) if is_uid(user) else None
        return found is not None and not found.is_visitor
