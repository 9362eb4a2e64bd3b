"""Second factors in memory."""

from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Factors, RecoveryCodes, Totp
from chalicelib.domain.sessions import Person
from tests.fakes.audit import MemoryAudit


class MemoryFactors:
    """Answers `FactorStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._factors: dict[Person, Factors] = {}

    def of(self, person: Person) -> Factors:
        with self._lock:
            return self._factors.get(person, Factors())

    def put_totp(
        self, totp: Totp, recovery: RecoveryCodes, *, before: Totp | None, event: AuditEvent
    ) -> None:
        with self._lock:
            self._stands(totp.person, before)
            self._audit.append(event)
            self._factors[totp.person] = Factors(totp, recovery)

    def remove_totp(self, totp: Totp, event: AuditEvent) -> None:
        with self._lock:
            self._stands(totp.person, totp)
            self._audit.append(event)
            del self._factors[totp.person]

    def put_recovery(self, recovery: RecoveryCodes, *, of: Totp, event: AuditEvent) -> None:
        with self._lock:
            self._stands(of.person, of)
            self._audit.append(event)
            there = self._factors[of.person]
            self._factors[of.person] = replace(there, recovery=recovery)

    def accept_step(self, totp: Totp, step: int) -> None:
        with self._lock:
            self._stands(totp.person, totp)
            there = self._factors[totp.person]
            assert there.totp is not None
            if there.totp.last_step >= step:
                raise Stale
            accepted = replace(there.totp, last_step=step)
            self._factors[totp.person] = replace(there, totp=accepted)

    def use_recovery(self, person: Person, digest: str, event: AuditEvent) -> None:
        with self._lock:
            there = self._factors.get(person, Factors())
            if there.recovery is None or digest not in there.recovery.left:
                raise Stale
            self._audit.append(event)
            left = replace(there.recovery, left=there.recovery.left - {digest})
            self._factors[person] = replace(there, recovery=left)

    def drop(self, person: Person) -> int:
        """Forget a person; answers how many authenticators they had."""
        with self._lock:
            gone = self._factors.pop(person, Factors())
        return 0 if gone.totp is None else 1

    def _stands(self, person: Person, totp: Totp | None) -> None:
        there = self._factors.get(person, Factors()).totp
        if (there and there.id) != (totp and totp.id):
            raise Stale
