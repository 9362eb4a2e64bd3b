"""Users: made with keys of their own, found by the keyed hash of their address."""

from dataclasses import dataclass, field, replace

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.errors import Duplicate, NotFound, Stale
from chalicelib.domain.ids import AppId, UserId, WorkspaceId, new_user_id
from chalicelib.domain.invites import Redemption
from chalicelib.domain.keys import Sealed, UserKeys
from chalicelib.domain.limits import MAX_PASSWORD
from chalicelib.domain.ports.directory import UserStore
from chalicelib.domain.ports.surroundings import Addresses, Clock, Passwords
from chalicelib.domain.sessions import Person
from chalicelib.domain.sign_ups import name_of
from chalicelib.domain.users import Profile, User, UserKind, UserStatus, password_of, profile_place
from chalicelib.services.audit import Trail
from chalicelib.services.keys import Keys
from chalicelib.services.profiles import read, written


@dataclass(frozen=True, slots=True)
class Draft:
    """A user who is complete and not stored yet; `address` is a keyed hash."""

    person: Person
    address: str
    keys: UserKeys
    profile: Sealed
    password: str = field(repr=False)


class Users:
    """The people of every workspace."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: UserStore,
        keys: Keys,
        passwords: Passwords,
        addresses: Addresses,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys
        self._passwords = passwords
        self._addresses = addresses
        self._trail = trail

    def normalise(self, email: str) -> str:
        """Answer the one form of an address; raises `InvalidInput`."""
        return self._addresses.normalise(email)

    def address_of(self, workspace: WorkspaceId, email: str) -> str:
        """Answer the keyed hash under which a normalised address is claimed."""
        return self._keys.lookup(workspace, email, info="email")

    def holder(self, workspace: WorkspaceId, address: str) -> UserId | None:
        """Answer who claimed an address."""
        return self._store.find(workspace, address)

    def draft(
        self, workspace: WorkspaceId, *, email: str, password: str, name: str | None
    ) -> Draft:
        """Make a user of a normalised address; raises `InvalidInput` for password or name."""
        chosen = self.judged(password)
        profile = Profile(email=email, name=name_of(name))
        person = Person(workspace, new_user_id())
        keys = self._keys.new_user(workspace, person.user)
        return Draft(
            person=person,
            address=self.address_of(workspace, email),
            keys=keys,
            profile=self._keys.seal(
                profile_place(workspace, person.user), written(profile), known=keys
            ),
            password=self._passwords.hash(chosen),
        )

    def judged(self, password: str) -> str:
        """Answer a text that may become a password; raises `InvalidInput`."""
        # Judging is costlier than counting characters, so a novel is not judged.
        known = len(password) <= MAX_PASSWORD and self._passwords.is_common(password)
        return password_of(password, is_common=known)

    def hashed(self, password: str) -> str:
        """Answer the hash of a password to be; raises `InvalidInput`."""
        return self._passwords.hash(self.judged(password))

    def upgrade(
        self,
        visitor: User,
        profile: Profile,
        *,
        password: str,
        origin: Origin,
        app: AppId | None,
        redemption: Redemption | None,
    ) -> None:
        """Give a visitor an account, `password` is its hash; raises `Duplicate`.

        So it does when the visitor has one by now, and when the invite is not open any more.
        """
        person = visitor.person
        place = profile_place(person.workspace, person.user)
        after = replace(
            visitor,
            profile=self._keys.seal(place, written(profile)),
            password=password,
            kind=UserKind.ACCOUNT,
        )
        event = self._trail.event(
            AuditAction.USER_UPGRADED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=origin,
            subject=person.user,
            app=app,
            meta={"kind": "account"},
        )
        address = self.address_of(person.workspace, profile.address)
        try:
            self._store.upgrade(visitor, after, address=address, event=event, redemption=redemption)
        except Stale as error:
            raise Duplicate("This address is taken in the workspace.") from error

    def change_password(
        self, user: User, password: str, *, method: str, origin: Origin, app: AppId | None = None
    ) -> None:
        """Store another password, which was judged; raises `Stale` when a change came first."""
        event = self._trail.event(
            AuditAction.PASSWORD_CHANGED,
            workspace=user.person.workspace,
            actor=Actor(ActorKind.USER, user.person.user),
            origin=origin,
            subject=user.person.user,
            app=app,
            meta={"method": method},
        )
        after = self._passwords.hash(password)
        self._store.change_password(user.person, before=user.password, after=after, event=event)

    def change_address(self, user: User, email: str, *, origin: Origin) -> None:
        """Move a person to a normalised address that they proved; raises `Duplicate` or `Stale`."""
        person, profile = user.person, self.profile(user)
        new = self.address_of(person.workspace, email)
        event = self._trail.event(
            AuditAction.EMAIL_CHANGED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=origin,
            subject=person.user,
        )
        after = written(replace(profile, email=email))
        sealed = self._keys.seal(profile_place(person.workspace, person.user), after)
        old = self.address_of(person.workspace, profile.address)
        try:
            self._store.change_address(user, sealed, old=old, new=new, event=event)
        except Stale as error:
            if self._store.find(person.workspace, new) is not None:
                raise Duplicate("This address is taken in the workspace.") from error
            raise

    def store(
        self,
        draft: Draft,
        *,
        actor: Actor,
        origin: Origin,
        app: AppId | None = None,
        redemption: Redemption | None = None,
    ) -> Person:
        """Store a user whose address was verified; raises `Duplicate` when it is taken.

        So it does when the invite that is redeemed by it is not open any more.
        """
        user = User(
            person=draft.person,
            status=UserStatus.ACTIVE,
            profile=draft.profile,
            password=draft.password,
            created_at=self._clock.now(),
        )
        event = self._trail.event(
            AuditAction.USER_CREATED,
            workspace=draft.person.workspace,
            actor=actor,
            origin=origin,
            subject=draft.person.user,
            app=app,
        )
        try:
            self._store.create(
                user, address=draft.address, keys=draft.keys, event=event, redemption=redemption
            )
        except Stale as error:
            raise Duplicate("This address is taken in the workspace.") from error
        return draft.person

    def found(self, workspace: WorkspaceId, email: str) -> User | None:
        """Answer the user of a normalised address; one who is not there costs the same reads."""
        uid = self._store.find(workspace, self.address_of(workspace, email))
        user = self._store.get(Person(workspace, new_user_id() if uid is None else uid))
        return None if uid is None else user

    def active(self, person: Person) -> User | None:
        """Answer a user who may be signed in."""
        user = self._store.get(person)
        return user if user is not None and user.status is UserStatus.ACTIVE else None

    def there(self, person: Person) -> User:
        """Answer a user, whether they may sign in or not; raises `NotFound`, also of the erased."""
        user = self._store.get(person)
        if user is None or user.status is UserStatus.ERASING:
            raise NotFound("There is no such person in this workspace.")
        return user

    def profile(self, user: User) -> Profile:
        """Open a user's personal data."""
        place = profile_place(user.person.workspace, user.person.user)
        return read(self._keys.open(place, user.profile))

    def profile_of_draft(self, person: Person, profile: Sealed, keys: UserKeys) -> Profile:
        """Open the personal data of somebody who is not stored yet."""
        place = profile_place(person.workspace, person.user)
        return read(self._keys.open(place, profile, known=keys))

    def renew_hash(self, user: User, password: str) -> None:
        """Store a stronger hash of the password that has just fitted, if today's is stronger."""
        if user.password is not None and self._passwords.is_outdated(user.password):
            self._store.rehash(
                user.person, before=user.password, after=self._passwords.hash(password)
            )
