"""Sign-ups: an account waits until the code is typed that was mailed to its address."""

from dataclasses import replace
from typing import NoReturn

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import ANONYMOUS, Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded, RateLimited, SigninRefused
from chalicelib.domain.errors import Duplicate
from chalicelib.domain.ids import digest, new_secret
from chalicelib.domain.limits import CHALLENGE_MAILS, CHALLENGE_SECONDS, CHALLENGE_TRIES
from chalicelib.domain.login import AuthorizationRequest, SignUp
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock, Mailer
from chalicelib.domain.sessions import Person
from chalicelib.domain.sign_ups import code_digest, fits, new_code
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.browsers import Cookies
from chalicelib.services.invites import Invites
from chalicelib.services.mails import code_mail, taken_mail
from chalicelib.services.paces import evenly
from chalicelib.services.places import Places
from chalicelib.services.users import Draft, Users
from chalicelib.services.workspaces import Workspaces

_ENDED = "This code is no longer valid. Start again to get a new one."


class SignUps:
    """The way in for those who have no account."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: LoginStore,
        users: Users,
        invites: Invites,
        guesses: Guesses,
        mailer: Mailer,
        workspaces: Workspaces,
        places: Places,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._users = users
        self._invites = invites
        self._guesses = guesses
        self._mailer = mailer
        self._workspaces = workspaces
        self._places = places
        self._audit = audit
        self._trail = trail

    def start(
        self,
        request: AuthorizationRequest,
        *,
        email: str,
        password: str,
        name: str | None,
        cookies: Cookies,
        visit: Visit,
    ) -> tuple[str, str]:
        """Store an account in waiting and mail its code; answers challenge and address.

        A taken address gets the same answer after the same work and time, and another mail. Raises
        `Forbidden` where nobody may come uninvited and the browser shows no invite.
        """
        address, invite = self._invites.admit(request.workspace, email, cookies)
        self._guesses.admit_sign_up(request.workspace, ip=visit.origin.ip)
        draft = self._users.draft(request.workspace, email=address, password=password, name=name)
        challenge = new_secret()
        waiting = SignUp(
            digest=digest(challenge),
            workspace=request.workspace,
            code="",
            exp=self._clock.now() + CHALLENGE_SECONDS,
            tries=0,
            mails=0,
            address=draft.address,
            keys=draft.keys,
            user=draft.person.user,
            profile=draft.profile,
            password=draft.password,
            invite=None if invite is None else invite.digest,
        )
        with evenly(self._clock):
            self._send(request, waiting, challenge=challenge, email=address)
        return challenge, address

    def resend(self, request: AuthorizationRequest, *, challenge: str) -> None:
        """Mail another code for the same challenge; the tries that are left stay as they are."""
        waiting = self._store.sign_up(request.workspace, digest(challenge), now=self._clock.now())
        if waiting is None or waiting.tries >= CHALLENGE_TRIES:
            raise ChallengeEnded(_ENDED)
        if waiting.mails >= CHALLENGE_MAILS:
            left = waiting.exp - self._clock.now()
            raise RateLimited("No further message can be sent now.", seconds=max(1, left))
        draft = _draft_of(waiting)
        profile = self._users.profile_of_draft(draft.person, draft.profile, draft.keys)
        with evenly(self._clock):
            self._send(request, waiting, challenge=challenge, email=profile.address)

    def verify(
        self, request: AuthorizationRequest, *, challenge: str, code: str, visit: Visit
    ) -> Person:
        """Make the account if the code fits; raises `SigninRefused` or `ChallengeEnded`."""
        self._invites.hold_open(request.workspace)
        name = digest(challenge)
        waiting = self._store.count_try(request.workspace, name, now=self._clock.now())
        if waiting is None:
            raise ChallengeEnded(_ENDED)
        if not fits(waiting.code, challenge=challenge, code=code):
            self._refuse(request, waiting, visit=visit)
        draft = _draft_of(waiting)
        invite = self._invites.held(request.workspace, waiting.invite)
        try:
            person = self._users.store(
                draft,
                actor=Actor(ActorKind.USER, draft.person.user),
                origin=visit.origin,
                app=request.app,
                redemption=self._invites.redemption(
                    invite, draft.person.user, origin=visit.origin, app=request.app
                ),
            )
        except Duplicate:
            self._invites.held(request.workspace, waiting.invite)
            # The address was taken while the code was on its way; nobody learns that here.
            self._refuse(request, waiting, visit=visit)
        self._store.close_sign_up(request.workspace, name)
        return person

    def _send(
        self, request: AuthorizationRequest, waiting: SignUp, *, challenge: str, email: str
    ) -> None:
        application = self._places.of(request.workspace, request.app)
        is_taken = self._users.holder(request.workspace, waiting.address) is not None
        is_mailed = self._guesses.admits_mail(request.workspace, email=email)
        code = new_code()
        # Where no code arrives, none fits: a decoy waits for something that nobody can type,
        # and every mail buys a guesser the few tries of one challenge at most.
        expected = code if is_mailed and not is_taken else new_secret()
        self._store.open_sign_up(
            replace(waiting, code=code_digest(challenge, expected), mails=waiting.mails + 1)
        )
        if is_mailed:
            self._mail(email, code=code, application=application, is_taken=is_taken)

    def _mail(self, to: str, *, code: str, application: Application, is_taken: bool) -> None:
        if is_taken:
            self._mailer.send(taken_mail(to, application=application.name))
        else:
            self._mailer.send(code_mail(to, code=code, application=application.name))

    def _refuse(self, request: AuthorizationRequest, waiting: SignUp, *, visit: Visit) -> NoReturn:
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=request.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                app=request.app,
                outcome="failure",
                meta={"method": "sign_up", "reason": "code"},
            )
        )
        raise SigninRefused("That is not the code.", tries_left=CHALLENGE_TRIES - waiting.tries)


def _draft_of(waiting: SignUp) -> Draft:
    return Draft(
        person=Person(waiting.workspace, waiting.user),
        address=waiting.address,
        keys=waiting.keys,
        profile=waiting.profile,
        password=waiting.password,
    )
