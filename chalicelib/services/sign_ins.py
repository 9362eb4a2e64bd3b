"""Sign-ins: an address and a password against what is stored, telling nothing but yes or no."""

from typing import NoReturn

from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import SigninRefused
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Passwords
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User, UserStatus
from chalicelib.services.attempts import Guess, Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.users import Users


class SignIns:
    """The way in with a password."""

    def __init__(
        self,
        *,
        users: Users,
        passwords: Passwords,
        guesses: Guesses,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._users = users
        self._passwords = passwords
        self._guesses = guesses
        self._audit = audit
        self._trail = trail

    def authenticate(
        self,
        workspace: WorkspaceId,
        *,
        email: str,
        password: str,
        visit: Visit,
        app: AppId | None,
    ) -> Person:
        """Answer who this is; raises `SigninRefused` or `RateLimited`.

        An unknown address, a wrong password and a suspended user are one answer after the same
        work; only the audit trail knows which it was.
        """
        address = self._users.normalise(email)
        guess = self._guesses.admit(workspace, email=address, ip=visit.origin.ip)
        user = self._users.found(workspace, address)
        fits = self._passwords.fits(None if user is None else user.password, password)
        if user is None or not fits or user.status is not UserStatus.ACTIVE:
            self._refuse(guess, user, fits=fits, visit=visit, app=app)
        self._guesses.succeeded(guess)
        self._users.renew_hash(user, password)
        return user.person

    def _refuse(
        self,
        guess: Guess,
        user: User | None,
        *,
        fits: bool,
        visit: Visit,
        app: AppId | None,
    ) -> NoReturn:
        self._guesses.failed(guess)
        reason = "unknown" if user is None else "suspended" if fits else "password"
        actions = [AuditAction.SIGNIN_FAILED]
        if guess.begins_delay:
            actions.append(AuditAction.SIGNIN_LOCKED)
        for action in actions:
            self._audit.append(
                self._trail.event(
                    action,
                    workspace=guess.workspace,
                    actor=ANONYMOUS,
                    origin=visit.origin,
                    subject=None if user is None else user.person.user,
                    app=app,
                    outcome="failure",
                    meta={"method": "password", "reason": reason},
                )
            )
        raise SigninRefused("That email and password do not match.", tries_left=guess.tries_left)
