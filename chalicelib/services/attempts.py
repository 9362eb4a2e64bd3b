"""Attempts: counts guesses per account and per network address, and makes them dear."""

import ipaddress
from dataclasses import dataclass

from chalicelib.domain.denials import RateLimited
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import ADDRESS_TRIES, FREE_TRIES, SIGN_IN_WINDOW
from chalicelib.domain.login import Attempts, tries_left, wait_before_next
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.keys import Keys

MAILS_PER_ADDRESS = 5  # per window
SIGN_UPS_PER_NETWORK = 30  # per window
RESETS_PER_NETWORK = 30  # per window

_TOO_MANY = "Too many tries. Wait, then try again."
_IPV6_SITE = 64  # bits: what one customer of a provider can change at will


@dataclass(frozen=True, slots=True)
class Guess:
    """One admitted try, counted before it is known whether it fits."""

    workspace: WorkspaceId
    account: str
    network: str
    counted: Attempts

    @property
    def tries_left(self) -> int:
        """Answer how many more are free of delay if this one fails."""
        return tries_left(self.counted)

    @property
    def begins_delay(self) -> bool:
        """Tell whether delays begin with this one's failure."""
        return self.counted.failures == FREE_TRIES


class Guesses:
    """The price of guessing; the same for accounts that do not exist."""

    def __init__(self, *, clock: Clock, store: LoginStore, keys: Keys) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys

    def admit(self, workspace: WorkspaceId, *, email: str, ip: str) -> Guess:
        """Count a try at a normalised address and let it pass; raises `RateLimited`.

        It counts before it is checked, and beyond the free ones only the one that found the
        count unchanged passes: a thousand guesses at the same moment are not one guess.
        """
        account = "acct:" + self._keys.lookup(workspace, email, info="attempts")
        return self._admit(workspace, account, ip)

    def admit_factor(self, person: Person, *, ip: str) -> Guess:
        """Count a try at a person's second factor and let it pass, as `admit` does."""
        name = self._keys.lookup(person.workspace, str(person.user), info="factors")
        return self._admit(person.workspace, f"acct:{name}", ip)

    def failed(self, guess: Guess) -> None:
        """Count a failure for the network address as well."""
        self._store.count_failure(guess.workspace, guess.network, now=self._clock.now())

    def succeeded(self, guess: Guess) -> None:
        """Forget the account's failures; the network's stay: one's own would clear them."""
        self._store.forgive(guess.workspace, guess.account, now=self._clock.now())

    def admit_sign_up(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a sign-up from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="sign-ups", most=SIGN_UPS_PER_NETWORK)

    def admit_reset(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a forgotten password from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="resets", most=RESETS_PER_NETWORK)

    def admits_mail(self, workspace: WorkspaceId, *, email: str) -> bool:
        """Count a mail to a normalised address and tell whether it may be sent."""
        account = "acct:" + self._keys.lookup(workspace, email, info="mails")
        counted = self._store.count_failure(workspace, account, now=self._clock.now())
        return counted.failures <= MAILS_PER_ADDRESS

    def forgive(self, workspace: WorkspaceId, *, email: str) -> None:
        """Forget the failures at a normalised address whose password was replaced."""
        account = "acct:" + self._keys.lookup(workspace, email, info="attempts")
        self._store.forgive(workspace, account, now=self._clock.now())

    def _admit(self, workspace: WorkspaceId, account: str, ip: str) -> Guess:
        now = self._clock.now()
        network = "addr:" + self._keys.lookup(workspace, _network(ip), info="attempts")
        if self._store.attempts(workspace, network, now=now).failures >= ADDRESS_TRIES:
            raise RateLimited(_TOO_MANY, seconds=_window_left(now))
        before = self._store.attempts(workspace, account, now=now)
        wait = wait_before_next(before, now)
        if wait > 0:
            raise RateLimited(_TOO_MANY, seconds=min(wait, _window_left(now)))
        counted = self._store.count_failure(workspace, account, now=now)
        if counted.failures > FREE_TRIES and counted.failures != before.failures + 1:
            raise RateLimited(_TOO_MANY, seconds=max(1, wait_before_next(counted, now)))
        return Guess(workspace=workspace, account=account, network=network, counted=counted)

    def _admit_from(self, workspace: WorkspaceId, ip: str, *, info: str, most: int) -> None:
        now = self._clock.now()
        network = "addr:" + self._keys.lookup(workspace, _network(ip), info=info)
        if self._store.count_failure(workspace, network, now=now).failures > most:
            raise RateLimited(_TOO_MANY, seconds=_window_left(now))


def _window_left(now: int) -> int:
    return SIGN_IN_WINDOW - now % SIGN_IN_WINDOW


def _network(ip: str) -> str:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:  # noqa: PLR2004 - the protocol's own number
        return str(address)
    return str(ipaddress.ip_network((address.packed, _IPV6_SITE), strict=False))
