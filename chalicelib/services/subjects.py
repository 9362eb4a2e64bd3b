"""Subjects: what upstreams call people, and whom they vouched for."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.audit import SYSTEM, Actor, ActorKind, AuditAction, Origin
from chalicelib.domain.errors import Duplicate, Stale
from chalicelib.domain.ids import AppId, WorkspaceId, new_user_id
from chalicelib.domain.invites import Invite
from chalicelib.domain.links import Link
from chalicelib.domain.ports.directory import UserStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.upstreams import Upstream
from chalicelib.domain.users import Profile, User, UserStatus, profile_place
from chalicelib.services.audit import Trail
from chalicelib.services.invites import Invites
from chalicelib.services.keys import Keys
from chalicelib.services.profiles import written
from chalicelib.services.users import Users


class Subjects:
    """The people whom upstreams know."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: UserStore,
        users: Users,
        invites: Invites,
        keys: Keys,
        trail: Trail,
    ) -> None:
        """Take the ports and the services below."""
        self._invites = invites
        self._clock = clock
        self._store = store
        self._users = users
        self._keys = keys
        self._trail = trail

    def of(self, workspace: WorkspaceId, name: str) -> str:
        """Answer the keyed hash under which what an upstream calls a person is claimed."""
        return self._keys.lookup(workspace, name, info="subject")

    def linked(self, workspace: WorkspaceId, subject: str) -> Person | None:
        """Answer the person who claimed a subject."""
        uid = self._store.linked(workspace, subject)
        return None if uid is None else Person(workspace, uid)

    def link(
        self, person: Person, subject: str, *, upstream: Upstream, origin: Origin, app: AppId
    ) -> None:
        """Let an upstream's subject be this person from now on; raises `Stale` when it is taken."""
        event = self._trail.event(
            AuditAction.FACTOR_ADDED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=origin,
            subject=person.user,
            app=app,
            meta={"kind": "federated", "provider": upstream.name},
        )
        self._store.link(person, self._link(subject, upstream), event)

    def make(
        self,
        workspace: WorkspaceId,
        profile: Profile,
        subject: str,
        *,
        upstream: Upstream,
        origin: Origin,
        app: AppId,
        invite: Invite | None,
    ) -> Person:
        """Store a user for whom an upstream vouched; raises `Duplicate` when anything is taken."""
        person = Person(workspace, new_user_id())
        keys = self._keys.new_user(workspace, person.user)
        place = profile_place(workspace, person.user)
        user = User(
            person=person,
            status=UserStatus.ACTIVE,
            profile=self._keys.seal(place, written(profile), known=keys),
            password=None,
            created_at=self._clock.now(),
        )
        event = self._trail.event(
            AuditAction.USER_CREATED,
            workspace=workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=origin,
            subject=person.user,
            app=app,
            meta={"method": "federated", "provider": upstream.name},
        )
        address = self._users.address_of(workspace, profile.address)
        try:
            self._store.create(
                user,
                address=address,
                keys=keys,
                event=event,
                link=self._link(subject, upstream),
                redemption=self._invites.redemption(invite, person.user, origin=origin, app=app),
            )
        except Stale as error:
            raise Duplicate("This address is taken in the workspace.") from error
        return person

    def describe(
        self, user: User, attributes: Mapping[str, str], *, upstream: str, origin: Origin
    ) -> None:
        """Store what an upstream says of a person now, where that has changed."""
        profile = self._users.profile(user)
        if profile.attributes == attributes:
            return
        person = user.person
        after = written(replace(profile, attributes=attributes))
        sealed = self._keys.seal(profile_place(person.workspace, person.user), after)
        event = self._trail.event(
            AuditAction.USER_UPDATED,
            workspace=person.workspace,
            actor=SYSTEM,
            origin=origin,
            subject=person.user,
            meta={"changed": "attributes", "provider": upstream},
        )
        # Whoever changed the profile just now has been told as well, or will be at the next time.
        with suppress(Stale):
            self._store.change_profile(person, before=user.profile, after=sealed, event=event)

    def _link(self, subject: str, upstream: Upstream) -> Link:
        return Link(subject, upstream.name, upstream.issuer, self._clock.now())
