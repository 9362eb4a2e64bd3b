"""Enrolments: an authenticator is set up, proven, given recovery codes, and taken away again."""

from dataclasses import dataclass, field

from chalicelib.domain.audit import Actor, ActorKind, AuditAction, AuditEvent
from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind, waiting_place
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import NotFound, Stale, WriteConflict
from chalicelib.domain.factors import (
    Drawing,
    Proof,
    RecoveryCodes,
    Totp,
    new_recovery_codes,
    totp_place,
)
from chalicelib.domain.ids import AppId, digest, new_secret, new_ulid
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.ports.factors import FactorStore, OneTimeCodes
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.users import User
from chalicelib.services.audit import Trail
from chalicelib.services.credentials import Credentials
from chalicelib.services.keys import Keys
from chalicelib.services.notice_mails import factor_mail
from chalicelib.services.second_factors import SecondFactors
from chalicelib.services.users import Users

_KIND = ChallengeKind.ENROLMENT
_ENDED = "This has taken too long. Start again."
_OVERTAKEN = "Something else was changed at the same time. Look again."


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator is set up with: scanned, or typed letter by letter."""

    challenge: str = field(repr=False)
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An authenticator is in use; the codes are shown once and kept by nobody but the person."""

    user: User
    proof: Proof
    recovery_codes: tuple[str, ...] = field(repr=False)


class Enrolments:
    """The authenticators of people, from the first scan to the end."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: FactorStore,
        challenges: ChallengeStore,
        codes: OneTimeCodes,
        keys: Keys,
        users: Users,
        second: SecondFactors,
        credentials: Credentials,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._challenges = challenges
        self._codes = codes
        self._keys = keys
        self._users = users
        self._second = second
        self._credentials = credentials
        self._trail = trail

    def begin(self, user: User, proof: Proof, *, issuer: str, bound: str) -> Setup:
        """Make a secret; it is a factor only when a code of it was typed."""
        person = user.person
        secret, challenge = self._codes.new_secret(), new_secret()
        name = digest(challenge)
        self._challenges.open(
            Challenge(
                digest=name,
                workspace=person.workspace,
                kind=_KIND,
                user=person.user,
                bound=bound,
                exp=proof.asked_at + CHALLENGE_SECONDS,
                method=proof.method,
                amr=proof.amr,
                sealed=self._keys.seal(waiting_place(person, name), secret.encode()),
            )
        )
        account = self._users.profile(user).address
        uri = self._codes.uri(secret, account=account, issuer=issuer)
        return Setup(challenge, secret, uri, self._codes.drawing(uri))

    def confirm(
        self,
        person: Person,
        *,
        challenge: str,
        typed: str,
        bound: str,
        place: str,
        visit: Visit,
        before: Totp | None = None,
        app: AppId | None = None,
        but: str | None = None,
    ) -> Enrolled:
        """Take an authenticator into use whose code was typed, and end the other sign-ins.

        Raises `ChallengeEnded` or `SigninRefused`. `before` is what it takes the place of, `but`
        the browser in which it happens.
        """
        waiting = self._waiting(person, challenge, bound)
        if waiting.sealed is None:
            raise ChallengeEnded(_ENDED)
        now = self._clock.now()
        secret = self._keys.open(waiting_place(person, waiting.digest), waiting.sealed)
        step = self._codes.step_of(secret.decode(), typed, now=now, after=0)
        if step is None:
            raise SigninRefused("That is not the code.", tries_left=waiting.tries_left)
        user = self._user(person)
        plain, recovery = self._new_codes(person)
        totp = Totp(
            id=new_ulid(self._clock.millis()),
            person=person,
            secret=self._keys.seal(totp_place(person), secret),
            last_step=step,
            created_at=now,
        )
        event = self._event(AuditAction.FACTOR_ADDED, person, "totp", visit=visit, app=app)
        try:
            self._store.put_totp(totp, recovery, before=before, event=event)
        except Stale:
            raise WriteConflict(_OVERTAKEN) from None
        self._credentials.changed(user, factor_mail("added", place=place), visit=visit, but=but)
        # Last, so that whoever was interrupted can send the same again.
        self._challenges.close(waiting)
        return Enrolled(user, Proof(waiting.method, waiting.amr).with_second("otp"), plain)

    def remove(self, person: Person, *, place: str, visit: Visit, but: str | None) -> None:
        """Take the authenticator and all recovery codes away; raises `NotFound`."""
        totp = self._totp(person)
        event = self._event(AuditAction.FACTOR_REMOVED, person, "totp", visit=visit)
        try:
            self._store.remove_totp(totp, event)
        except Stale:
            raise WriteConflict(_OVERTAKEN) from None
        notice = factor_mail("removed", place=place)
        self._credentials.changed(self._user(person), notice, visit=visit, but=but)

    def renew_codes(
        self, person: Person, *, place: str, visit: Visit, but: str | None
    ) -> tuple[str, ...]:
        """Answer new recovery codes, in the place of all before; raises `NotFound`."""
        totp = self._totp(person)
        plain, recovery = self._new_codes(person)
        event = self._event(AuditAction.FACTOR_ADDED, person, "recovery_codes", visit=visit)
        try:
            self._store.put_recovery(recovery, of=totp, event=event)
        except Stale:
            raise WriteConflict(_OVERTAKEN) from None
        notice = factor_mail("recovery", place=place)
        self._credentials.changed(self._user(person), notice, visit=visit, but=but)
        return plain

    def _waiting(self, person: Person, challenge: str, bound: str) -> Challenge:
        now, name = self._clock.now(), digest(challenge)
        waiting = self._challenges.count_try(person.workspace, name, kind=_KIND, now=now)
        if waiting is None or (waiting.person, waiting.bound) != (person, bound):
            raise ChallengeEnded(_ENDED)
        return waiting

    def _new_codes(self, person: Person) -> tuple[tuple[str, ...], RecoveryCodes]:
        plain = new_recovery_codes()
        left = frozenset(self._second.recovery_digest(person, code) for code in plain)
        return plain, RecoveryCodes(person, left, self._clock.now())

    def _totp(self, person: Person) -> Totp:
        totp = self._store.of(person).totp
        if totp is None:
            raise NotFound("There is no authenticator.")
        return totp

    def _user(self, person: Person) -> User:
        user = self._users.active(person)
        if user is None:
            raise ChallengeEnded(_ENDED)
        return user

    def _event(
        self,
        action: AuditAction,
        person: Person,
        kind: str,
        *,
        visit: Visit,
        app: AppId | None = None,
    ) -> AuditEvent:
        return self._trail.event(
            action,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={"kind": kind},
        )
