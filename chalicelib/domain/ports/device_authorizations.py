"""Port to the authorizations of devices that wait for a person."""

from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.device_authorizations import AuthorizationStatus, DeviceAuthorization
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.login import AuthorizationCode


class DeviceAuthorizationStore(Protocol):
    """What devices asked for; every method compares its time, none trusts the sweeper."""

    def add(self, asked: DeviceAuthorization, *, now: int) -> None:
        """Store what was asked; raises `Stale` when its user code is another's at this moment."""
        ...

    def named(
        self, workspace: WorkspaceId, user_code: str, *, now: int
    ) -> DeviceAuthorization | None:
        """Answer what a user code leads to, while nobody has decided."""
        ...

    def get(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        """Answer what was asked, while nobody has decided."""
        ...

    def poll(self, workspace: WorkspaceId, digest: str, *, now: int) -> DeviceAuthorization | None:
        """Note that a device comes back and answer how it stood before, expired or not."""
        ...

    def slow(self, asked: DeviceAuthorization, *, seconds: int) -> None:
        """Let a device wait longer from now on."""
        ...

    def decide(
        self,
        asked: DeviceAuthorization,
        status: AuthorizationStatus,
        *,
        code: AuthorizationCode | None,
        event: AuditEvent,
        now: int,
    ) -> None:
        """Decide with what the device gets for it and the audit event; raises `Stale` when over."""
        ...
