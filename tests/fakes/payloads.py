"""Sealed payloads in memory."""

from dataclasses import replace

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.errors import Stale
from chalicelib.domain.ports.directory import ApplicationStore, KeyStore, WorkspaceStore
from chalicelib.domain.ports.sessions import Extras, PayloadWrite, Shelf
from chalicelib.domain.sessions import Head, SessionRef
from tests.fakes.sessions import MemorySessions


class MemoryPayloads:
    """Answers `PayloadStore`; the payloads stand beside the heads, under one lock."""

    def __init__(
        self,
        *,
        sessions: MemorySessions,
        keys: KeyStore,
        workspaces: WorkspaceStore,
        applications: ApplicationStore,
    ) -> None:
        self._sessions = sessions
        self._keys = keys
        self._workspaces = workspaces
        self._applications = applications

    def fetch(self, ref: SessionRef, extras: Extras) -> Shelf:
        partition, workspace = ref.partition, ref.partition.workspace
        with self._sessions.lock:
            head = self._sessions.heads.get(ref)
            payload = self._sessions.payloads.get(ref)
        return Shelf(
            head=head,
            payload=payload,
            user_keys=self._keys.of_user(partition.person),
            workspace=self._workspaces.get(workspace) if extras.workspace else None,
            gate=self._workspaces.gate(workspace) if extras.gate else None,
            application=(
                self._applications.get(workspace, partition.app) if extras.application else None
            ),
            workspace_keys=self._keys.of_workspace(workspace) if extras.workspace_keys else None,
        )

    def write(self, write: PayloadWrite, event: AuditEvent) -> None:
        ref = write.payload.ref
        with self._sessions.lock:
            there = self._sessions.payloads.get(ref)
            head = self._sessions.heads.get(ref)
            version = 0 if there is None else there.version
            if head is None or version != write.replaces or not _admits(head, write):
                if there is not None and there.write_id == write.payload.write_id:
                    return
                raise Stale
            self._sessions.audit.append(event)
            self._sessions.payloads[ref] = write.payload
            self._sessions.heads[ref] = replace(
                head, size=write.size, keys=write.keys, updated_at=write.now, seed=None
            )


def _admits(head: Head, write: PayloadWrite) -> bool:
    return (
        head.is_live(write.now)
        and head.rev == write.access.rev
        and write.access.grant not in head.dead
        and (write.replaces > 0 or head.seed is not None)
    )
