"""Users and the claims of their addresses in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import UserId, WorkspaceId, is_part
from chalicelib.domain.invites import Redemption
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserStatus
from chalicelib.domain.visitors import Awaited
from tests.fakes.audit import MemoryAudit
from tests.fakes.invites import MemoryInvites
from tests.fakes.keys import MemoryKeys
from tests.fakes.visitors import MemoryVisitors


class MemoryUsers:
    """Answers `UserStore`; keys appear in the keys' fake, and invites are redeemed in theirs."""

    def __init__(
        self,
        *,
        audit: MemoryAudit,
        keys: MemoryKeys,
        invites: MemoryInvites,
        visitors: MemoryVisitors,
    ) -> None:
        self._audit = audit
        self._keys = keys
        self._invites = invites
        self._visitors = visitors
        self._lock = Lock()
        self._users: dict[Person, User] = {}
        self._claims: dict[tuple[WorkspaceId, str], UserId] = {}
        self._links: dict[Person, list[Link]] = {}
        self._subjects: dict[tuple[WorkspaceId, str], UserId] = {}

    def create(
        self,
        user: User,
        *,
        address: str | None,
        keys: UserKeys,
        event: AuditEvent,
        link: Link | None = None,
        redemption: Redemption | None = None,
        awaited: Awaited | None = None,
    ) -> None:
        subject = None if link is None else link.subject
        if not all(map(is_part, filter(None, (address, subject)))):
            raise ValueError("not a part of a key")
        claim = None if address is None else (user.person.workspace, address)
        with self._lock, self._invites.lock:
            if claim in self._claims or user.person in self._users:
                raise Stale
            known = None if subject is None else (user.person.workspace, subject)
            if known in self._subjects:
                raise Stale
            if self._keys.of_user(user.person) is not None:
                raise Stale
            self._invites.hold(redemption)
            self._audit.append(event)
            self._keys.put_user(keys)
            self._users[user.person] = user
            if claim is not None:
                self._claims[claim] = user.person.user
            if known is not None and link is not None:
                self._subjects[known] = user.person.user
                self._links[user.person] = [link]
            self._invites.redeem(redemption, user.person.user)
            if awaited is not None:
                self._visitors.wait(awaited)

    def upgrade(
        self,
        before: User,
        after: User,
        *,
        address: str,
        event: AuditEvent,
        redemption: Redemption | None = None,
    ) -> None:
        if not is_part(address):
            raise ValueError("not a part of a key")
        person = before.person
        claim = (person.workspace, address)
        with self._lock, self._invites.lock:
            if self._users.get(person) != before or not before.is_visitor or claim in self._claims:
                raise Stale
            self._invites.hold(redemption)
            self._audit.append(event)
            self._users[person] = after
            self._claims[claim] = person.user
            self._invites.redeem(redemption, person.user)
            self._visitors.drop(person)

    def put(self, user: User) -> None:
        """Change a user, as an operator will."""
        with self._lock:
            self._users[user.person] = user

    def get(self, person: Person) -> User | None:
        with self._lock:
            user = self._users.get(person)
            names = {(workspace, uid) for (workspace, _), uid in self._subjects.items()}
        if user is None:
            return None
        return replace(user, is_vouched_for=(person.workspace, person.user) in names)

    def find(self, workspace: WorkspaceId, address: str) -> UserId | None:
        with self._lock:
            return self._claims.get((workspace, address))

    def link(self, person: Person, link: Link, event: AuditEvent) -> None:
        subject = link.subject
        if not is_part(subject):
            raise ValueError("not a part of a key")
        with self._lock:
            user = self._users.get(person)
            if user is None or user.status is UserStatus.ERASING:
                raise Stale
            if (person.workspace, subject) in self._subjects:
                raise Stale
            self._audit.append(event)
            self._subjects[person.workspace, subject] = person.user
            self._links.setdefault(person, []).append(link)

    def unlink(
        self, person: Person, link: Link, event: AuditEvent, *, among: Sequence[Link]
    ) -> None:
        with self._lock:
            user, held = self._users.get(person), self._links.get(person, [])
            if user is None or user.status is UserStatus.ERASING or held != list(among):
                raise Stale
            if self._subjects.get((person.workspace, link.subject)) != person.user:
                raise Stale
            self._audit.append(event)
            del self._subjects[person.workspace, link.subject]
            self._links[person] = [each for each in held if each.subject != link.subject]

    def links(self, person: Person) -> Sequence[Link]:
        with self._lock:
            return list(self._links.get(person, ()))

    def linked(self, workspace: WorkspaceId, subject: str) -> UserId | None:
        with self._lock:
            return self._subjects.get((workspace, subject))

    def change_profile(
        self, person: Person, *, before: Sealed, after: Sealed, event: AuditEvent
    ) -> None:
        with self._lock:
            user = self._users.get(person)
            if user is None or user.profile != before:
                raise Stale
            self._audit.append(event)
            self._users[person] = replace(user, profile=after)

    def change_password(
        self, person: Person, *, before: str | None, after: str, event: AuditEvent
    ) -> None:
        with self._lock:
            user = self._users.get(person)
            if user is None or user.password != before:
                raise Stale
            self._audit.append(event)
            self._users[person] = replace(user, password=after)

    def change_address(
        self, before: User, profile: Sealed, *, old: str, new: str, event: AuditEvent
    ) -> None:
        if not is_part(new):
            raise ValueError("not a part of a key")
        person = before.person
        with self._lock:
            user = self._users.get(person)
            is_mine = self._claims.get((person.workspace, old)) == person.user
            is_taken = (person.workspace, new) in self._claims
            if user is None or user.profile != before.profile or not is_mine or is_taken:
                raise Stale
            self._audit.append(event)
            del self._claims[person.workspace, old]
            self._claims[person.workspace, new] = person.user
            self._users[person] = replace(user, profile=profile)

    def suspend(self, workspace: WorkspaceId, user: UserId) -> None:
        """What an operator does."""
        person = Person(workspace, user)
        with self._lock:
            self._users[person] = replace(self._users[person], status=UserStatus.SUSPENDED)

    def refuse(self, person: Person) -> bool:
        """Let a person be refused for good; answers whether they were not before."""
        with self._lock:
            user = self._users.get(person)
            if user is None or user.status is UserStatus.ERASING:
                return False
            self._users[person] = replace(user, status=UserStatus.ERASING, password=None)
            return True

    def unclaim(self, person: Person, *, address: str | None = None) -> int:
        """Free one address of a person, or all, and all subjects; answers how many addresses."""
        freed = 0
        with self._lock:
            for name, uid in list(self._claims.items()):
                is_theirs = (name[0], uid) == (person.workspace, person.user)
                if is_theirs and address in (None, name[1]):
                    del self._claims[name]
                    freed += 1
            for name, uid in list(self._subjects.items()):
                if (name[0], uid) == (person.workspace, person.user):
                    del self._subjects[name]
                    self._links.pop(person, None)
        return freed

    def drop(self, person: Person) -> None:
        """Forget a person."""
        with self._lock:
            del self._users[person]

    def rehash(self, person: Person, *, before: str, after: str) -> None:
        with self._lock:
            user = self._users.get(person)
            if user is not None and user.password == before:
                self._users[person] = replace(user, password=after)
