"""One's own erasure: people who delete their account, and are told of it by mail."""

from chalicelib.domain.audit import Actor, ActorKind
from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.erasures import Certificate
from chalicelib.services.credentials import Credentials
from chalicelib.services.dashboard import Dashboard
from chalicelib.services.erasures import Erasures
from chalicelib.services.notice_mails import erased_mail
from chalicelib.services.own_account import OwnAccount


class OwnErasure:
    """Wants a fresh sign-in, as every change of an account does."""

    def __init__(
        self,
        *,
        dashboard: Dashboard,
        account: OwnAccount,
        erasures: Erasures,
        credentials: Credentials,
    ) -> None:
        """Take the services below."""
        self._dashboard = dashboard
        self._account = account
        self._erasures = erasures
        self._credentials = credentials

    def erase(self, caller: PersonCaller) -> Certificate:
        """Erase the caller and answer what was destroyed; raises `ErasureRefused`."""
        self._dashboard.demand_fresh(caller)
        # Read while it can be.
        address = self._account.profile(caller).address
        certificate = self._erasures.erase(
            caller.person,
            actor=Actor(ActorKind.USER, caller.person.user),
            origin=caller.visit.origin,
        )
        self._credentials.tell_at(
            address, erased_mail(place=caller.workspace.name, gone_at=certificate.keys_gone_at)
        )
        return certificate
