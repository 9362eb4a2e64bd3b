"""Rows of detours: what a browser carries to an upstream and back, sealed under keys of its own."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.detours import Detour, DetourKind, detour_place
from chalicelib.domain.ids import WorkspaceId, digest
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.upstreams import DetourStore
from chalicelib.domain.upstreams import Upstream
from chalicelib.domain.vouching import Doubt
from chalicelib.services.audit import Trail
from chalicelib.services.keys import Keys


class DetourRows:
    """The store of detours, with what they carry opened."""

    def __init__(
        self, *, clock: Clock, store: DetourStore, keys: Keys, audit: AuditStore, trail: Trail
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys
        self._audit = audit
        self._trail = trail

    def open(
        self,
        upstream: Upstream,
        kind: DetourKind,
        secret: str,
        *,
        bound: str,
        exp: int,
        carried: Mapping[str, object],
    ) -> None:
        """Store a row that is found by a secret."""
        workspace = upstream.workspace
        plain = json.dumps(carried, ensure_ascii=False).encode()
        kept = self._keys.seal_apart(workspace, detour_place, plain)
        detour = Detour(
            digest=digest(secret),
            workspace=workspace,
            kind=kind,
            upstream=upstream.name,
            issuer=upstream.issuer,
            bound=bound,
            exp=exp,
            keys=kept.keys,
            sealed=kept.sealed,
        )
        self._store.open(detour)

    def find(self, workspace: WorkspaceId, secret: str, kind: DetourKind) -> Detour | None:
        """Answer the row of a secret."""
        return self._store.get(workspace, digest(secret), kind=kind, now=self._clock.now())

    def carried(self, detour: Detour) -> dict[str, Any]:
        """Open what a row carries."""
        place = detour_place(detour.workspace, detour.keys.user)
        carried: dict[str, Any] = json.loads(
            self._keys.open(place, detour.sealed, known=detour.keys)
        )
        return carried

    def close(self, detour: Detour) -> bool:
        """Remove a row; of all who come at the same moment, one is told that it was there."""
        return self._store.close(detour)

    def record(self, detour: Detour, doubt: Doubt, visit: Visit) -> None:
        """Record that an upstream's answer is not believed."""
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=detour.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                outcome="failure",
                meta={"method": "federated", "reason": doubt, "provider": detour.upstream},
            )
        )
