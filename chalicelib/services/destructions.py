"""Destructions: the one write that makes an erasure, with its record and its events."""

from chalicelib.domain.audit import Actor, AuditAction, Origin
from chalicelib.domain.erasures import Erasure
from chalicelib.domain.errors import ErasureRefused
from chalicelib.domain.ids import new_ulid
from chalicelib.domain.ports.erasures import ErasureStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.domain.visitors import Awaited
from chalicelib.services.audit import Trail


class Destructions:
    """Destroys keys, and opens nothing; what else there is of a person is left to others."""

    def __init__(self, *, clock: Clock, store: ErasureStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def under_way(self, person: Person) -> Erasure | None:
        """Answer an erasure that has begun and is not over."""
        return self._store.of(person)

    def permit(self, person: Person) -> None:
        """Refuse where a hold lies on a person's keys: `ErasureRefused`."""
        if self._store.is_held(person):
            raise ErasureRefused(
                "A legal hold lies on this account: its data must be kept for now.",
                hint="Those who run the workspace know of the hold, and when it ends.",
            )

    def destroy(
        self,
        user: User,
        *,
        address: str | None,
        actor: Actor,
        origin: Origin,
        awaited: Awaited | None = None,
    ) -> Erasure:
        """Destroy the keys of somebody who stands as they were read; raises `Stale`.

        A visitor who is `awaited` also has to be waited for until then, as it was read.
        """
        person, millis = user.person, self._clock.millis()
        erasure = Erasure(new_ulid(millis), person, millis // 1_000)
        events = [
            self._trail.event(
                action,
                workspace=person.workspace,
                actor=actor,
                origin=origin,
                subject=person.user,
                meta={"record": erasure.id},
            )
            for action in (AuditAction.KEY_DESTROYED, AuditAction.USER_ERASED)
        ]
        self._store.begin(
            erasure, profile=user.profile, address=address, events=events, awaited=awaited
        )
        return erasure
