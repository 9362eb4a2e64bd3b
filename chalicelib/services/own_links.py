"""One's own links: the providers elsewhere that let a person in, looked at and taken away."""

from dataclasses import dataclass

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.denials import Forbidden
from chalicelib.domain.errors import NotFound
from chalicelib.domain.links import Link
from chalicelib.domain.ports.directory import UserStore
from chalicelib.domain.ports.passkeys import PasskeyStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.upstreams import Upstream
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.credentials import Credentials
from chalicelib.services.dashboard import Dashboard
from chalicelib.services.notice_mails import unlinked_mail
from chalicelib.services.own_account import OwnAccount
from chalicelib.services.upstreams import Upstreams


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and the provider that it is by, if the workspace has it still."""

    link: Link
    upstream: Upstream | None

    @property
    def lets_in(self) -> bool:
        """Tell whether its person finds the way in by it."""
        return self.upstream is not None and self.upstream.is_reachable

    @property
    def called(self) -> str:
        """Answer what its person is told of the provider."""
        upstream = self.upstream
        return (
            (self.link.provider or "Another provider")
            if upstream is None
            else upstream.display_name
        )


class OwnLinks:
    """Removing one wants a fresh sign-in, ends the other sign-ins, and is told by mail."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: UserStore,
        dashboard: Dashboard,
        account: OwnAccount,
        upstreams: Upstreams,
        passkeys: PasskeyStore,
        credentials: Credentials,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services of a change."""
        self._clock = clock
        self._store = store
        self._dashboard = dashboard
        self._account = account
        self._upstreams = upstreams
        self._passkeys = passkeys
        self._credentials = credentials
        self._trail = trail

    def of(self, caller: PersonCaller) -> tuple[Linked, ...]:
        """Answer by whose word a person is let in, the oldest first."""
        chosen = self._upstreams.known_ones(caller.workspace.id)
        return tuple(
            Linked(link, link.upstream(chosen)) for link in self._store.links(caller.person)
        )

    def remove(self, caller: PersonCaller, link_id: str) -> None:
        """Let a provider vouch no more for a person; raises `NotFound`.

        Raises `Forbidden` where nothing else would let its person in.
        """
        self._dashboard.demand_fresh(caller)
        gone = settled(self._clock, lambda: self._unlinked(caller, link_id))
        self._credentials.changed(
            self._account.user(caller),
            unlinked_mail(gone.called, place=caller.workspace.name),
            visit=caller.visit,
            but=caller.browser.digest,
        )

    def _unlinked(self, caller: PersonCaller, link_id: str) -> Linked:
        held = self.of(caller)
        gone = next((each for each in held if each.link.id == link_id), None)
        if gone is None:
            raise NotFound("There is no such provider.")
        if not any(each.lets_in for each in held if each is not gone):
            self._demand_another_way(caller)
        named = {} if gone.link.provider is None else {"provider": gone.link.provider}
        event = self._trail.event(
            AuditAction.FACTOR_REMOVED,
            workspace=caller.workspace.id,
            actor=Actor(ActorKind.USER, caller.person.user),
            origin=caller.visit.origin,
            subject=caller.person.user,
            meta={"kind": "federated", **named},
        )
        among = [each.link for each in held]
        self._store.unlink(caller.person, gone.link, event, among=among)
        return gone

    def _demand_another_way(self, caller: PersonCaller) -> None:
        if caller.workspace.require_sso:
            raise Forbidden("Everybody here signs in by their organisation's provider. It stays.")
        if self._account.user(caller).password is None and not self._passkeys.of(caller.person):
            raise Forbidden("This provider is your only way to sign in. Add a passkey first.")
