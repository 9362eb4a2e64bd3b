"""Attempts: counts guesses per account, known device and network, and makes them dear."""

import ipaddress
from dataclasses import dataclass, replace

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.denials import RateLimited
from chalicelib.domain.ids import UserId, WorkspaceId
from chalicelib.domain.limits import (
    ADDRESS_TRIES,
    FREE_TRIES,
    INVITES_PER_DAY,
    LOCK_TRIES,
    LOCK_WINDOW,
    SIGN_IN_WINDOW,
)
from chalicelib.domain.login import Attempts, tries_left, wait_before_next
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.keys import Keys

MAILS_PER_ADDRESS = 5  # per window
RESET_MAILS_PER_ADDRESS = 15  # per window
RESET_MAILS_PER_NETWORK = 5  # per window and address, so that no stranger alone takes all of them
NOTICES_PER_PERSON = 5  # per window
SIGN_UPS_PER_NETWORK = 30  # per window
RESETS_PER_NETWORK = 30  # per window
DEVICE_AUTHORIZATIONS_PER_NETWORK = (
    300  # per window; each leaves rows and a code that is good for a while
)
PUSHED_PER_NETWORK = 600  # per window
PUSHED_PER_SERVER = 6_000  # per window; one that proved itself pushes for all who come to it
USER_CODES = 30  # per window, from a network address and by an account
VISITORS_PER_NETWORK = 30  # per window
CEREMONIES_PER_NETWORK = 600  # per window; every visit of the login asks for one
DETOURS_PER_NETWORK = 600  # per window; a company comes to work at the same time

_TOO_MANY = "Too many tries. Wait, then try again."
_OF_DAY = "-of-day"
_IPV6_SITE = 64  # bits: what one customer of a provider can change at will


@dataclass(frozen=True, slots=True)
class Count:
    """One sum, before and after a try was counted at `at`; `subject` names whose it is."""

    subject: str
    window: int
    at: int
    before: Attempts
    counted: Attempts

    @property
    def uncounted(self) -> Attempts:
        """Answer how the sum would stand without this try."""
        less = self.counted.failures - 1
        # Somebody else was counted in between: then the time is theirs, or as good as.
        return self.before if self.before.failures == less else replace(self.counted, failures=less)


@dataclass(frozen=True, slots=True)
class Guess:
    """One admitted try, counted before it is known whether it fits.

    `network` is where a stranger's browser stands, `None` for one that is known.
    """

    workspace: WorkspaceId
    network: str | None
    recent: Count
    of_day: Count

    @property
    def tries_left(self) -> int:
        """Answer how many more are free of delay if this one fails."""
        return tries_left(self.recent.counted)

    @property
    def begins_lock(self) -> bool:
        """Tell whether a lock begins with this one's failure."""
        return self.of_day.counted.failures == LOCK_TRIES

    @property
    def locked_until(self) -> int:
        """Answer when the lock ends, whoever keeps trying."""
        return self.of_day.at + _left(self.of_day.at, LOCK_WINDOW)


