"""Absences: visitors who can never come back are erased, as nobody could read or erase them."""

from collections import Counter
from collections.abc import Mapping

from chalicelib.domain.audit import SYSTEM, Origin
from chalicelib.domain.errors import (
    Contended,
    ErasureRefused,
    Stale,
    StoreUnavailable,
    WorkspaceSealed,
)
from chalicelib.domain.limits import AWAITED_SECONDS, SWEPT_AGAIN_SECONDS
from chalicelib.domain.ports.directory import UserStore, WorkspaceStore
from chalicelib.domain.ports.login import LoginStore, RefreshStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.visitors import VisitorStore
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import UserStatus
from chalicelib.domain.visitors import Awaited, awaited_until
from chalicelib.services.destructions import Destructions

_ERASED, _AWAITED, _NONE, _KEPT = "erased", "awaited", "none", "kept"


class Absences:
    """Opens nothing: keys are destroyed, and the job of erasures takes away what is left."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: VisitorStore,
        users: UserStore,
        workspaces: WorkspaceStore,
        login: LoginStore,
        refresh: RefreshStore,
        destructions: Destructions,
    ) -> None:
        """Take the ports, and the service that destroys."""
        self._clock = clock
        self._store = store
        self._users = users
        self._workspaces = workspaces
        self._login = login
        self._refresh = refresh
        self._destructions = destructions

    def sweep(self, *, limit: int) -> Mapping[str, int]:
        """Judge at most `limit` visitors whose time is over; answers how many came to what."""
        found = self._store.due(now=self._clock.now(), limit=limit)
        judged = Counter(map(self._judged, found))
        counted = {name: judged[name] for name in (_ERASED, _AWAITED, _KEPT)}
        return {"found": len(found), **counted}

    def _judged(self, found: Awaited) -> str:
        try:
            # First behind all others: whoever is kept, or ends this run, holds up nobody.
            until = self._clock.now() + SWEPT_AGAIN_SECONDS
            return self._judge(self._store.put_off(found, until=until))
        except (Contended, ErasureRefused, Stale, StoreUnavailable, WorkspaceSealed):
            return _KEPT

    def _judge(self, found: Awaited) -> str:
        user = self._users.get(found.person)
        if user is None or not user.is_visitor or user.status is UserStatus.ERASING:
            self._store.forget(found)
            return _NONE
        last = self._last(found.person)
        if last is not None:
            self._store.put_off(found, until=awaited_until(last))
            return _AWAITED
        self._admit(found.person)
        self._destructions.permit(found.person)
        self._destructions.destroy(user, address=None, actor=SYSTEM, origin=Origin(), awaited=found)
        return _ERASED

    def _last(self, person: Person) -> int | None:
        """Answer when the last end comes of what may let a visitor in, or came just now."""
        # What is over may have been used in its last second, so it counts for a while.
        since = self._clock.now() - AWAITED_SECONDS
        ends = [each.exp for each in self._login.browsers_of(person, now=since)]
        ends += [each.exp for each in self._refresh.of(person, now=since)]
        return max(ends, default=None)

    def _admit(self, person: Person) -> None:
        # What is sealed stays as it is.
        gate = self._workspaces.gate(person.workspace)
        if gate is not None:
            gate.admit()
