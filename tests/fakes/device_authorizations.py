"""Device authorizations in memory."""

from dataclasses import replace
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.device_authorizations import AuthorizationStatus, DeviceAuthorization
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.limits import DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS
from chalicelib.domain.login import AuthorizationCode
from tests.fakes.audit import MemoryAudit
from tests.fakes.login import MemoryLogin

_Named = tuple[WorkspaceId, str]


class MemoryDeviceAuthorizations:
    """Answers `DeviceAuthorizationStore`; one lock stands for DynamoDB's transactions."""

    def __init__(self, audit: MemoryAudit, login: MemoryLogin) -> None:
        self._audit = audit
        self._login = login
        self._lock = Lock()
        self.asked: dict[_Named, DeviceAuthorization] = {}
        self._codes: dict[_Named, tuple[str, int]] = {}

    def add(self, asked: DeviceAuthorization, *, now: int) -> None:
        name = _named(asked.workspace, asked.digest)
        code = _named(asked.workspace, asked.user_code)
        with self._lock:
            if name in self.asked or now < self._codes.get(code, ("", 0))[1]:
                raise Stale
            self.asked[name] = asked
            self._codes[code] = (asked.digest, asked.exp)

    def named(
        self, workspace: WorkspaceId, user_code: str, *, now: int
    ) -> DeviceAuthorization | None:
        digest, exp = self._codes.get(_named(workspace, user_code), ("", 0))
        return self.get(workspace, digest, now=now) if now < exp else None

    def get(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        found = self.asked.get(_named(workspace, digest))
        if found is None or now >= found.exp or found.status is not AuthorizationStatus.PENDING:
            return None
        return found

    def poll(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        name = _named(workspace, digest)
        with self._lock:
            found = self.asked.get(name)
            if found is None or now >= found.exp + DEVICE_AUTHORIZATION_TOMBSTONE_SECONDS:
                return None
            self.asked[name] = replace(found, polled_at=now)
            return found

    def slow(self, asked: DeviceAuthorization, *, seconds: int) -> None:
        name = _named(asked.workspace, asked.digest)
        with self._lock:
            found = self.asked.get(name)
            if found is not None:
                self.asked[name] = replace(found, interval=found.interval + seconds)

    def decide(
        self,
        asked: DeviceAuthorization,
        status: AuthorizationStatus,
        *,
        code: AuthorizationCode | None,
        event: AuditEvent,
        now: int,
    ) -> None:
        name = _named(asked.workspace, asked.digest)
        with self._lock:
            if self.get(asked.workspace, asked.digest, now=now) is None:
                raise Stale
            self._audit.append(event)
            if code is not None:
                self._login.add_code(code)
            self.asked[name] = replace(self.asked[name], status=status)


def _named(workspace: WorkspaceId, digest: str) -> _Named:
    if not is_part(workspace) or not is_part(digest):
        raise ValueError("not a part of a key")
    return workspace, digest
