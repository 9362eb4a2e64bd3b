"""Refreshes: a sign-in goes on without a person, each time with a token that is new."""

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.clients import ClientKind
from chalicelib.domain.errors import Unopenable
from chalicelib.domain.ids import FamilyId, GrantId, WorkspaceId, digest, new_family_id
from chalicelib.domain.limits import ID_TOKEN_SECONDS, MAX_TOKEN_SECONDS
from chalicelib.domain.oidc import OFFLINE, Denial, Denied, online
from chalicelib.domain.ports.login import RefreshStore
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.refresh import (
    RefreshFamily,
    Standing,
    family_named,
    idle_end,
    new_refresh_token,
    successor_place,
)
from chalicelib.domain.sessions import Head
from chalicelib.domain.tokens import Grant
from chalicelib.services.contention import settled
from chalicelib.services.grants import Grants
from chalicelib.services.keys import Keys
from chalicelib.services.token_endpoint import TokenRequest
from chalicelib.services.token_sets import TokenSets
from chalicelib.services.users import Users

_NOT_OURS = Denied(Denial.INVALID_GRANT, "the token is unknown, expired, used or not yours")


class Refreshes:
    """Refresh tokens (RFC 6749, section 6; RFC 9700, 4.14)."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: RefreshStore,
        sessions: SessionStore,
        users: Users,
        keys: Keys,
        grants: Grants,
        token_sets: TokenSets,
    ) -> None:
        """Take the ports, and the services below."""
        self._clock = clock
        self._store = store
        self._sessions = sessions
        self._users = users
        self._keys = keys
        self._grants = grants
        self._token_sets = token_sets

    def begin(
        self, arrival: Arrival, head: Head, *, grant: GrantId, scope: str, given_at: int
    ) -> tuple[str, str | None]:
        """Answer the scope that is granted, and with `offline_access` the first token.

        `given_at` is when the person was in for it: an end since then is the family's too.
        """
        if OFFLINE not in scope.split():
            return scope, None
        if not _may_refresh(arrival.application, arrival.key):
            # RFC 6749, 3.3: what was asked for and is not granted is left out of the answer.
            return online(scope), None
        now = self._clock.now()
        name = new_family_id()
        token = new_refresh_token(name)
        self._store.add(
            RefreshFamily(
                id=name,
                ref=head.ref,
                client_id=arrival.application.client_id,
                grant=grant,
                scope=scope,
                sign_in=arrival.sign_in,
                current=digest(token),
                created_at=given_at,
                rotated_at=now,
                exp=idle_end(head, now=now),
                # A server proves itself by its secret, and may change its key as it likes.
                key=None if arrival.application.is_confidential else arrival.key,
            )
        )
        return scope, token

    def exchange(self, request: TokenRequest) -> Grant | Denied:
        """Answer fresh tokens for a refresh token, or why not (RFC 6749, 5.2)."""
        denied = request.missing("refresh_token")
        if denied is not None:
            return denied
        name = family_named(request.params["refresh_token"])
        if name is None:
            return _NOT_OURS
        return settled(self._clock, lambda: self._refreshed(request, name))

    def known(
        self, workspace: WorkspaceId, client_id: str, token: str
    ) -> tuple[RefreshFamily, bool] | None:
        """Answer the family that a token of this client's names, and whether it still counts."""
        name = family_named(token)
        now = self._clock.now()
        family = None if name is None else self._store.get(workspace, name, now=now)
        if family is None or family.client_id != client_id:
            return None
        is_current = family.standing(token, now=now) is not Standing.REUSED
        is_honoured = not family.is_ended and self._head(family) is not None
        return family, is_current and is_honoured

    def _refreshed(self, request: TokenRequest, name: FamilyId) -> Grant | Denied:
        client, token = request.client, request.params["refresh_token"]
        now = self._clock.now()
        family = self._store.get(client.workspace.id, name, now=now)
        if family is None or family.client_id != client.application.client_id:
            return _NOT_OURS
        if not _may_refresh(client.application, family.key):
            return _NOT_OURS
        # Refused and not ended: where single sign-on was required by mistake, it goes on after.
        if not client.workspace.trusts(family.sign_in):
            return _NOT_OURS
        if family.key not in (None, request.key):
            # Without its key it is no use, so whoever shows it can be left alone with it.
            return _NOT_OURS
        standing = family.standing(token, now=now)
        if standing is Standing.REUSED:
            self._end_as_stolen(family, request.visit)
            return _NOT_OURS
        scope = _narrowed(family.scope, request.params.get("scope"))
        if scope is None:
            return Denied(Denial.INVALID_SCOPE, "scope asks for more than the sign-in was given")
        head, user = self._head(family), self._users.active(family.ref.partition.person)
        if family.is_ended or head is None or user is None:
            self._store.end(family)
            return _NOT_OURS
        profile = self._users.profile(user)
        arrival = Arrival(
            slug=client.workspace.slug,
            application=client.application,
            user=user.person.user,
            email=profile.email,
            sign_in=family.sign_in,
            visit=request.visit,
            key=request.key,
        )
        if standing is Standing.CURRENT:
            successor = self._rotated(family, head)
        else:
            successor = self._repeated(family)
        return self._token_sets.issue(
            arrival,
            head,
            profile,
            grant=family.grant,
            scope=scope,
            given_at=now,
            refresh_token=successor,
        )

    def _head(self, family: RefreshFamily) -> Head | None:
        head = self._sessions.head(family.ref)
        if head is None or not head.is_live(self._clock.now()):
            return None
        return head if head.honours(family.grant, given_at=family.created_at) else None

    def _rotated(self, family: RefreshFamily, head: Head) -> str:
        # Of all who show one token at the same moment one replaces it: the others begin anew,
        # find it replaced just now, and are told the same.
        token = new_refresh_token(family.id)
        now = self._clock.now()
        sealed = self._keys.seal(successor_place(family), token.encode())
        exp = idle_end(head, now=now)
        self._store.rotate(family, family.rotated(token, successor=sealed, exp=exp, now=now))
        return token

    def _repeated(self, family: RefreshFamily) -> str:
        if family.successor is None:
            raise Unopenable("A family that was rotated lacks its successor.")
        token = self._keys.open(successor_place(family), family.successor).decode()
        # The seal is the session's; the family of the same session is told by the token itself.
        if digest(token) != family.current:
            raise Unopenable("A family holds the successor of another.")
        return token

    def _end_as_stolen(self, family: RefreshFamily, visit: Visit) -> None:
        if family.is_ended:
            return
        self._store.end(family)
        self._grants.end_grant(
            family.ref.partition,
            family.grant,
            # Whatever it gave, however long tokens lived at that time.
            until=self._clock.now() + MAX_TOKEN_SECONDS + ID_TOKEN_SECONDS,
            action=AuditAction.REFRESH_REUSED,
            visit=visit,
        )


def _may_refresh(application: Application, key: str | None) -> bool:
    # RFC 9700, 2.2.2: in a browser a token that lives for weeks has to be bound to a key, or
    # whoever reads it once has it for weeks.
    return key is not None or application.kind is not ClientKind.BROWSER


def _narrowed(granted: str, asked: str | None) -> str | None:
    values = set((asked or granted).split(" "))
    if not values <= set(granted.split()):
        return None
    return " ".join(scope for scope in granted.split() if scope in values | {"openid"})
