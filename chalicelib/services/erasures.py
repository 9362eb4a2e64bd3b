"""Erasures: a person's keys are destroyed, and whatever else there is of them goes with these."""

from collections import Counter
from contextlib import suppress

from chalicelib.domain.audit import Actor, AuditAction, Origin, day_of
from chalicelib.domain.backups import DEPLOYMENT, BackupKind, began_at
from chalicelib.domain.erasures import Certificate, Erasure, Remains, keys_gone_at
from chalicelib.domain.errors import NotFound, StoreUnavailable, WriteConflict
from chalicelib.domain.limits import KEY_COPIED_SECONDS
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import UserKind
from chalicelib.services.contention import settled
from chalicelib.services.destructions import Destructions
from chalicelib.services.emergencies import Emergencies
from chalicelib.services.memberships import Memberships
from chalicelib.services.remnants import Remnants
from chalicelib.services.users import Users


class Erasures:
    """The one way to erase a person, whoever asks for it."""

    def __init__(
        self,
        *,
        clock: Clock,
        destructions: Destructions,
        users: Users,
        memberships: Memberships,
        emergencies: Emergencies,
        remnants: Remnants,
        audit: AuditStore,
    ) -> None:
        """Take the ports, and the services of what is taken along."""
        self._clock = clock
        self._destructions = destructions
        self._users = users
        self._memberships = memberships
        self._emergencies = emergencies
        self._remnants = remnants
        self._audit = audit

    def erase_visitor(self, person: Person, *, actor: Actor, origin: Origin) -> Certificate:
        """Erase somebody without an account; raises `NotFound` where they have one by now."""
        return self._erase(person, actor=actor, origin=origin, kind=UserKind.VISITOR)

    def erase(self, person: Person, *, actor: Actor, origin: Origin) -> Certificate:
        """Destroy a person's keys for good, and end all that they have under way.

        After an interruption it can be asked again, or the job goes on by itself. Raises
        `NotFound` where nobody is, `ErasureRefused` where a hold is against it, or they are the
        last owner of a workspace, or the last who enters one in an emergency.
        """
        return self._erase(person, actor=actor, origin=origin)

    def _erase(
        self, person: Person, *, actor: Actor, origin: Origin, kind: UserKind | None = None
    ) -> Certificate:
        erasure = settled(
            self._clock, lambda: self._begun(person, actor=actor, origin=origin, kind=kind)
        )
        taken: Counter[Remains] = Counter()
        # Nothing can be read any more, and the job finds what is left here.
        with suppress(StoreUnavailable, WriteConflict):
            taken = self._remnants.take(person, actor=actor, origin=origin)
        newest = self._newest_backup(erasure.at)
        return Certificate(erasure, keys_gone_at(erasure.at, newest_backup=newest), taken)

    def _begun(
        self, person: Person, *, actor: Actor, origin: Origin, kind: UserKind | None
    ) -> Erasure:
        known = self._destructions.under_way(person)
        if known is not None:
            return known
        user = self._users.there(person)
        if kind not in (None, user.kind):
            raise NotFound("There is no such visitor any more.")
        email = self._users.profile(user).email
        self._destructions.permit(person)
        # Whoever is the last of something stays all of it.
        self._emergencies.hold(person)
        self._memberships.leave(person, actor=actor, origin=origin)
        self._emergencies.leave(person, actor=actor, origin=origin)
        address = self._users.address_of(person.workspace, email) if email else None
        return self._destructions.destroy(user, address=address, actor=actor, origin=origin)

    def _newest_backup(self, at: int) -> int | None:
        """Answer when the newest backup of keys of the last day began, as the trail has it."""
        names = [
            str(event.meta["backup"])
            for day in sorted({day_of(at - KEY_COPIED_SECONDS), day_of(at)})
            for event in self._audit.of_day(DEPLOYMENT, day)
            if event.action is AuditAction.BACKUP_MADE
        ]
        made = [began_at(name) for name in names if name.startswith(f"{BackupKind.KEYS}/")]
        return max(made, default=None)
