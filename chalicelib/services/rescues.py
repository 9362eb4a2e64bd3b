"""Rescues: an administrator takes away what a stranger may have set up to be asked for."""

from chalicelib.domain.audit import Actor, AuditAction, AuditEvent
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.denials import Forbidden
from chalicelib.domain.ids import CONSOLE, UserId
from chalicelib.domain.ports.factors import FactorStore
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.workspaces import KEEPERS
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.credentials import Credentials
from chalicelib.services.notice_mails import withdrawn_mail
from chalicelib.services.users import Users
from chalicelib.services.workspaces import Workspaces


class Rescues:
    """The way back in for those who have their address, and not what is asked for beside it."""

    def __init__(
        self,
        *,
        clock: Clock,
        factors: FactorStore,
        passkeys: PasskeyStore,
        workspaces: Workspaces,
        users: Users,
        credentials: Credentials,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services of people and of what they prove themselves with."""
        self._clock = clock
        self._factors = factors
        self._passkeys = passkeys
        self._workspaces = workspaces
        self._users = users
        self._credentials = credentials
        self._trail = trail

    def remove_factors(self, caller: MemberCaller, user: UserId) -> int:
        """Leave a person nothing but the password, end all their sign-ins, and tell them.

        Answers how many factors there were. Whoever has none is signed out all the same: it may
        be the second try of an end that was interrupted. Raises `Forbidden`, and `NotFound` for a
        person of another workspace and for a visitor.
        """
        member = caller.member
        actor = caller.acting(KEEPERS, refusal="Owners and admins remove factors.")
        workspace = self._workspaces.get(member.workspace)
        # At home that takes a fresh sign-in, which a token of the console does not prove.
        if workspace.slug == CONSOLE and user == member.operator:
            raise Forbidden("Remove your own factors where you are signed in, at /app/self.")
        found = self._users.there(Person(member.workspace, user))
        # Asked for before anything ends: a visitor has no other way back.
        _ = self._users.profile(found).address
        removed = 0

        def withdraw() -> None:
            nonlocal removed
            removed = self._withdraw(found.person, actor, caller)

        self._credentials.withdrawn(
            found,
            withdrawn_mail(place=workspace.name),
            withdraw=withdraw,
            actor=actor,
            visit=caller.visit,
        )
        return removed

    def _withdraw(self, person: Person, actor: Actor, caller: MemberCaller) -> int:
        # Each is one transaction with its event; of those that are gone meanwhile none is counted.
        removed = 0
        while settled(self._clock, lambda: self._remove_next(person, actor, caller)):
            removed += 1
        return removed

    def _remove_next(self, person: Person, actor: Actor, caller: MemberCaller) -> bool:
        def event(kind: str) -> AuditEvent:
            return self._trail.event(
                AuditAction.FACTOR_REMOVED,
                workspace=person.workspace,
                actor=actor,
                origin=caller.visit.origin,
                subject=person.user,
                meta={"kind": kind},
            )

        totp = self._factors.of(person).totp
        if totp is not None:
            self._factors.remove_totp(totp, event("totp"))
            return True
        passkey = next(iter(self._passkeys.of(person)), None)
        if passkey is not None:
            self._passkeys.remove(passkey, event("passkey"))
        return passkey is not None
