"""Resets: a forgotten password is replaced by who can read the mail of the address."""

from typing import NoReturn

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import digest, new_secret, new_user_id
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock, Mailer
from chalicelib.domain.sessions import Person
from chalicelib.domain.sign_ups import code_digest, fits, new_code
from chalicelib.domain.users import UserStatus
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.credentials import Credentials
from chalicelib.services.mails import reset_mail, unknown_mail
from chalicelib.services.paces import evenly
from chalicelib.services.places import Places
from chalicelib.services.users import Users

_KIND = ChallengeKind.RESET
_ENDED = "This code is no longer valid. Ask for another one."


class Resets:
    """The way back in for those who forgot their password."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ChallengeStore,
        users: Users,
        guesses: Guesses,
        mailer: Mailer,
        places: Places,
        credentials: Credentials,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._users = users
        self._guesses = guesses
        self._mailer = mailer
        self._places = places
        self._credentials = credentials
        self._audit = audit
        self._trail = trail

    def start(self, request: AuthorizationRequest, *, email: str, visit: Visit) -> tuple[str, str]:
        """Mail a code for a new password; answers challenge and address.

        An address that nobody can sign in with gets the same answer after the same work, and
        another mail.
        """
        with evenly(self._clock):
            return self._begun(request, email, visit)

    def _begun(self, request: AuthorizationRequest, email: str, visit: Visit) -> tuple[str, str]:
        address = self._users.normalise(email)
        self._guesses.admit_reset(request.workspace, ip=visit.origin.ip)
        application = self._places.of(request.workspace, request.app)
        user = self._users.found(request.workspace, address)
        is_known = user is not None and user.status is UserStatus.ACTIVE
        is_mailed = self._guesses.admits_reset_mail(
            request.workspace, email=address, ip=visit.origin.ip
        )
        challenge, code = new_secret(), new_code()
        # Where no code arrives, none fits: a decoy waits for something that nobody can type.
        expected = code if is_known and is_mailed else new_secret()
        self._store.open(
            Challenge(
                digest=digest(challenge),
                workspace=request.workspace,
                kind=_KIND,
                user=new_user_id() if user is None else user.person.user,
                bound=request.digest,
                exp=self._clock.now() + CHALLENGE_SECONDS,
                code=code_digest(challenge, expected),
            )
        )
        if is_mailed:
            self._mail(address, code=code, application=application, is_known=is_known)
        return challenge, address

    def finish(
        self,
        request: AuthorizationRequest,
        *,
        challenge: str,
        code: str,
        password: str,
        visit: Visit,
    ) -> Person:
        """Replace the password if the code fits; raises `SigninRefused` or `ChallengeEnded`.

        Answers whose it is. Nobody is signed in by it: what comes next is a sign-in with whatever
        it asks for.
        """
        chosen = self._users.judged(password)
        waiting = self._store.count_try(
            request.workspace, digest(challenge), kind=_KIND, now=self._clock.now()
        )
        if waiting is None or waiting.bound != request.digest:
            raise ChallengeEnded(_ENDED)
        if not fits(waiting.code, challenge=challenge, code=code):
            self._refuse(request, waiting, visit=visit)
        user = self._users.active(waiting.person)
        if user is None or self._credentials.overtook(waiting):
            raise ChallengeEnded(_ENDED)
        application = self._places.of(request.workspace, request.app)
        try:
            self._credentials.change_password(
                user,
                chosen,
                method="reset",
                place=application.name,
                visit=visit,
                app=request.app,
                but=waiting.digest,
            )
        except Stale:
            raise ChallengeEnded(_ENDED) from None
        # Last, so that whoever was interrupted can send the same again.
        self._store.close(waiting)
        return user.person

    def _mail(self, to: str, *, code: str, application: Application, is_known: bool) -> None:
        if is_known:
            self._mailer.send(reset_mail(to, code=code, application=application.name))
        else:
            self._mailer.send(unknown_mail(to, application=application.name))

    def _refuse(
        self, request: AuthorizationRequest, waiting: Challenge, *, visit: Visit
    ) -> NoReturn:
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=request.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                app=request.app,
                outcome="failure",
                meta={"method": "reset", "reason": "code"},
            )
        )
        raise SigninRefused("That is not the code.", tries_left=waiting.tries_left)
