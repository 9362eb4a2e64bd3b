"""Keys in use: KMS wraps workspace keys, these wrap user keys, these seal what a user owns."""

from collections.abc import Callable

from chalicelib.domain.errors import Stale, StoreUnavailable, Unopenable
from chalicelib.domain.ids import UserId, WorkspaceId, new_user_id
from chalicelib.domain.keys import (
    KeyKind,
    Place,
    Purpose,
    Sealed,
    SealedApart,
    UserKey,
    UserKeys,
    UserRing,
    WorkspaceKey,
    WorkspaceKeys,
    WorkspaceRing,
    user_key_context,
    workspace_key_context,
)
from chalicelib.domain.limits import WORKSPACE_KEY_AGE
from chalicelib.domain.ports.crypto import Cipher, RootKey
from chalicelib.domain.ports.directory import KeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.recent import Recent
from chalicelib.domain.sessions import Person

_FIRST = 1

PlaceOf = Callable[[WorkspaceId, UserId], Place]


class Keys:
    """Seals and opens; plaintext keys live here, in process memory, for a minute at most."""

    def __init__(self, *, clock: Clock, store: KeyStore, root: RootKey, cipher: Cipher) -> None:
        """Take the ports; every cache begins empty."""
        self._clock = clock
        self._store = store
        self._root = root
        self._cipher = cipher
        self._wrapped: Recent[WorkspaceId, WorkspaceKeys] = Recent(
            clock.monotonic, age=WORKSPACE_KEY_AGE
        )
        self._plain: Recent[tuple[WorkspaceId, Purpose, int], bytes] = Recent(
            clock.monotonic, age=WORKSPACE_KEY_AGE
        )
        self._users: Recent[Person, UserKeys] = Recent(clock.monotonic, age=WORKSPACE_KEY_AGE)

    def new_workspace(self, workspace: WorkspaceId) -> WorkspaceKeys:
        """Make the first version of every workspace key; the caller stores them."""
        rings: dict[Purpose, WorkspaceRing] = {}
        for purpose in Purpose:
            context = workspace_key_context(workspace, purpose=purpose, version=_FIRST)
            _, wrapped, arn = self._root.new_key(context)
            key = WorkspaceKey(wrapped=wrapped, root_arn=arn, created_at=self._clock.now())
            rings[purpose] = WorkspaceRing(current=_FIRST, versions={_FIRST: key})
        return WorkspaceKeys(workspace=workspace, rings=rings)

    def new_user(self, workspace: WorkspaceId, user: UserId) -> UserKeys:
        """Make a user's identity key; the caller stores it with the user.

        The data key follows at the first payload: who creates users may not hold `data`.
        """
        ring = UserRing(
            current=_FIRST,
            versions={_FIRST: self._new_user_key(Person(workspace, user), KeyKind.IK)},
        )
        return UserKeys(workspace=workspace, user=user, rings={KeyKind.IK: ring})

    def seal(self, place: Place, plaintext: bytes, *, known: UserKeys | None = None) -> Sealed:
        """Seal under the user's current key of the place's kind, which is made if need be.

        `known` are keys that the caller has just read or just made; without them a copy that is
        at most a minute old may serve.
        """
        keys = known or self._recent_user(place)
        keys = self.completed(keys, place.kind)
        version = keys.rings[place.kind].current
        key = self._user_key(keys, kind=place.kind, version=version)
        message = self._cipher.seal(plaintext, key=key, version=version, place=place)
        return Sealed(version=version, ciphertext=message)

    def completed(self, known: UserKeys, kind: KeyKind) -> UserKeys:
        """Answer a user's keys with one of this kind, which is made and stored if need be."""
        if kind in known.rings:
            return known
        return self._with_kind(Person(known.workspace, known.user), kind)

    def open(self, place: Place, sealed: Sealed, *, known: UserKeys | None = None) -> bytes:
        """Open what was sealed in exactly this place; raises `Unopenable`."""
        keys = known or self._stored_user(_owner(place))
        if not _has(keys, place.kind, sealed.version):
            # It was added after these were read, or nobody has it.
            keys = self._stored_user(_owner(place))
        key = self._user_key(keys, kind=place.kind, version=sealed.version)
        return self._cipher.open(sealed.ciphertext, key=key, version=sealed.version, place=place)

    def seal_apart(self, workspace: WorkspaceId, place: PlaceOf, plaintext: bytes) -> SealedApart:
        """Seal what belongs to nobody, under new keys that go where it goes."""
        keys = self.new_user(workspace, new_user_id())
        return SealedApart(keys, self.seal(place(workspace, keys.user), plaintext, known=keys))

    def open_apart(self, place: PlaceOf, kept: SealedApart) -> bytes:
        """Open what was sealed apart in exactly this place; raises `Unopenable`."""
        keys = kept.keys
        return self.open(place(keys.workspace, keys.user), kept.sealed, known=keys)

    def lookup(self, workspace: WorkspaceId, value: str, *, info: str) -> str:
        """Answer the keyed hash under which a value is found in one workspace, and in no other."""
        ring = self._ring(workspace, Purpose.LOOKUP)
        key = self._workspace_key(workspace, Purpose.LOOKUP, ring.current)
        return self._cipher.lookup(value, key=key, info=info)

    def nonce(self, workspace: WorkspaceId, value: str, *, info: str) -> str:
        """Answer a keyed hash that every function here can make again, and nobody can foretell."""
        # Under the one key that functions for data hold as well as those for identity.
        ring = self._ring(workspace, Purpose.IDENTITY)
        key = self._workspace_key(workspace, Purpose.IDENTITY, ring.current)
        return self._cipher.lookup(value, key=key, info=info)

    def digest(self, workspace: WorkspaceId, value: str, *, info: str) -> str:
        """Answer a keyed hash for rows that nobody looks for after a day."""
        # By the oldest version: a rotation must not make a repeated request look like a new one.
        version = min(self._ring(workspace, Purpose.DATA).versions)
        key = self._workspace_key(workspace, Purpose.DATA, version)
        return self._cipher.lookup(value, key=key, info=info)

    def knows(self, workspace: WorkspaceId) -> bool:
        """Tell whether a copy of the wrapped workspace keys is fresh enough to use."""
        return self._wrapped.get(workspace) is not None

    def are_there(self, workspace: WorkspaceId) -> bool:
        """Tell whether a workspace has its keys, so that a person without any was erased."""
        return self.knows(workspace) or self._store.of_workspace(workspace) is not None

    def knows_digests(self, workspace: WorkspaceId) -> bool:
        """Tell whether a digest needs neither the store nor KMS."""
        keys = self._wrapped.get(workspace)
        if keys is None:
            return False
        version = min(keys.rings[Purpose.DATA].versions)
        return self._plain.get((workspace, Purpose.DATA, version)) is not None

    def learn(self, keys: WorkspaceKeys) -> None:
        """Keep wrapped workspace keys that rode along with another read."""
        self._wrapped.keep(keys.workspace, keys)

    def _recent_user(self, place: Place) -> UserKeys:
        person = _owner(place)
        return self._users.get(person) or self._stored_user(person)

    def _stored_user(self, person: Person) -> UserKeys:
        keys = self._store.of_user(person)
        if keys is None:
            raise Unopenable("The keys of this user are gone.")
        return self._users.keep(person, keys)

    def _with_kind(self, person: Person, kind: KeyKind) -> UserKeys:
        try:
            self._store.add(person, kind=kind, version=_FIRST, key=self._new_user_key(person, kind))
        except Stale:
            # Another writer made the first key at the same time, or all keys are gone by now.
            self._users.forget(person)
        keys = self._stored_user(person)
        if kind not in keys.rings:
            raise StoreUnavailable("The keys of this user could not be completed.")
        return keys

    def _new_user_key(self, person: Person, kind: KeyKind) -> UserKey:
        version = self._ring(person.workspace, kind.purpose).current
        context = user_key_context(
            person.workspace,
            person.user,
            kind=kind,
            version=_FIRST,
            workspace_version=version,
        )
        under = self._workspace_key(person.workspace, kind.purpose, version)
        wrapped = self._cipher.wrap(self._cipher.new_user_key(), under=under, context=context)
        return UserKey(wrapped=wrapped, workspace_version=version)

    def _user_key(self, keys: UserKeys, *, kind: KeyKind, version: int) -> bytes:
        ring = keys.rings.get(kind)
        key = ring.versions.get(version) if ring is not None else None
        if key is None:
            raise Unopenable("The key of this message is gone.")
        context = user_key_context(
            keys.workspace,
            keys.user,
            kind=kind,
            version=version,
            workspace_version=key.workspace_version,
        )
        under = self._workspace_key(keys.workspace, kind.purpose, key.workspace_version)
        return self._cipher.unwrap(key.wrapped, under=under, context=context)

    def _ring(self, workspace: WorkspaceId, purpose: Purpose) -> WorkspaceRing:
        keys = self._wrapped.get(workspace)
        if keys is None:
            stored = self._store.of_workspace(workspace)
            if stored is None:
                raise Unopenable("The keys of this workspace are gone.")
            keys = self._wrapped.keep(workspace, stored)
        return keys.rings[purpose]

    def _workspace_key(self, workspace: WorkspaceId, purpose: Purpose, version: int) -> bytes:
        plain = self._plain.get((workspace, purpose, version))
        if plain is not None:
            return plain
        key = self._ring(workspace, purpose).versions.get(version)
        if key is None:
            # Another process may have added it since the ring was read.
            self._wrapped.forget(workspace)
            key = self._ring(workspace, purpose).versions.get(version)
        if key is None:
            raise Unopenable("This version of the workspace key is gone.")
        context = workspace_key_context(workspace, purpose=purpose, version=version)
        opened = self._root.unwrap(key.wrapped, arn=key.root_arn, context=context)
        return self._plain.keep((workspace, purpose, version), opened)


def _owner(place: Place) -> Person:
    return Person(place.workspace, place.user)


def _has(keys: UserKeys, kind: KeyKind, version: int) -> bool:
    return kind in keys.rings and version in keys.rings[kind].versions
