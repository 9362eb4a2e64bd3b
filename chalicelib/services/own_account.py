"""One's own account: what a person proves themselves with, looked at and changed by themselves."""

from chalicelib.domain.callers import PersonCaller
from chalicelib.domain.denials import Forbidden, RateLimited, SigninRefused, TokenSuperseded
from chalicelib.domain.errors import Stale, WriteConflict
from chalicelib.domain.factors import BY_PASSWORD, Factors
from chalicelib.domain.ports.surroundings import Clock, Passwords
from chalicelib.domain.users import Profile, User
from chalicelib.services.attempts import Guesses
from chalicelib.services.credentials import Credentials
from chalicelib.services.dashboard import Dashboard
from chalicelib.services.enrolments import Enrolments, Setup
from chalicelib.services.failures import Failures, Try
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.users import Users


class OwnAccount:
    """Every change wants a fresh sign-in, ends the others, and is told by mail."""

    def __init__(
        self,
        *,
        clock: Clock,
        dashboard: Dashboard,
        users: Users,
        passwords: Passwords,
        guesses: Guesses,
        failures: Failures,
        second: SecondFactors,
        enrolments: Enrolments,
        credentials: Credentials,
    ) -> None:
        """Take the services of each change."""
        self._clock = clock
        self._dashboard = dashboard
        self._users = users
        self._passwords = passwords
        self._guesses = guesses
        self._failures = failures
        self._second = second
        self._enrolments = enrolments
        self._credentials = credentials

    def user(self, caller: PersonCaller) -> User:
        """Answer the person as stored; raises `TokenSuperseded`."""
        user = self._users.active(caller.person)
        if user is None:
            raise TokenSuperseded("This account cannot be used now.")
        return user

    def profile(self, caller: PersonCaller) -> Profile:
        """Answer what a person is called here."""
        return self._users.profile(self.user(caller))

    def factors(self, caller: PersonCaller) -> tuple[User, Factors]:
        """Answer a person, and what they can be asked for."""
        return self.user(caller), self._second.of(caller.person)

    def change_password(self, caller: PersonCaller, *, old: str, new: str) -> None:
        """Replace the password by who knows the old one; raises `SigninRefused`."""
        self._dashboard.demand_fresh(caller)
        chosen, user = self._users.judged(new), self.user(caller)
        one = Try(caller.workspace.id, caller.person, "password", caller.visit, None)
        try:
            # Whoever guesses elsewhere keeps nobody from another password in a browser of theirs.
            guess = self._guesses.admit_factor(
                caller.person, ip=caller.visit.origin.ip, device=caller.browser.digest
            )
        except RateLimited as refusal:
            self._failures.refused(one, refusal)
            raise
        if not self._passwords.fits(user.password, old):
            self._failures.failed(one, guess, reason="old_password")
            raise SigninRefused("That is not your password.", tries_left=guess.tries_left)
        self._guesses.succeeded(guess)
        try:
            self._credentials.change_password(
                user,
                chosen,
                method="own",
                place=caller.workspace.name,
                visit=caller.visit,
                but=caller.browser.digest,
            )
        except Stale:
            raise WriteConflict("The password was changed at the same time.") from None

    def begin_totp(self, caller: PersonCaller) -> Setup:
        """Answer what an authenticator is set up with."""
        self._dashboard.demand_fresh(caller)
        issuer, bound = caller.workspace.name, caller.browser.digest
        proof = BY_PASSWORD.asked(self._clock.now())
        return self._enrolments.begin(self.user(caller), proof, issuer=issuer, bound=bound)

    def confirm_totp(self, caller: PersonCaller, *, challenge: str, code: str) -> tuple[str, ...]:
        """Take an authenticator into use, in the place of one before; answers recovery codes."""
        self._dashboard.demand_fresh(caller)
        done = self._enrolments.confirm(
            caller.person,
            challenge=challenge,
            typed=code,
            bound=caller.browser.digest,
            place=caller.workspace.name,
            visit=caller.visit,
            before=self._second.of(caller.person).totp,
            but=caller.browser.digest,
        )
        return done.recovery_codes

    def remove_totp(self, caller: PersonCaller) -> None:
        """Take the authenticator away, and the recovery codes with it."""
        self._dashboard.demand_fresh(caller)
        if caller.workspace.require_mfa or caller.workspace.is_named(caller.person.user):
            raise Forbidden("You need a second factor here. Set another one up in its place.")
        self._enrolments.remove(
            caller.person,
            place=caller.workspace.name,
            visit=caller.visit,
            but=caller.browser.digest,
        )

    def renew_recovery_codes(self, caller: PersonCaller) -> tuple[str, ...]:
        """Answer new recovery codes, in the place of all before."""
        self._dashboard.demand_fresh(caller)
        return self._enrolments.renew_codes(
            caller.person,
            place=caller.workspace.name,
            visit=caller.visit,
            but=caller.browser.digest,
        )
