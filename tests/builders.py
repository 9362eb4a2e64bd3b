"""Small builders of domain values: random ids, plain words, and whatever a test wants otherwise."""

import secrets
from typing import Any

from chalicelib.domain.activity import AccessRow
from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Actor, ActorKind, AuditAction, AuditEvent, Origin
from chalicelib.domain.ids import (
    AppId,
    UserId,
    WorkspaceId,
    digest,
    new_client_id,
    new_grant_id,
    new_session_id,
    new_ulid,
    new_user_id,
    new_workspace_id,
    ulid,
)
from chalicelib.domain.keys import (
    KeyKind,
    Purpose,
    Sealed,
    UserKey,
    UserKeys,
    UserRing,
    WorkspaceKey,
    WorkspaceKeys,
    WorkspaceRing,
)
from chalicelib.domain.limits import QUOTA_SHARDS
from chalicelib.domain.objects import SealedObject, new_object_key
from chalicelib.domain.payloads import SealedPayload
from chalicelib.domain.ports.sessions import Latest, PayloadWrite
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import (
    Access,
    Head,
    Partition,
    Person,
    SessionRef,
    SessionStatus,
)
from chalicelib.domain.tokens import KeyState, SigningAlg, SigningKey
from chalicelib.domain.workspaces import Workspace

FIRST = Latest(None, 0)
NOW = 1_800_000_000  # 2027-01-15 08:00:00 UTC

ORIGIN = Origin(ip="192.0.2.1", agent="Firefox", request_id="r-1")
ARN = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"


def some_person(workspace: WorkspaceId | None = None, user: UserId | None = None) -> Person:
    return Person(workspace or new_workspace_id(), user or new_user_id())


def some_partition(
    workspace: WorkspaceId | None = None, app: str = "notes", user: UserId | None = None
) -> Partition:
    return Partition(workspace or new_workspace_id(), AppId(app), user or new_user_id())


def some_ref(partition: Partition | None = None, *, at: int = NOW) -> SessionRef:
    return SessionRef(partition or some_partition(), new_session_id(at * 1_000))


def some_sealed(version: int = 1) -> Sealed:
    # Not text, and long enough that the first bytes could not be mistaken for an encoding.
    return Sealed(version, b"\x00\xff" + secrets.token_bytes(30))


def some_object(version: int = 1) -> SealedObject:
    return SealedObject(version, new_object_key(), secrets.token_hex(16), 400_000, "5e" * 32)


def some_head(ref: SessionRef | None = None, **changes: object) -> Head:
    words: dict[str, Any] = {
        "ref": ref or some_ref(),
        "status": SessionStatus.LIVE,
        "exp": 0,
        "rev": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "last_seen_at": NOW,
        "quota_shard": secrets.randbelow(QUOTA_SHARDS),
        "who": some_sealed(),
        **changes,
    }
    return Head(**words)


def some_payload(ref: SessionRef, version: int = 1) -> SealedPayload:
    return SealedPayload(
        ref=ref, version=version, write_id=new_ulid(NOW * 1_000), sealed=some_sealed()
    )


def some_write(head: Head, *, replaces: int, **changes: object) -> PayloadWrite:
    words: dict[str, Any] = {
        "payload": some_payload(head.ref, replaces + 1),
        "replaces": replaces,
        "access": Access(head.ref, head.rev, new_grant_id()),
        "exp": head.exp,
        "size": 17,
        "keys": 2,
        "now": NOW,
        **changes,
    }
    return PayloadWrite(**words)


def some_receipt(ref: SessionRef, *, at: int = NOW, **changes: object) -> Receipt:
    words: dict[str, Any] = {
        "ref": ReceiptRef(ref.partition, digest(secrets.token_hex())),
        "fingerprint": digest(secrets.token_hex()),
        "sid": ref.sid,
        "at": at,
        "version": 2,
        "body": some_sealed(),
        **changes,
    }
    return Receipt(**words)


def some_event(of: SessionRef | WorkspaceId, **changes: object) -> AuditEvent:
    """An event of a session, or of a workspace."""
    words: dict[str, Any] = {
        "id": new_ulid(NOW * 1_000),
        "at": NOW * 1_000,
        "action": AuditAction.SESSION_CREATED,
        "origin": ORIGIN,
    }
    if isinstance(of, SessionRef):
        partition = of.partition
        words |= {
            "workspace": partition.workspace,
            "actor": Actor(ActorKind.USER, partition.user),
            "subject": partition.user,
            "app": partition.app,
            "sid": of.sid,
        }
    else:
        words |= {"workspace": of, "actor": Actor(ActorKind.SYSTEM)}
    words.update(changes)
    return AuditEvent(**words)


def some_user_key(workspace_version: int = 1) -> UserKey:
    return UserKey(wrapped=b"\x01" + secrets.token_bytes(60), workspace_version=workspace_version)


def some_user_keys(person: Person, *kinds: KeyKind) -> UserKeys:
    rings = {kind: UserRing(1, {1: some_user_key()}) for kind in kinds or tuple(KeyKind)}
    return UserKeys(person.workspace, person.user, rings)


def some_workspace_keys(workspace: WorkspaceId) -> WorkspaceKeys:
    rings = {
        purpose: WorkspaceRing(
            2,
            {
                1: WorkspaceKey(secrets.token_bytes(184), ARN, NOW - 86_400, "retired"),
                2: WorkspaceKey(secrets.token_bytes(184), ARN, NOW),
            },
        )
        for purpose in Purpose
    }
    return WorkspaceKeys(workspace, rings)


def some_signing_key(**changes: object) -> SigningKey:
    words: dict[str, Any] = {
        "kid": f"es1-{secrets.token_hex(4)}",
        "arn": ARN,
        "alg": SigningAlg.ES256,
        "state": KeyState.CURRENT,
        "public": secrets.token_bytes(91),
        **changes,
    }
    return SigningKey(**words)


def some_workspace(**changes: object) -> Workspace:
    words: dict[str, Any] = {
        "id": new_workspace_id(),
        "slug": f"acme-{secrets.token_hex(6)}",
        "name": "Acme",
        "created_at": NOW,
        **changes,
    }
    return Workspace(**words)


def some_application(workspace: WorkspaceId, **changes: object) -> Application:
    words: dict[str, Any] = {
        "workspace": workspace,
        "id": AppId("notes"),
        "client_id": new_client_id(),
        "name": "Notes",
        "redirect_uris": ("https://notes.example/callback",),
        "post_logout_uris": ("https://notes.example/",),
        "created_at": NOW,
        **changes,
    }
    return Application(**words)


def some_row(workspace: WorkspaceId | None = None, **changes: object) -> AccessRow:
    """A row of a person who read a payload at `NOW`; its id follows from time and event."""
    words: dict[str, Any] = {
        "event": "".join(secrets.choice("0123456789") for _ in range(56)),
        "at": NOW * 1_000,
        "workspace": workspace or new_workspace_id(),
        "caller": "session",
        "plane": "data",
        "method": "GET",
        "route": "/api/v1/sessions",
        "status": 200,
        "code": None,
        "micros": 1_500,
        "bytes_in": 0,
        "bytes_out": 17,
        "origin": ORIGIN,
        "app": AppId("notes"),
        "sid": new_session_id(NOW * 1_000),
        "user": new_user_id(),
        **changes,
    }
    return AccessRow(id=ulid(words["at"], int(words["event"]) % 2**80), **words)
