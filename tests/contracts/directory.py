"""The directory's stores of one backend, and made-up things to put into them."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditAction, AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, digest, new_workspace_id
from chalicelib.domain.keys import UserKeys
from chalicelib.domain.ports.devices import DeviceStore
from chalicelib.domain.ports.directory import (
    ApplicationStore,
    KeyStore,
    MemberStore,
    UserStore,
    WorkspaceStore,
)
from chalicelib.domain.ports.factors import FactorStore
from chalicelib.domain.ports.invites import InviteStore
from chalicelib.domain.ports.login import ChallengeStore, LoginStore, RefreshStore
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.upstreams import DetourStore, UpstreamStore
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserStatus
from chalicelib.domain.workspaces import Member, Workspace
from tests.builders import (
    NOW,
    some_application,
    some_event,
    some_person,
    some_sealed,
    some_user_keys,
    some_workspace,
    some_workspace_keys,
)

T = TypeVar("T")

DAY = "20270115"  # of NOW


@dataclass(frozen=True, slots=True)
class Directory:
    """Stores that share one backend."""

    workspaces: WorkspaceStore
    members: MemberStore
    upstreams: UpstreamStore
    invites: InviteStore
    applications: ApplicationStore
    users: UserStore
    keys: KeyStore
    audit: AuditStore
    login: LoginStore
    challenges: ChallengeStore
    devices: DeviceStore
    factors: FactorStore
    refresh: RefreshStore
    passkeys: PasskeyStore
    detours: DetourStore

    def add_workspace(
        self, workspace: Workspace | None = None, *, owner: Member | None = None
    ) -> Workspace:
        """Create a workspace with keys and one event."""
        made = some_workspace() if workspace is None else workspace
        self.workspaces.create(
            made,
            keys=some_workspace_keys(made.id),
            owner=owner,
            events=[some_event(made.id, action=AuditAction.WORKSPACE_CREATED)],
        )
        return made

    def add_user(
        self, user: User | None = None, *, address: str | None = None, keys: UserKeys | None = None
    ) -> User:
        """Create a user with keys and one event."""
        made = some_user() if user is None else user
        self.users.create(
            made,
            address=some_digest() if address is None else address,
            keys=some_user_keys(made.person) if keys is None else keys,
            event=some_event(made.person.workspace, action=AuditAction.USER_CREATED),
        )
        return made

    def add_application(self, application: Application | None = None) -> Application:
        """Create an application with one event."""
        made = some_application(new_workspace_id()) if application is None else application
        self.applications.create(
            made, some_event(made.workspace, action=AuditAction.APPLICATION_CREATED)
        )
        return made

    def events(self, workspace: WorkspaceId) -> Sequence[AuditEvent]:
        """Answer what was recorded of a workspace, in the order of the ids."""
        return self.audit.of_day(workspace, DAY)


def wins(attempt: Callable[[], object]) -> bool:
    """Tell whether an attempt was not refused as stale."""
    try:
        attempt()
    except Stale:
        return False
    return True


def at_once(attempts: Sequence[Callable[[], T]]) -> list[T]:
    """Answer the results of attempts that start at the same moment, each in its thread."""
    start = Barrier(len(attempts))

    def go(attempt: Callable[[], T]) -> T:
        start.wait(timeout=30)
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(go, attempts))


def some_digest() -> str:
    """Make a digest of nothing in particular."""
    return digest(secrets.token_hex())


def some_user(person: Person | None = None, **changes: object) -> User:
    """Make a user with a password."""
    words: dict[str, Any] = {
        "person": person or some_person(),
        "status": UserStatus.ACTIVE,
        "profile": some_sealed(2),
        "password": "$argon2id$" + secrets.token_hex(),
        "created_at": NOW,
        **changes,
    }
    return User(**words)
