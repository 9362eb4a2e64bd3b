"""Browsers: remembers who signed in where, by a cookie that is new at every sign-in."""

from collections.abc import Mapping
from contextlib import suppress

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.browsers import cookie_name, is_cookie_secret
from chalicelib.domain.callers import Visit
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import AppId, WorkspaceId, digest, new_secret
from chalicelib.domain.limits import SSO_SECONDS
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from chalicelib.services.audit import Trail

Cookies = Mapping[str, str]


class Browsers:
    """Sign-ins of browsers, one for each workspace."""

    def __init__(self, *, clock: Clock, store: LoginStore, trail: Trail) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._trail = trail

    def begin(
        self,
        person: Person,
        sign_in: SignIn,
        *,
        cookies: Cookies,
        app: AppId | None,
        method: str,
        visit: Visit,
        is_known: bool = True,
    ) -> str:
        """Store a sign-in with its audit event and answer the cookie's new value.

        The value that the browser came with ends: nobody who planted it is signed in now.
        `is_known` says whether the person was in this browser before.
        """
        secret = new_secret()
        event = self._trail.event(
            AuditAction.SIGNIN_SUCCEEDED,
            workspace=person.workspace,
            actor=Actor(ActorKind.USER, person.user),
            origin=visit.origin,
            subject=person.user,
            app=app,
            meta={"method": method, "device": "known" if is_known else "new"},
        )
        browser = BrowserSignIn(
            digest=digest(secret),
            person=person,
            sign_in=sign_in,
            exp=self._clock.now() + SSO_SECONDS,
        )
        self._store.add_browser(browser, event)
        planted = cookies.get(cookie_name(person.workspace), "")
        if is_cookie_secret(planted):
            self._store.end_browser(person.workspace, digest(planted))
        return secret

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
