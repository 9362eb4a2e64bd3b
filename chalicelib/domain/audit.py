"""Audit events: who changed what, when, with which outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from time import gmtime, strftime

from chalicelib.domain.ids import AppId, SessionId, UserId, WorkspaceId


class AuditAction(StrEnum):
    """Every action that is recorded, `noun.verb`; stored names never change."""

    APPLICATION_CREATED = "application.created"
    APPLICATION_REDIRECT_ADDED = "application.redirect_added"
    APPLICATION_SCHEMA_CHECKED = "application.schema_checked"
    APPLICATION_UPDATED = "application.updated"
    BACKUP_MADE = "backup.made"
    CODE_REUSED = "code.reused"
    DEVICE_AUTHORIZATION_APPROVED = "device_authorization.approved"
    DEVICE_AUTHORIZATION_DENIED = "device_authorization.denied"
    EMAIL_CHANGED = "email.changed"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    GRANT_REVOKED = "grant.revoked"
    INVITE_CREATED = "invite.created"
    INVITE_EXPIRED = "invite.expired"
    INVITE_REDEEMED = "invite.redeemed"
    INVITE_REVOKED = "invite.revoked"
    KEY_CREATED = "key.created"
    KEY_DESTROYED = "key.destroyed"
    KEY_RETIRED = "key.retired"
    KEY_ROTATED = "key.rotated"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an action, no secret
    PAYLOAD_KEY_DELETED = "payload.key_deleted"
    PAYLOAD_KEY_SET = "payload.key_set"
    PAYLOAD_PATCHED = "payload.patched"
    PAYLOAD_REPLACED = "payload.replaced"
    QUOTA_EXCEEDED = "quota.exceeded"
    REFRESH_REUSED = "refresh.reused"
    RESTORE_DONE = "restore.done"
    SECRET_CREATED = "secret.created"  # noqa: S105 - the name of an action
    SECRET_REMOVED = "secret.removed"  # noqa: S105 - the name of an action
    SESSION_CREATED = "session.created"
    SESSION_EXPIRED = "session.expired"
    SESSION_LIFETIME_CHANGED = "session.lifetime_changed"
    SESSION_LOGGED_OUT = "session.logged_out"
    SESSION_RENEWED = "session.renewed"
    SESSION_REVOKED = "session.revoked"
    SIGNIN_FAILED = "signin.failed"
    SIGNIN_LOCKED = "signin.locked"
    SIGNIN_SUCCEEDED = "signin.succeeded"
    SIGNIN_UNLOCKED = "signin.unlocked"
    USER_CREATED = "user.created"
    USER_ERASED = "user.erased"
    USER_UPGRADED = "user.upgraded"
    USER_UPDATED = "user.updated"
    WORKSPACE_CREATED = "workspace.created"
    WORKSPACE_SETTINGS_CHANGED = "workspace.settings_changed"


class ActorKind(StrEnum):
    """Who acted."""

    ANONYMOUS = "anonymous"
    OPERATOR = "operator"
    SYSTEM = "system"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted; `uid` is of the event's workspace for a user, of `console` for an operator."""

    kind: ActorKind
    uid: UserId | None = None


def day_of(seconds: int) -> str:
    """Answer the day of a time, UTC, `yyyymmdd`, by which a trail is asked."""
    return strftime("%Y%m%d", gmtime(seconds))


SYSTEM = Actor(ActorKind.SYSTEM)
ANONYMOUS = Actor(ActorKind.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a request came; recorded with what it changed."""

    ip: str = ""
    agent: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One record. `meta` holds ids, numbers and enumerations only; `at` is epoch milliseconds."""

    id: str
    at: int
    workspace: WorkspaceId
    action: AuditAction
    actor: Actor
    origin: Origin
    subject: UserId | None = None
    app: AppId | None = None
    sid: SessionId | None = None
    outcome: str = "success"
    reason: str | None = None
    meta: Mapping[str, str | int] = field(default_factory=dict)
