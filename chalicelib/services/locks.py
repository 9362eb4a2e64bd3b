"""Locks: an administrator lets strangers' browsers try again before a lock ends by itself."""

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.ids import UserId
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import KEEPERS
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.users import Users


class Locks:
    """What operators do about locks of their workspace's people."""

    def __init__(self, *, users: Users, guesses: Guesses, trail: Trail) -> None:
        """Take the services."""
        self._users = users
        self._guesses = guesses
        self._trail = trail

    def lift(self, caller: MemberCaller, user: UserId) -> None:
        """Forget what was guessed at a person's password and second factor, with its record.

        Raises `Forbidden`, and `NotFound` for a person of another workspace.
        """
        member = caller.member
        actor = caller.acting(KEEPERS, refusal="Owners and admins lift locks.")
        found = self._users.there(Person(member.workspace, user))
        event = self._trail.event(
            AuditAction.SIGNIN_UNLOCKED,
            workspace=member.workspace,
            actor=actor,
            origin=caller.visit.origin,
            subject=user,
        )
        self._guesses.lift(found.person, email=self._users.profile(found).address, event=event)
