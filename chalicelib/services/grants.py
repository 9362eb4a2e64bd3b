"""Grants: what a session hands out: tokens, renewed, signed out of, ended one by one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chalicelib.domain.audit import Actor, AuditAction
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.denials import NotOwner, SessionEnded
from chalicelib.domain.ids import BrowserId, GrantId, root_of
from chalicelib.domain.limits import EVERY_GRANT_SECONDS, ID_TOKEN_SECONDS
from chalicelib.domain.ports.login import LoginStore, RefreshStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.refresh import RefreshFamily
from chalicelib.domain.sessions import Access, Head, Partition, Person
from chalicelib.domain.tokens import SessionToken
from chalicelib.services.admission import Admission
from chalicelib.services.applications import Applications
from chalicelib.services.endings import Endings
from chalicelib.services.heads import Heads
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
        heads: Heads,
        login: LoginStore,
        endings: Endings,
        refresh: RefreshStore,
        admission: Admission,
        applications: Applications,
        tokens: Tokens,
    ) -> None:
        """Take the ports, and what writes on heads."""
        self._clock = clock
        self._heads = heads
        self._login = login
        self._endings = endings
        self._refresh = refresh
        self._admission = admission
        self._applications = applications
        self._tokens = tokens

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
            key=arrival.key,
        )
        return Issued(text=self._tokens.session_token(token), token=token, lifetime=token.exp - now)

    def hand_out(
        self, arrival: Arrival, head: Head, *, grant: GrantId, given_at: int, scope: str = "openid"
    ) -> Issued:
        """Sign a token for a session that is there, on the ground of what stood at `given_at`.

        Raises `TokenSuperseded` where the sign-in was ended since then.
        """
        self._endings.hold(arrival.partition.person, grant, given_at=given_at)
        return self.issue(arrival, head, grant=grant, scope=scope)

    def renew(
        self, arrival: Arrival, old: SessionToken, *, grant: GrantId, given_at: int
    ) -> Issued:
        """Supersede every token of a session by a fresh one, for its owner; data is not extended.

        Raises `NotOwner` when the old token is another's, `SessionEnded` when it is over, and as
        `hand_out` does.
        """
        if old.access.ref.partition != arrival.partition:
            raise NotOwner("This session belongs to somebody else.")
        head = self._heads.renew(old.access.ref, arrival.visit)
        return self.hand_out(arrival, head, grant=grant, given_at=given_at)

    def log_out(self, caller: SessionCaller) -> None:
        """End this sign-in's tokens, in every session they reach; other devices and data stay.

        Raises `SessionEnded` where the session is over, after it ended what the ID token brings.
        """
        self._admit(caller)
        self.forget(caller.token, caller.visit)

    def forget(
        self,
        token: SessionToken,
        visit: Visit,
        *,
        action: AuditAction = AuditAction.SESSION_LOGGED_OUT,
    ) -> None:
        """End the sign-in of a token that was proven to be ours, and may have expired."""
        partition = token.access.ref.partition
        application = self._applications.get(partition.workspace, partition.app)
        # What its ID token may have brought since then lives that much longer.
        longest = max(token.exp, self._clock.now() + application.token_seconds)
        self.end_grant(
            partition,
            token.access.grant,
            until=longest + ID_TOKEN_SECONDS,
            action=action,
            visit=visit,
        )

    def log_out_everywhere(self, caller: SessionCaller) -> None:
        """End every token of the person in this application, and every browser's sign-in.

        Raises `SessionEnded` as `log_out` does: a token of what is over ends only its own sign-in.
        """
        partition = self._admit(caller).ref.partition
        self._login.end_browsers(partition.person)
        self._end_families(partition.person, lambda one: one.ref.partition == partition)
        self._heads.without_grants(self._heads.of(partition), caller.visit)

    def log_out_person(
        self,
        person: Person,
        visit: Visit,
        *,
        but: str | None = None,
        actor: Actor | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """End whatever a person signed in to: every browser, every token, in all applications.

        With it goes what was on its way to a sign-in. `but` is the digest of the one browser that
        stays signed in, or of the one conversation that goes on; `actor` is who wants it, if not
        the person. What is done `meanwhile` is done while nobody is signed in.
        """
        with self._endings.under_way(person, but=but):
            self._login.end_browsers(person, but=but)
            self._end_families(person, lambda _: True)
            for heads in self._heads.by_partition(person):
                self._heads.without_grants(heads, visit, actor=actor)
            if meanwhile is not None:
                meanwhile()
        # What begins in the second of an end counts as before it, so that one is waited for.
        self._clock.pause(1 - self._clock.millis() % 1_000 / 1_000)

    def end_sign_in(
        self, person: Person, browser: BrowserId, visit: Visit, *, sign_out: Callable[[], None]
    ) -> None:
        """Refuse from now on what one browser's sign-in gave, in all applications.

        `sign_out` makes the browser forget it.
        """
        with self._endings.under_way(person, browser=browser):
            # Its tokens first, so that whoever is interrupted finds it still listed; and once
            # more, for those that its cookie brought in between.
            self._end_root(person, browser, visit)
            sign_out()
            self._end_root(person, browser, visit)

    def _end_root(self, person: Person, browser: BrowserId, visit: Visit) -> None:
        root, until = root_of(browser), self._clock.now() + EVERY_GRANT_SECONDS
        self._end_families(person, lambda one: root_of(one.grant) == root)
        for heads in self._heads.by_partition(person):
            self._heads.without_grant(heads, root, until=until, visit=visit)

    def end_grant(
        self,
        partition: Partition,
        grant: GrantId,
        *,
        until: int,
        action: AuditAction,
        visit: Visit,
    ) -> None:
        """Refuse one grant's tokens from now on, in every session that they may have reached.

        What refreshes them ends first and for good: a head remembers a grant for as long as its
        tokens live, and no longer.
        """
        self._end_families(partition.person, lambda one: one.grant == grant)
        heads = self._heads.of(partition)
        self._heads.without_grant(heads, grant, until=until, action=action, visit=visit)

    def _admit(self, caller: SessionCaller) -> Head:
        try:
            head, _ = self._admission.enter(caller)
        except SessionEnded:
            self.forget(caller.token, caller.visit)
            raise
        return head

    def _end_families(self, person: Person, belongs: Callable[[RefreshFamily], bool]) -> None:
        for family in self._refresh.of(person, now=self._clock.now()):
            if belongs(family):
                self._refresh.end(family)
