"""Sessions: whose they are, whether they are live, which tokens they still admit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib.domain.denials import SessionEnded, TokenSuperseded
from chalicelib.domain.ids import (
    AppId,
    GrantId,
    SessionId,
    UserId,
    WorkspaceId,
    is_part,
    is_uid,
    root_of,
)
from chalicelib.domain.keys import Sealed
from chalicelib.domain.limits import EVERY_GRANT_SECONDS

MAX_DEAD_GRANTS = 20
EVERY_GRANT = GrantId("*")  # among the dead ones: all that were given before


@dataclass(frozen=True, slots=True)
class Person:
    """One user of one workspace; the same e-mail address elsewhere is another person."""

    workspace: WorkspaceId
    user: UserId

    def __post_init__(self) -> None:
        """Refuse ids that could reach into a neighbour's composite key."""
        if not is_part(self.workspace) or not is_uid(self.user):
            raise ValueError("not a person")


@dataclass(frozen=True, slots=True)
class Partition:
    """What data never crosses: one workspace, one application, one user."""

    workspace: WorkspaceId
    app: AppId
    user: UserId

    def __post_init__(self) -> None:
        """Refuse ids that could reach into a neighbour's composite key."""
        if not is_part(self.workspace) or not is_part(self.app) or not is_uid(self.user):
            raise ValueError("not a partition")

    @property
    def person(self) -> Person:
        """Answer the person whose partition this is."""
        return Person(self.workspace, self.user)


@dataclass(frozen=True, slots=True)
class SessionRef:
    """The only name of a session: its id within its partition."""

    partition: Partition
    sid: SessionId

    def __post_init__(self) -> None:
        """Refuse ids that could reach into a neighbour's composite key."""
        if not is_part(self.sid):
            raise ValueError("not a session id")


class SessionStatus(StrEnum):
    """Live until somebody ends it; expiry is not a status but a comparison with the clock."""

    LIVE = "live"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Access:
    """What a sessionToken proves: which session, of which revision, by which grant."""

    ref: SessionRef
    rev: int
    grant: GrantId


@dataclass(frozen=True, slots=True)
class Head:
    """A session without its payload. Times are epoch seconds; `exp` 0 means kept."""

    ref: SessionRef
    status: SessionStatus
    exp: int
    rev: int
    created_at: int
    updated_at: int
    last_seen_at: int
    quota_shard: int
    size: int = 0
    keys: int = 0
    dead: Mapping[GrantId, int] = field(default_factory=dict)
    who: Sealed | None = None
    seed: Sealed | None = None
    ended_at: int | None = None
    ended_by: str | None = None

    def is_live(self, now: int) -> bool:
        """Tell whether the session can be read and written at `now`."""
        return self.status is SessionStatus.LIVE and (self.exp == 0 or now < self.exp)

    def admit(self, access: Access, now: int) -> None:
        """Let a verified token pass; raises `SessionEnded` or `TokenSuperseded`."""
        live(self, now)
        if access.rev != self.rev or self._is_dead(access.grant):
            raise TokenSuperseded("This token was replaced or signed out. Sign in again.")

    def without_grant(self, grant: GrantId, *, until: int, now: int) -> "Head":
        """Answer the head that refuses one grant's tokens until they would have expired.

        The root of several grants stands for all of them.

        Beyond `MAX_DEAD_GRANTS` the revision rises instead, which ends every older token.
        """
        dead = {g: exp for g, exp in self.dead.items() if exp > now} | {grant: until}
        if len(dead) > MAX_DEAD_GRANTS:
            return self.without_grants(now=now)
        return replace(self, dead=dead, updated_at=now)

    def without_grants(self, *, now: int) -> "Head":
        """Answer the head that refuses every token until now, and every proof of a sign-in."""
        dead = {EVERY_GRANT: now + EVERY_GRANT_SECONDS}
        return replace(self, dead=dead, rev=self.rev + 1, updated_at=now)

    def renewed(self, *, now: int) -> "Head":
        """Answer the head that refuses every token until now; who signed in may go on."""
        dead = {grant: exp for grant, exp in self.dead.items() if exp > now}
        return replace(self, dead=dead, rev=self.rev + 1, updated_at=now)

    def honours(self, grant: GrantId, *, given_at: int) -> bool:
        """Tell whether a sign-in was not signed out again, so that it may be given tokens."""
        # In the very second of the end nobody knows which came first: it counts as before.
        ended_at = self.dead.get(EVERY_GRANT, 0) - EVERY_GRANT_SECONDS
        return not self._is_dead(grant) and given_at > ended_at

    def _is_dead(self, grant: GrantId) -> bool:
        # By itself, or with every other one of the browser's sign-in that gave it.
        return bool(self.dead) and (grant in self.dead or root_of(grant) in self.dead)


def live(head: Head | None, now: int) -> Head:
    """Answer a session that is there and can be used at `now`; raises `SessionEnded`."""
    if head is None or not head.is_live(now):
        raise SessionEnded("This session has ended. Sign in again to start a new one.")
    return head
