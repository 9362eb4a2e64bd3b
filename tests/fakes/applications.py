"""Applications in memory."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, WorkspaceId, is_part
from tests.fakes.audit import MemoryAudit


class MemoryApplications:
    """Answers `ApplicationStore`."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._lock = Lock()
        self._applications: dict[tuple[WorkspaceId, AppId], Application] = {}
        self._clients: dict[str, tuple[WorkspaceId, AppId]] = {}

    def create(self, application: Application, event: AuditEvent) -> None:
        name = (application.workspace, application.id)
        if not is_part(application.client_id):
            raise ValueError("not a part of a key")
        with self._lock:
            if name in self._applications or application.client_id in self._clients:
                raise Stale
            self._audit.append(event)
            self._applications[name] = application
            self._clients[application.client_id] = name

    def update(self, application: Application, event: AuditEvent) -> None:
        name = (application.workspace, application.id)
        with self._lock:
            there = self._applications.get(name)
            if there is None or there.version != application.version - 1:
                raise Stale
            self._audit.append(event)
            self._applications[name] = application

    def add_redirect(
        self, workspace: WorkspaceId, app: AppId, uri: str, *, limit: int, event: AuditEvent
    ) -> None:
        with self._lock:
            there = self._applications.get((workspace, app))
            if there is None or uri in there.redirect_uris or len(there.redirect_uris) >= limit:
                raise Stale
            self._audit.append(event)
            self._applications[(workspace, app)] = replace(
                there, redirect_uris=(*there.redirect_uris, uri), version=there.version + 1
            )

    def put(self, application: Application) -> None:
        """Change the settings of an application, as an operator will."""
        with self._lock:
            self._applications[(application.workspace, application.id)] = application

    def get(self, workspace: WorkspaceId, app: AppId) -> Application | None:
        with self._lock:
            return self._applications.get((workspace, app))

    def find(self, client_id: str) -> Application | None:
        with self._lock:
            claimed = self._clients.get(client_id)
            return None if claimed is None else self._applications[claimed]

    def of(self, workspace: WorkspaceId) -> Sequence[Application]:
        with self._lock:
            own = [a for a in self._applications.values() if a.workspace == workspace]
        return sorted(own, key=lambda application: application.id)
