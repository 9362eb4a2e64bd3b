"""Second factors: shown after the first one, every try counted and delayed like a password's."""

from typing import NoReturn

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import RateLimited, SigninRefused
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Factors, Totp, plain_recovery_code, totp_place
from chalicelib.domain.ids import AppId
from chalicelib.domain.ports.factors import FactorStore, OneTimeCodes
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.attempts import Guess, Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.devices import Devices
from chalicelib.services.failures import Failures, Try
from chalicelib.services.keys import Keys

_WRONG = "That is not the code."


class SecondFactors:
    """What people show beside their password."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: FactorStore,
        codes: OneTimeCodes,
        keys: Keys,
        guesses: Guesses,
        devices: Devices,
        failures: Failures,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._codes = codes
        self._keys = keys
        self._guesses = guesses
        self._devices = devices
        self._failures = failures
        self._trail = trail

    def of(self, person: Person) -> Factors:
        """Answer what a person can be asked for."""
        return self._store.of(person)

    def show_totp(self, person: Person, typed: str, *, visit: Visit, app: AppId | None) -> None:
        """Let an authenticator's code pass, once; raises `SigninRefused` or `RateLimited`."""
        one = Try(person.workspace, person, "totp", visit, app)
        guess = self._admit(one, person)
        totp = self._store.of(person).totp
        if totp is None or not self._accepts(totp, typed):
            self._refuse(one, guess)
        self._guesses.succeeded(guess)

    def show_recovery(self, person: Person, typed: str, *, visit: Visit, app: AppId | None) -> int:
        """Let a recovery code pass, once, and answer how many are left; raises as `show_totp`."""
        one = Try(person.workspace, person, "recovery", visit, app)
        guess = self._admit(one, person)
        recovery = self._store.of(person).recovery
        digest = self.recovery_digest(person, typed)
        if recovery is None or digest not in recovery.left:
            self._refuse(one, guess)
        left = len(recovery.left) - 1
        event = self._trail.event(
            AuditAction.FACTOR_REMOVED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={"kind": "recovery_code", "left": left},
        )
        try:
            self._store.use_recovery(person, digest, event)
        except Stale:
            self._refuse(one, guess)
        self._guesses.succeeded(guess)
        return left

    def recovery_digest(self, person: Person, typed: str) -> str:
        """Answer what is kept of a recovery code: a keyed hash, which no table gives away."""
        text = f"{person.user}:{plain_recovery_code(typed)}"
        return self._keys.lookup(person.workspace, text, info="recovery")

    def _accepts(self, totp: Totp, typed: str) -> bool:
        secret = self._keys.open(totp_place(totp.person), totp.secret).decode()
        step = self._codes.step_of(secret, typed, now=self._clock.now(), after=totp.last_step)
        if step is None:
            return False
        try:
            # Of two who show the same code at the same moment, one has only watched the other.
            self._store.accept_step(totp, step)
        except Stale:
            return False
        return True

    def _admit(self, one: Try, person: Person) -> Guess:
        device = self._devices.known(person, one.visit)
        try:
            return self._guesses.admit_factor(person, ip=one.visit.origin.ip, device=device)
        except RateLimited as refusal:
            self._failures.refused(one, refusal)
            raise

    def _refuse(self, one: Try, guess: Guess) -> NoReturn:
        self._failures.failed(one, guess, reason="code")
        raise SigninRefused(_WRONG, tries_left=guess.tries_left)