class Guesses:
    """The price of guessing; the same for accounts that do not exist.

    A browser that is known as a person's is counted by itself: strangers cannot delay it.
    """

    def __init__(self, *, clock: Clock, store: LoginStore, keys: Keys) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._keys = keys

    def admit(
        self, workspace: WorkspaceId, *, email: str, ip: str, device: str | None = None
    ) -> Guess:
        """Count a try at a normalised address and let it pass; raises `RateLimited`.

        It counts before it is checked, and beyond the free ones only the one that found the
        count unchanged passes: a thousand guesses at the same moment are not one guess.
        """
        return self._admit(workspace, email, ip, info="attempts", device=device)

    def admit_factor(self, person: Person, *, ip: str, device: str | None = None) -> Guess:
        """Count a try at a person's second factor and let it pass, as `admit` does."""
        name = str(person.user)
        return self._admit(person.workspace, name, ip, info="factors", device=device)

    def admit_passkey(
        self, workspace: WorkspaceId, digest: str, *, ip: str, device: str | None = None
    ) -> Guess:
        """Count a try with a passkey, whether there is such a one or not, as `admit` does."""
        return self._admit(workspace, digest, ip, info="passkeys", device=device)

    def failed(self, guess: Guess) -> None:
        """Count a failure for a stranger's network as well."""
        if guess.network is not None:
            self._store.count_failure(guess.workspace, guess.network, now=self._clock.now())

    def succeeded(self, guess: Guess) -> None:
        """Take one's own try back, as if it had never been.

        The failures of others stay: forgiven, they would tell a guesser that there is an account,
        whose owner has just been here.
        """
        for count in (guess.recent, guess.of_day):
            self._store.take_back(
                guess.workspace,
                count.subject,
                counted=count.counted,
                uncounted=count.uncounted,
                now=count.at,
                window=count.window,
            )

    def count_refused(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a try that was refused unseen, for its network."""
        network = self._network(workspace, ip, info="attempts")
        self._store.count_failure(workspace, network, now=self._clock.now())

    def admit_sign_up(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a sign-up from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="sign-ups", most=SIGN_UPS_PER_NETWORK)

    def admit_reset(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a forgotten password from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="resets", most=RESETS_PER_NETWORK)

    def admit_visitor(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a visitor from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="visitors", most=VISITORS_PER_NETWORK)

    def admit_ceremony(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a question for a passkey from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="ceremonies", most=CEREMONIES_PER_NETWORK)

    def admit_detour(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a way to an upstream from a network address; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="detours", most=DETOURS_PER_NETWORK)

    def admit_invite(self, workspace: WorkspaceId) -> None:
        """Count an invite of a workspace; raises `RateLimited`."""
        account, now = self._account(workspace, workspace, info="invites"), self._clock.now()
        counted = self._store.count_failure(workspace, account, now=now, window=LOCK_WINDOW)
        if counted.failures > INVITES_PER_DAY:
            seconds = _left(now, LOCK_WINDOW)
            raise RateLimited("That is enough invites for today.", seconds=seconds)

    def admit_device_authorization(self, workspace: WorkspaceId, *, ip: str) -> None:
        """Count a device that begins to wait, for its network address; raises `RateLimited`."""
        most = DEVICE_AUTHORIZATIONS_PER_NETWORK
        self._admit_from(workspace, ip, info="device-authorizations", most=most)

    def admit_pushed(self, workspace: WorkspaceId, *, ip: str, is_server: bool) -> None:
        """Count a pushed request from a network address, a server's apart; raises `RateLimited`."""
        if is_server:
            self._admit_from(workspace, ip, info="pushed-by-servers", most=PUSHED_PER_SERVER)
        else:
            self._admit_from(workspace, ip, info="pushed", most=PUSHED_PER_NETWORK)

    def admit_user_code(self, workspace: WorkspaceId, *, ip: str, user: UserId | None) -> None:
        """Count a typed code of a device, right or wrong; raises `RateLimited`."""
        self._admit_from(workspace, ip, info="user-codes", most=USER_CODES)
        if user is not None:
            account = self._account(workspace, str(user), info="user-codes")
            self._admit_most(workspace, account, most=USER_CODES)

    def admits_mail(self, workspace: WorkspaceId, *, email: str) -> bool:
        """Count a mail to a normalised address and tell whether it may be sent."""
        account = self._account(workspace, email, info="mails")
        counted = self._store.count_failure(workspace, account, now=self._clock.now())
        return counted.failures <= MAILS_PER_ADDRESS

    def admits_reset_mail(self, workspace: WorkspaceId, *, email: str, ip: str) -> bool:
        """Count a mail with which a normalised address gets a new password, as `admits_mail` does.

        It is the way out of a lock: a stranger who asks for it as well closes it for nobody else.
        """
        now = self._clock.now()
        here = self._account(workspace, f"{_network(ip)} {email}", info="reset-mails-from")
        if self._store.count_failure(workspace, here, now=now).failures > RESET_MAILS_PER_NETWORK:
            return False
        account = self._account(workspace, email, info="reset-mails")
        counted = self._store.count_failure(workspace, account, now=now)
        return counted.failures <= RESET_MAILS_PER_ADDRESS

    def admits_notice(self, person: Person) -> bool:
        """Count a notice and tell whether it may be sent; mails that were asked for are apart."""
        account = self._account(person.workspace, str(person.user), info="notices")
        counted = self._store.count_failure(person.workspace, account, now=self._clock.now())
        return counted.failures <= NOTICES_PER_PERSON

    def lift(self, person: Person, *, email: str, event: AuditEvent) -> None:
        """Forget what strangers failed at a person's password and second factor."""
        workspace, number = person.workspace, str(person.user)
        subjects = [
            (self._account(workspace, name, info=info + suffix), window)
            for name, info in ((email, "attempts"), (number, "factors"))
            for suffix, window in (("", SIGN_IN_WINDOW), (_OF_DAY, LOCK_WINDOW))
        ]
        self._store.lift(workspace, subjects, event, now=self._clock.now())

    def _admit(
        self, workspace: WorkspaceId, name: str, ip: str, *, info: str, device: str | None
    ) -> Guess:
        now = self._clock.now()
        network = self._network(workspace, ip, info="attempts")
        seen = self._store.attempts(workspace, network, now=now)
        if device is not None:
            name, info = device, f"{info}-of-device"
        elif seen.failures >= ADDRESS_TRIES:
            seconds = _left(now, SIGN_IN_WINDOW)
            raise RateLimited(_TOO_MANY, seconds=seconds, reason="network")
        day = self._account(workspace, name, info=info + _OF_DAY)
        before_day = self._store.attempts(workspace, day, now=now, window=LOCK_WINDOW)
        if before_day.failures >= LOCK_TRIES:
            raise RateLimited(_TOO_MANY, seconds=_left(now, LOCK_WINDOW), reason="locked")
        account = self._account(workspace, name, info=info)
        before = self._store.attempts(workspace, account, now=now)
        wait = wait_before_next(before, now)
        if wait > 0:
            wait = min(wait, _left(now, SIGN_IN_WINDOW))
            raise RateLimited(_TOO_MANY, seconds=wait, reason="delayed")
        counted = self._store.count_failure(workspace, account, now=now)
        if counted.failures > FREE_TRIES and counted.failures != before.failures + 1:
            wait = max(1, wait_before_next(counted, now))
            raise RateLimited(_TOO_MANY, seconds=wait, reason="delayed")
        of_day = self._store.count_failure(workspace, day, now=now, window=LOCK_WINDOW)
        return Guess(
            workspace=workspace,
            network=network if device is None else None,
            recent=Count(account, SIGN_IN_WINDOW, now, before, counted),
            of_day=Count(day, LOCK_WINDOW, now, before_day, of_day),
        )

    def _admit_from(self, workspace: WorkspaceId, ip: str, *, info: str, most: int) -> None:
        self._admit_most(workspace, self._network(workspace, ip, info=info), most=most)

    def _admit_most(self, workspace: WorkspaceId, subject: str, *, most: int) -> None:
        now = self._clock.now()
        if self._store.count_failure(workspace, subject, now=now).failures > most:
            raise RateLimited(_TOO_MANY, seconds=_left(now, SIGN_IN_WINDOW))

    def _account(self, workspace: WorkspaceId, name: str, *, info: str) -> str:
        return "acct:" + self._keys.lookup(workspace, name, info=info)

    def _network(self, workspace: WorkspaceId, ip: str, *, info: str) -> str:
        return "addr:" + self._keys.lookup(workspace, _network(ip), info=info)


def _left(now: int, window: int) -> int:
    return window - now % window


def _network(ip: str) -> str:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:  # noqa: PLR2004 - the protocol's own number
        return str(address)
    return str(ipaddress.ip_network((address.packed, _IPV6_SITE), strict=False))
