"""Upgrades: a visitor adds an account, and is the same person with the same data."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import NoReturn

from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.challenges import Challenge, ChallengeKind, waiting_place
from chalicelib.domain.denials import ChallengeEnded, SigninRefused
from chalicelib.domain.errors import Duplicate
from chalicelib.domain.ids import AppId, digest, new_secret
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.ports.login import ChallengeStore
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Clock, Mail, Mailer
from chalicelib.domain.sessions import Person
from chalicelib.domain.sign_ups import code_digest, fits, name_of, new_code
from chalicelib.domain.users import Profile
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.grants import Grants
from chalicelib.services.invites import Invites
from chalicelib.services.keys import Keys
from chalicelib.services.mails import code_mail, taken_mail
from chalicelib.services.paces import evenly
from chalicelib.services.users import Users

_KIND = ChallengeKind.UPGRADE
_ENDED = "This code is no longer valid. Start again to get a new one."


class Upgrades:
    """The way from a visit to an account; whether an address is taken is told to it alone."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: ChallengeStore,
        users: Users,
        invites: Invites,
        keys: Keys,
        guesses: Guesses,
        mailer: Mailer,
        browsers: Browsers,
        grants: Grants,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services of people and of what they were given."""
        self._clock = clock
        self._store = store
        self._users = users
        self._invites = invites
        self._keys = keys
        self._guesses = guesses
        self._mailer = mailer
        self._browsers = browsers
        self._grants = grants
        self._audit = audit
        self._trail = trail

    def start(
        self,
        browser: BrowserSignIn,
        *,
        email: str,
        password: str,
        name: str | None,
        place: str,
        cookies: Cookies,
        visit: Visit,
    ) -> tuple[str, str]:
        """Mail a code to the address of an account to be; answers challenge and address.

        A taken address gets the same answer after the same work, and another mail.
        """
        address, invite = self._invites.admit(browser.person.workspace, email, cookies)
        self._guesses.admit_sign_up(browser.person.workspace, ip=visit.origin.ip)
        waiting = {
            "email": address,
            "name": name_of(name),
            "password": self._users.hashed(password),
            "invite": None if invite is None else invite.digest,
        }
        with evenly(self._clock):
            return self._asked(browser.person, waiting, bound=_bound(browser), place=place), address

    def resend(self, browser: BrowserSignIn, *, challenge: str, place: str, visit: Visit) -> None:
        """Mail another code for the same challenge; the tries that are left stay as they are.

        Raises `ChallengeEnded`, and `RateLimited` as for another beginning, which it stands for.
        """
        person, now = browser.person, self._clock.now()
        asked = self._store.get(person.workspace, digest(challenge), kind=_KIND, now=now)
        if asked is None or asked.sealed is None or not _is_of(browser, asked):
            raise ChallengeEnded(_ENDED)
        if asked.tries_left == 0:
            raise ChallengeEnded(_ENDED)
        self._guesses.admit_sign_up(person.workspace, ip=visit.origin.ip)
        waiting = json.loads(self._keys.open(waiting_place(person, asked.digest), asked.sealed))
        with evenly(self._clock):
            code, message = self._message(person, str(waiting["email"]), place=place)
            # A code that nobody was sent takes no other's place.
            if message is not None:
                self._store.open(replace(asked, code=code_digest(challenge, code)))
            self._send(message)

    def finish(
        self, browser: BrowserSignIn, *, challenge: str, code: str, app: AppId | None, visit: Visit
    ) -> Person:
        """Make the visitor's account if the code fits; raises `SigninRefused` or `ChallengeEnded`.

        The visit ends with it: whoever had a part in it has none in the account.
        """
        person, now = browser.person, self._clock.now()
        self._invites.hold_open(person.workspace)
        asked = self._store.count_try(person.workspace, digest(challenge), kind=_KIND, now=now)
        if asked is None or asked.sealed is None or not _is_of(browser, asked):
            raise ChallengeEnded(_ENDED)
        if not fits(asked.code, challenge=challenge, code=code):
            self._refuse(asked, app=app, visit=visit)
        waiting = json.loads(self._keys.open(waiting_place(person, asked.digest), asked.sealed))
        invite = self._invites.held(person.workspace, waiting["invite"])
        try:
            self._users.upgrade(
                self._users.there(person),
                Profile(email=waiting["email"], name=waiting["name"]),
                password=waiting["password"],
                origin=visit.origin,
                app=app,
                redemption=self._invites.redemption(
                    invite, person.user, origin=visit.origin, app=app
                ),
            )
        except Duplicate:
            self._invites.held(person.workspace, waiting["invite"])
            # Taken while the code was on its way; nobody learns that here.
            self._refuse(asked, app=app, visit=visit)
        for each in self._browsers.of(person):
            sign_out = partial(self._browsers.sign_out, each, visit)
            self._grants.end_sign_in(person, each.id, visit, sign_out=sign_out)
        self._store.close(asked)
        return person

    def _asked(
        self, person: Person, waiting: Mapping[str, str | None], *, bound: str, place: str
    ) -> str:
        challenge = new_secret()
        name = digest(challenge)
        code, message = self._message(person, str(waiting["email"]), place=place)
        self._store.open(
            Challenge(
                digest=name,
                workspace=person.workspace,
                kind=_KIND,
                user=person.user,
                bound=bound,
                exp=self._clock.now() + CHALLENGE_SECONDS,
                code=code_digest(challenge, code),
                sealed=self._keys.seal(waiting_place(person, name), json.dumps(waiting).encode()),
            )
        )
        self._send(message)
        return challenge

    def _message(self, person: Person, address: str, *, place: str) -> tuple[str, Mail | None]:
        claimed = self._users.address_of(person.workspace, address)
        is_taken = self._users.holder(person.workspace, claimed) is not None
        is_mailed = self._guesses.admits_mail(person.workspace, email=address)
        # Where no code arrives, none fits.
        if not is_mailed:
            return new_secret(), None
        if is_taken:
            return new_secret(), taken_mail(address, application=place)
        code = new_code()
        return code, code_mail(address, code=code, application=place)

    def _send(self, message: Mail | None) -> None:
        if message is not None:
            self._mailer.send(message)

    def _refuse(self, asked: Challenge, *, app: AppId | None, visit: Visit) -> NoReturn:
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=asked.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                app=app,
                outcome="failure",
                meta={"method": "upgrade", "reason": "code"},
            )
        )
        raise SigninRefused("That is not the code.", tries_left=asked.tries_left)


def _is_of(browser: BrowserSignIn, asked: Challenge) -> bool:
    return (asked.person, asked.bound) == (browser.person, _bound(browser))


def _bound(browser: BrowserSignIn) -> str:
    # To this browser's visit: who has the mail alone, or another browser, adds nothing.
    return f"upgrade:{browser.digest}"
