"""Upstreams in memory."""

from collections.abc import Sequence
from threading import Lock

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.upstreams import Upstream
from tests.fakes.audit import MemoryAudit


class MemoryUpstreams:
    """Answers `UpstreamStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._upstreams: dict[tuple[WorkspaceId, str], Upstream] = {}

    def put(self, upstream: Upstream, event: AuditEvent) -> None:
        if not is_part(upstream.workspace) or not is_part(upstream.name):
            raise ValueError("not a part of a key")
        name = (upstream.workspace, upstream.name)
        with self._lock:
            there = self._upstreams.get(name)
            if (0 if there is None else there.version) != upstream.version - 1:
                raise Stale
            self._audit.append(event)
            self._upstreams[name] = upstream

    def get(self, workspace: WorkspaceId, name: str) -> Upstream | None:
        with self._lock:
            return self._upstreams.get((workspace, name))

    def of(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        with self._lock:
            own = [each for each in self._upstreams.values() if each.workspace == workspace]
        return sorted(own, key=lambda upstream: upstream.name)
