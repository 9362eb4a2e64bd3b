"""Erasures in memory, through the fakes that hold what is erased."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from threading import RLock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.erasures import Erasure, Remains
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import is_part
from chalicelib.domain.keys import Sealed
from chalicelib.domain.objects import SealedObject
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import UserStatus
from chalicelib.domain.visitors import Awaited
from tests.fakes.audit import MemoryAudit
from tests.fakes.devices import MemoryDevices
from tests.fakes.factors import MemoryFactors
from tests.fakes.invites import MemoryInvites
from tests.fakes.keys import MemoryKeys
from tests.fakes.login import MemoryLogin
from tests.fakes.passkeys import MemoryPasskeys
from tests.fakes.refresh import MemoryRefresh
from tests.fakes.sessions import MemorySessions
from tests.fakes.users import MemoryUsers
from tests.fakes.visitors import MemoryVisitors


class MemoryErasures:
    """Answers `ErasureStore`."""

    def __init__(
        self,
        *,
        audit: MemoryAudit,
        users: MemoryUsers,
        keys: MemoryKeys,
        sessions: MemorySessions,
        login: MemoryLogin,
        refresh: MemoryRefresh,
        devices: MemoryDevices,
        passkeys: MemoryPasskeys,
        factors: MemoryFactors,
        invites: MemoryInvites,
        visitors: MemoryVisitors,
    ) -> None:
        self._audit = audit
        self._users = users
        self._keys = keys
        self._sessions = sessions
        self._login = login
        self._refresh = refresh
        self._devices = devices
        self._passkeys = passkeys
        self._factors = factors
        self._invites = invites
        self._visitors = visitors
        self._lock = RLock()
        self._held: set[Person] = set()
        self._records: list[Erasure] = []
        self._under_way: dict[Person, Erasure] = {}
        self._dates: dict[Person, int] = {}

    def hold(self, person: Person) -> None:
        """Lay a hold on a person, as an operator will."""
        self._held.add(person)

    def release_holds(self) -> None:
        """End all holds."""
        self._held.clear()

    def is_held(self, person: Person) -> bool:
        return person in self._held

    def begin(
        self,
        erasure: Erasure,
        *,
        profile: Sealed,
        address: str | None,
        events: Sequence[AuditEvent],
        awaited: Awaited | None = None,
    ) -> None:
        person = erasure.person
        if address is not None and not is_part(address):
            raise ValueError("not a part of a key")
        with self._lock, self._visitors.lock:
            self._visitors.hold(awaited)
            user = self._users.get(person)
            if user is None or user.status is UserStatus.ERASING or user.profile != profile:
                raise Stale
            if person in self._held or self._keys.of_user(person) is None:
                raise Stale
            is_theirs = None if address is None else self._users.find(person.workspace, address)
            if address is not None and is_theirs != person.user:
                raise Stale
            if awaited is not None:
                self._visitors.forget(awaited)
            for event in events:
                self._audit.append(event)
            self._keys.drop(person)
            self._users.refuse(person)
            self._users.unclaim(person, address=address or "")
            self._records.append(erasure)
            self._under_way[person] = erasure
            self._dates[person] = erasure.at

    def of(self, person: Person) -> Erasure | None:
        with self._lock:
            return self._under_way.get(person)

    def under_way(self, *, now: int, limit: int) -> Sequence[Person]:
        with self._lock:
            due = [each for each in self._under_way if self._dates[each] <= now]
            return sorted(due, key=lambda each: self._dates[each])[:limit]

    def put_off(self, erasure: Erasure, *, until: int, event: AuditEvent | None = None) -> None:
        with self._lock:
            if self._under_way.get(erasure.person) != erasure:
                raise Stale
            if event is not None:
                self._audit.append(event)
            self._dates[erasure.person] = until

    def sign_out(self, person: Person) -> Counter[Remains]:
        return +Counter(
            {
                Remains.SIGN_INS: self._login.drop(person),
                Remains.REFRESHES: self._refresh.drop(person),
                Remains.DEVICES: self._devices.drop(person),
            }
        )

    def release(self, person: Person) -> Counter[Remains]:
        self._users.unclaim(person, address="")
        self._invites.forget(person)
        self._visitors.drop(person)
        return +Counter(
            {
                Remains.PASSKEYS: self._passkeys.drop(person),
                Remains.AUTHENTICATORS: self._factors.drop(person),
            }
        )

    def objects(self, person: Person) -> Sequence[str]:
        with self._sessions.lock:
            return [
                payload.sealed.key
                for ref, payload in self._sessions.payloads.items()
                if ref.partition.person == person and isinstance(payload.sealed, SealedObject)
            ]

    def clear(self, person: Person) -> None:
        self._sessions.drop(person)

    def close(self, erasure: Erasure) -> None:
        with self._lock:
            if self._under_way.get(erasure.person) != erasure:
                raise Stale
            del self._under_way[erasure.person]
            self._users.drop(erasure.person)

    def done(self, *, since: int, until: int) -> Iterator[Erasure]:
        with self._lock:
            found = [each for each in self._records if since <= each.at <= until]
        yield from found

    def repeat(self, erasure: Erasure) -> bool:
        with self._lock:
            if erasure not in self._records:
                self._records.append(erasure)
            is_destroyed = self._keys.drop(erasure.person)
            is_refused = self._users.refuse(erasure.person)
            if is_refused:
                self._under_way[erasure.person] = erasure
                self._dates[erasure.person] = erasure.at
            return is_destroyed or is_refused

    def unclaim(self, people: Collection[Person]) -> int:
        return sum(self._users.unclaim(person) for person in people)
