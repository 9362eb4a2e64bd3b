"""Grants: what a session hands out: tokens, renewed, signed out of, ended one by one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.denials import NotOwner, SessionEnded
from chalicelib.domain.ids import GrantId
from chalicelib.domain.limits import ID_TOKEN_SECONDS
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.sessions import SessionStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Access, Head, Partition, Person, SessionRef, live
from chalicelib.domain.tokens import SessionToken
from chalicelib.services.admission import Admission
from chalicelib.services.applications import Applications
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh sessionToken; `lifetime` seconds."""

    text: str = field(repr=False)
    token: SessionToken
    lifetime: int


class Grants:
    """The tokens of sessions, from their issue to their end."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: SessionStore,
        login: LoginStore,
        admission: Admission,
        applications: Applications,
        tokens: Tokens,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._login = login
        self._admission = admission
        self._applications = applications
        self._tokens = tokens
        self._trail = trail

    def issue(
        self, arrival: Arrival, head: Head, *, grant: GrantId, scope: str = "openid"
    ) -> Issued:
        """Sign a token for a session; it never outlives the session."""
        now = self._clock.now()
        exp = now + arrival.application.token_seconds
        token = SessionToken(
            slug=arrival.slug,
            client_id=arrival.application.client_id,
            access=Access(ref=head.ref, rev=head.rev, grant=grant),
            sign_in=arrival.sign_in,
            exp=min(exp, head.exp) if head.exp else exp,
            scope=scope,
        )
        return Issued(text=self._tokens.session_token(token), token=token, lifetime=token.exp - now)

    def renew(self, arrival: Arrival, old: SessionToken, *, grant: GrantId) -> Issued:
        """Supersede every token of a session by a fresh one, for its owner; data is not extended.

        Raises `NotOwner` when the old token is another's, `SessionEnded` when it is over.
        """
        if old.access.ref.partition != arrival.partition:
            raise NotOwner("This session belongs to somebody else.")

        def settle() -> Head:
            head = self._live(old.access.ref)
            after = head.renewed(now=self._clock.now())
            return self._change_access(head, after, AuditAction.SESSION_RENEWED, arrival.visit)

        return self.issue(arrival, settled(self._clock, settle), grant=grant)

    def log_out(self, caller: SessionCaller) -> None:
        """End this sign-in's tokens, in every session they reach; other devices and data stay."""
        self._admission.enter(caller)
        self.forget(caller.token, caller.visit)

    def forget(self, token: SessionToken, visit: Visit) -> None:
        """End the sign-in of a token that was proven to be ours, and may have expired."""
        partition = token.access.ref.partition
        application = self._applications.get(partition.workspace, partition.app)
        # What its ID token may have brought since then lives that much longer.
        longest = max(token.exp, self._clock.now() + application.token_seconds)
        self.end_grant(
            partition,
            token.access.grant,
            until=longest + ID_TOKEN_SECONDS,
            action=AuditAction.SESSION_LOGGED_OUT,
            visit=visit,
        )

    def log_out_everywhere(self, caller: SessionCaller) -> None:
        """End every token of the person in this application, and every browser's sign-in."""
        head, _ = self._admission.enter(caller)
        self._login.end_browsers(head.ref.partition.person)
        self._log_out_of(self._store.of(head.ref.partition), caller.visit)

    def log_out_person(self, person: Person, visit: Visit) -> None:
        """End whatever a person signed in to: every browser, every token, in all applications."""
        self._login.end_browsers(person)
        self._log_out_of(self._store.of_person(person), visit)

    def end_grant(
        self,
        partition: Partition,
        grant: GrantId,
        *,
        until: int,
        action: AuditAction,
        visit: Visit,
    ) -> None:
        """Refuse one grant's tokens from now on, in every session that they may have reached."""

        def settle(found: list[Head], ref: SessionRef) -> None:
            # What was just found is as good as what would be read; once overtaken, it is not.
            head = found.pop() if found else self._live(ref)
            if grant not in head.dead:
                after = head.without_grant(grant, until=until, now=self._clock.now())
                self._change_access(head, after, action, visit)

        for one in self._store.of(partition):
            if one.is_live(self._clock.now()):
                with suppress(SessionEnded):
                    settled(self._clock, partial(settle, [one], one.ref))

    def _log_out_of(self, heads: Sequence[Head], visit: Visit) -> None:
        now = self._clock.now()
        for one in heads:
            if one.is_live(now):
                # One that ends meanwhile has no tokens left, and must not save the others'.
                with suppress(SessionEnded):
                    self._log_out_all(one.ref, visit)

    def _log_out_all(self, ref: SessionRef, visit: Visit) -> None:
        def settle() -> Head:
            head = self._live(ref)
            after = head.without_grants(now=self._clock.now())
            return self._change_access(head, after, AuditAction.SESSION_LOGGED_OUT, visit)

        settled(self._clock, settle)

    def _change_access(self, before: Head, after: Head, action: AuditAction, visit: Visit) -> Head:
        event = self._trail.of_session(
            action,
            before.ref,
            actor=Actor(ActorKind.USER, before.ref.partition.user),
            origin=visit.origin,
            meta={"rev": after.rev},
        )
        self._store.change_access(before, after, event)
        return after

    def _live(self, ref: SessionRef) -> Head:
        return live(self._store.head(ref), self._clock.now())
