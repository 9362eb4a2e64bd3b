"""Wrapped keys in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.keys import KeyKind, UserKey, UserKeys, UserRing, WorkspaceKeys
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SigningKey
from tests.fakes.audit import MemoryAudit


class MemoryKeys:
    """Answers `KeyStore`; other stores put the keys of what they create."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._workspaces: dict[WorkspaceId, WorkspaceKeys] = {}
        self._users: dict[Person, UserKeys] = {}
        self._signing: dict[str, SigningKey] = {}

    def put_workspace(self, keys: WorkspaceKeys) -> None:
        with self._lock:
            if keys.workspace in self._workspaces:
                raise Stale
            self._workspaces[keys.workspace] = keys

    def put_user(self, keys: UserKeys) -> None:
        person = Person(keys.workspace, keys.user)
        with self._lock:
            if person in self._users:
                raise Stale
            self._users[person] = keys

    def drop(self, person: Person) -> bool:
        """Destroy a person's keys; answers whether there were any."""
        with self._lock:
            return self._users.pop(person, None) is not None

    def of_workspace(self, workspace: WorkspaceId) -> WorkspaceKeys | None:
        with self._lock:
            return self._workspaces.get(workspace)

    def of_user(self, person: Person) -> UserKeys | None:
        with self._lock:
            return self._users.get(person)

    def add(self, person: Person, *, kind: KeyKind, version: int, key: UserKey) -> None:
        with self._lock:
            keys = self._users.get(person)
            if keys is None or kind in keys.rings:
                raise Stale
            ring = UserRing(version, {version: key})
            self._users[person] = replace(keys, rings={**keys.rings, kind: ring})

    def signing(self) -> Sequence[SigningKey]:
        with self._lock:
            return [key for _, key in sorted(self._signing.items())]

    def add_signing(self, key: SigningKey) -> None:
        with self._lock:
            there = self._signing.setdefault(key.kid, key)
            if there.public != key.public:
                raise Stale

    def publish_signing(self, key: SigningKey, event: AuditEvent) -> None:
        with self._lock:
            if key.kid in self._signing:
                raise Stale
            self._audit.append(event)
            self._signing[key.kid] = key

    def turn_signing(
        self, turns: Sequence[tuple[SigningKey, SigningKey | None]], event: AuditEvent
    ) -> None:
        with self._lock:
            for before, _ in turns:
                there = self._signing.get(before.kid)
                if there is None or there.state is not before.state:
                    raise Stale
            self._audit.append(event)
            for before, after in turns:
                if after is None:
                    del self._signing[before.kid]
                else:
                    self._signing[before.kid] = after
