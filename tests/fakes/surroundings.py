"""Time, mail, passwords and a vault, in memory."""

import hashlib
from collections.abc import Sequence

from chalicelib.domain.errors import Duplicate, NotFound, StoreUnavailable
from chalicelib.domain.ports.surroundings import Mail


class FakeClock:
    """Answers `Clock`; time passes only when it is told to."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._at = start

    def now(self) -> int:
        return int(self._at)

    def millis(self) -> int:
        return int(self._at * 1000)

    def monotonic(self) -> float:
        return self._at

    def pause(self, seconds: float) -> None:
        self._at += seconds


class CheapPasswords:
    """Answers `Passwords` without the work; counts how often it would have been done."""

    def __init__(self, *, common: Sequence[str] = ("passwordpassword",)) -> None:
        self._common = frozenset(common)
        self.work = 0

    def hash(self, password: str) -> str:
        self.work += 1
        return "$cheap$2$" + hashlib.sha256(password.encode("utf-8", "surrogatepass")).hexdigest()

    def fits(self, stored: str | None, password: str) -> bool:
        made = self.hash(password)
        return stored is not None and stored.rpartition("$")[2] == made.rpartition("$")[2]

    def is_outdated(self, stored: str) -> bool:
        return not stored.startswith("$cheap$2$")

    def is_common(self, password: str) -> bool:
        return password in self._common


class MemoryMailer:
    """Answers `Mailer`; keeps what was sent, and can be told to refuse."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.is_reachable = True

    def send(self, mail: Mail) -> None:
        if not self.is_reachable:
            raise StoreUnavailable("The mail was not accepted. Try again.")
        self.sent.append(mail)


class MemoryVault:
    """Answers `BackupVault`."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def put(self, name: str, body: bytes) -> None:
        if name in self._objects:
            raise Duplicate("A backup object of that name exists.")
        self._objects[name] = body

    def get(self, name: str) -> bytes:
        try:
            return self._objects[name]
        except KeyError:
            raise NotFound("No backup object has that name.") from None

    def names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self._objects if name.startswith(prefix))
