"""Sign-ins: an address and a password against what is stored, telling nothing but yes or no."""

from collections.abc import Callable

from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import RateLimited, SigninRefused
from chalicelib.domain.ids import AppId, WorkspaceId, new_user_id
from chalicelib.domain.ports.surroundings import Clock, Passwords
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserStatus
from chalicelib.services.attempts import Guess, Guesses
from chalicelib.services.devices import Devices
from chalicelib.services.failures import Failures, Try
from chalicelib.services.paces import refused_evenly
from chalicelib.services.users import Users


class SignIns:
    """The way in with a password."""

    def __init__(
        self,
        *,
        clock: Clock,
        users: Users,
        passwords: Passwords,
        guesses: Guesses,
        devices: Devices,
        failures: Failures,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._users = users
        self._passwords = passwords
        self._guesses = guesses
        self._devices = devices
        self._failures = failures

    def authenticate(
        self,
        workspace: WorkspaceId,
        *,
        email: str,
        password: str,
        visit: Visit,
        app: AppId | None,
        admits: Callable[[Person], bool] = lambda _: True,
    ) -> Person:
        """Answer who this is; raises `SigninRefused` or `RateLimited`.

        An unknown address, a wrong password, a suspended user and one whose password does not
        count are one answer after the same work and time; only the audit trail knows which it was.
        """
        with refused_evenly(self._clock):
            return self._authenticated(
                workspace, email=email, password=password, visit=visit, app=app, admits=admits
            )

    def _authenticated(
        self,
        workspace: WorkspaceId,
        *,
        email: str,
        password: str,
        visit: Visit,
        app: AppId | None,
        admits: Callable[[Person], bool],
    ) -> Person:
        address = self._users.normalise(email)
        user = self._users.found(workspace, address)
        person = None if user is None else user.person
        one = Try(workspace, person, "password", visit, app)
        guess = self._admit(one, address)
        fits = self._passwords.fits(None if user is None else user.password, password)
        reason = _reason(user, fits=fits, admits=admits)
        if user is None or reason is not None:
            self._failures.failed(one, guess, reason=reason or "unknown")
            raise SigninRefused(
                "That email and password do not match.", tries_left=guess.tries_left
            )
        self._guesses.succeeded(guess)
        self._users.renew_hash(user, password)
        return user.person

    def _admit(self, one: Try, address: str) -> Guess:
        # Nobody has no browser, and it is looked for all the same.
        person = one.person or Person(one.workspace, new_user_id())
        device = self._devices.known(person, one.visit)
        try:
            return self._guesses.admit(
                one.workspace, email=address, ip=one.visit.origin.ip, device=device
            )
        except RateLimited as refusal:
            self._failures.refused(one, refusal)
            raise


def _reason(user: User | None, *, fits: bool, admits: Callable[[Person], bool]) -> str | None:
    if user is None:
        return "unknown"
    if not fits:
        return "password"
    if user.status is not UserStatus.ACTIVE:
        return "suspended"
    return None if admits(user.person) else "sso"
