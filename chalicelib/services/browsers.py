"""Browsers: remembers who signed in where, by a cookie that is new at every sign-in."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from chalicelib.domain.agents import browser_of
from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.browsers import cookie_name, is_cookie_secret
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.errors import Stale
from chalicelib.domain.factors import Proof
from chalicelib.domain.ids import AppId, WorkspaceId, digest, new_browser_id, new_secret
from chalicelib.domain.limits import SSO_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.services.audit import Trail
from chalicelib.services.endings import Endings

Cookies = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Begun:
    """A browser's sign-in that began, and the new value of its cookie.

    `given_at` is from when on an end of it is the end of what it gives.
    """

    browser: BrowserSignIn
    given_at: int
    secret: str = field(repr=False)


class Browsers:
    """Sign-ins of browsers, one for each workspace."""

    def __init__(self, *, clock: Clock, store: LoginStore, endings: Endings, trail: Trail) -> None:
        """Take the ports, and what tells of ends."""
        self._clock = clock
        self._store = store
        self._endings = endings
        self._trail = trail

    def begin(
        self,
        person: Person,
        proof: Proof,
        *,
        cookies: Cookies,
        app: AppId | None,
        visit: Visit,
        is_known: bool,
        is_emergency: bool = False,
    ) -> Begun:
        """Store a sign-in with its audit event.

        The value that the browser came with ends: nobody who planted it is signed in now. Where
        it was the same person's, the sign-in goes on under its name, and so does what it gave.
        `is_known` says whether the person was in this browser before, `is_emergency` whether they
        came by another way than the workspace wants. Raises `ChallengeEnded` where sign-ins of
        theirs were ended since the proof was asked for.
        """
        secret, before = new_secret(), self.known(person.workspace, cookies)
        event = self._trail.event(
            AuditAction.SIGNIN_SUCCEEDED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={
                "method": proof.method,
                "device": "known" if is_known else "new",
                **({"reason": "break_glass"} if is_emergency else {}),
            },
        )
        browser = BrowserSignIn(
            digest=digest(secret),
            id=before.id if before and before.person == person else new_browser_id(),
            person=person,
            sign_in=proof.at(self._clock.now()),
            exp=self._clock.now() + SSO_SECONDS,
            agent=browser_of(visit.origin.agent),
        )
        self._store.add_browser(browser, event)
        given_at = self._clock.now()
        if self._endings.covers(person, browser.id, since=proof.asked_at):
            self.sign_out(browser, visit)
            raise ChallengeEnded("Your sign-ins were ended just now. Start again.")
        if before is not None:
            self._store.end_browser(person.workspace, before.digest)
        return Begun(browser, given_at, secret)

    def of(self, person: Person) -> Sequence[BrowserSignIn]:
        """Answer every browser's sign-in of a person, the newest first."""
        return self._store.browsers_of(person, now=self._clock.now())

    def at(self, workspace: WorkspaceId, digest: str) -> BrowserSignIn | None:
        """Answer the sign-in of a digest, read for this request."""
        return self._store.browser(workspace, digest, now=self._clock.now())

    def known(self, workspace: WorkspaceId, cookies: Cookies) -> BrowserSignIn | None:
        """Answer the sign-in behind a browser's cookie of one workspace."""
        secret = cookies.get(cookie_name(workspace), "")
        if not is_cookie_secret(secret):
            return None
        return self._store.browser(workspace, digest(secret), now=self._clock.now())

    def sign_out(self, browser: BrowserSignIn, visit: Visit) -> None:
        """Forget a browser's sign-in; the applications' own tokens are theirs to end."""
        person = browser.person
        event = self._trail.event(
            AuditAction.SESSION_LOGGED_OUT,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            meta={"kind": "browser"},
        )
        # A second click found it gone already: there is nothing to end, and nothing to record.
        with suppress(Stale):
            self._store.sign_out_browser(browser, event)
