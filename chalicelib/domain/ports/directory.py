"""Ports to the directory: workspaces, applications, users, members, and their keys.

A change and its audit event are one transaction. A lost race raises `Stale` and changed nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.ids import AppId, UserId, WorkspaceId
from chalicelib.domain.invites import Redemption
from chalicelib.domain.keys import KeyKind, Sealed, UserKey, UserKeys, WorkspaceKeys
from chalicelib.domain.links import Link
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SigningKey
from chalicelib.domain.users import User
from chalicelib.domain.visitors import Awaited
from chalicelib.domain.workspaces import Gate, Member, Workspace


class WorkspaceStore(Protocol):
    """Workspaces and their gates."""

    def create(
        self,
        workspace: Workspace,
        *,
        keys: WorkspaceKeys,
        owner: Member | None,
        events: Sequence[AuditEvent],
    ) -> None:
        """Claim the slug and store all of it with an open gate; raises `Stale` when taken."""
        ...

    def change_quotas(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        """Store the quotas of `after`; raises `Stale` unless those of `before` still stand."""
        ...

    def change_settings(self, before: Workspace, after: Workspace, event: AuditEvent) -> None:
        """Store what operators chose in `after`; raises `Stale` unless that of `before` stands."""
        ...

    def all(self) -> Iterator[Workspace]:
        """Answer every workspace of the deployment, a page at a time."""
        ...

    def find(self, slug: str) -> Workspace | None:
        """Answer the workspace that claimed a slug."""
        ...

    def get(self, workspace: WorkspaceId) -> Workspace | None:
        """Answer a workspace by its id, read consistently."""
        ...

    def gate(self, workspace: WorkspaceId) -> Gate | None:
        """Answer the gate of a workspace, read consistently."""
        ...


class MemberStore(Protocol):
    """Operators and their roles."""

    def get(self, workspace: WorkspaceId, operator: UserId) -> Member | None:
        """Answer the membership of an operator in one workspace, read consistently."""
        ...

    def workspaces_of(self, operator: UserId) -> Sequence[WorkspaceId]:
        """Answer every workspace in which an operator is a member."""
        ...

    def of(self, workspace: WorkspaceId) -> Sequence[Member]:
        """Answer all members of a workspace in the order of their ids, read consistently."""
        ...

    def remove(self, member: Member, *, owner: Member | None, event: AuditEvent) -> None:
        """End a membership with its event, while another `owner`, if one is given, still is one.

        Raises `Stale`. Of the last two owners who leave at the same moment, one stays.
        """
        ...


class ApplicationStore(Protocol):
    """Applications of a workspace."""

    def create(self, application: Application, event: AuditEvent) -> None:
        """Store with the claim of its client id; raises `Stale` when either is taken."""
        ...

    def update(self, application: Application, event: AuditEvent) -> None:
        """Store changed settings in the place of the version before, which must still stand."""
        ...

    def add_redirect(
        self, workspace: WorkspaceId, app: AppId, uri: str, *, limit: int, event: AuditEvent
    ) -> None:
        """Append a redirect URI and raise the version.

        Raises `Stale` when it is there, when `limit` are there, and when there is no application.
        """
        ...

    def get(self, workspace: WorkspaceId, app: AppId) -> Application | None:
        """Answer an application, read consistently."""
        ...

    def find(self, client_id: str) -> Application | None:
        """Answer the application that has a client id."""
        ...

    def of(self, workspace: WorkspaceId) -> Sequence[Application]:
        """Answer all applications of a workspace in the order of their ids."""
        ...


class UserStore(Protocol):
    """Users of a workspace; `address` is the keyed hash of a normalised e-mail address.

    `subject` is the keyed hash of what an upstream knows a person as.
    """

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
        """Store a user, the claims of address and subject, and the keys; redeem the invite.

        A visitor has no address, and is waited for.

        Raises `Stale` when a claim is taken, and when the invite is not open any more.
        """
        ...

    def upgrade(
        self,
        before: User,
        after: User,
        *,
        address: str,
        event: AuditEvent,
        redemption: Redemption | None = None,
    ) -> None:
        """Make a visitor's account: claim the address, store profile and password, wait no more.

        Raises `Stale` unless the visitor stands as before, when the address is taken, and when
        the invite is not open any more.
        """
        ...

    def get(self, person: Person) -> User | None:
        """Answer a user, read consistently."""
        ...

    def find(self, workspace: WorkspaceId, address: str) -> UserId | None:
        """Answer who claimed an address in one workspace, read consistently."""
        ...

    def link(self, person: Person, link: Link, event: AuditEvent) -> None:
        """Claim a subject for a user; raises `Stale` when it is taken, and when nobody is there."""
        ...

    def unlink(
        self, person: Person, link: Link, event: AuditEvent, *, among: Sequence[Link]
    ) -> None:
        """Free a subject that a user claimed; raises `Stale` unless their links are `among` still.

        Of two that are removed at the same moment, one stays.
        """
        ...

    def links(self, person: Person) -> Sequence[Link]:
        """Answer all that a user claimed, the oldest first, read consistently."""
        ...

    def linked(self, workspace: WorkspaceId, subject: str) -> UserId | None:
        """Answer who claimed a subject in one workspace, read consistently."""
        ...

    def change_profile(
        self, person: Person, *, before: Sealed, after: Sealed, event: AuditEvent
    ) -> None:
        """Store other personal data; raises `Stale` unless `before` still stands."""
        ...

    def change_password(
        self, person: Person, *, before: str | None, after: str, event: AuditEvent
    ) -> None:
        """Store another password's hash; raises `Stale` unless `before` still stands."""
        ...

    def change_address(
        self, before: User, profile: Sealed, *, old: str, new: str, event: AuditEvent
    ) -> None:
        """Store a profile with another address, and move the claim.

        Raises `Stale` unless the profile and the old claim still stand, or when `new` is taken.
        """
        ...

    def rehash(self, person: Person, *, before: str, after: str) -> None:
        """Replace a password hash by a stronger one of the same password; a race is ignored."""
        ...


class KeyStore(Protocol):
    """Wrapped keys of workspaces and users, and the deployment's signing keys."""

    def of_workspace(self, workspace: WorkspaceId) -> WorkspaceKeys | None:
        """Answer every key of a workspace, read consistently."""
        ...

    def of_user(self, person: Person) -> UserKeys | None:
        """Answer every key of a user, read consistently."""
        ...

    def add(self, person: Person, *, kind: KeyKind, version: int, key: UserKey) -> None:
        """Add a user key of a kind that the user has not had.

        Raises `Stale` when there is one, and when the user has no keys at all: erased is erased.
        """
        ...

    def signing(self) -> Sequence[SigningKey]:
        """Answer every signing key of the deployment."""
        ...

    def add_signing(self, key: SigningKey) -> None:
        """Publish a signing key; the same one again changes nothing."""
        ...

    def publish_signing(self, key: SigningKey, event: AuditEvent) -> None:
        """Publish a signing key with its audit event; raises `Stale` when it is there."""
        ...

    def turn_signing(
        self, turns: Sequence[tuple[SigningKey, SigningKey | None]], event: AuditEvent
    ) -> None:
        """Change state and end of keys, or remove them, all of it or nothing.

        Raises `Stale` where a key no longer stands in the state it had before.
        """
        ...
