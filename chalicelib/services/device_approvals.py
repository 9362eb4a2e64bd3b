"""Device approvals: a person sees which device waits, and lets it in or sends it away."""

from dataclasses import dataclass

from chalicelib.domain.audit import Actor, ActorKind, AuditAction
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import TokenMissing
from chalicelib.domain.device_authorizations import (
    AuthorizationStatus,
    DeviceAuthorization,
    grouped,
)
from chalicelib.domain.errors import Stale
from chalicelib.domain.ids import new_grant_id
from chalicelib.domain.limits import CODE_SECONDS
from chalicelib.domain.login import AuthorizationCode, BrowserSignIn
from chalicelib.domain.ports.device_authorizations import DeviceAuthorizationStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.device_authorizations import DeviceAuthorizations, gone, letters_of
from chalicelib.services.entries import Entries
from chalicelib.services.login import Login
from chalicelib.services.notices import Notices
from chalicelib.services.openings import Opening
from chalicelib.services.returning import Returning
from chalicelib.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person is shown before they decide, as the login itself would open for it."""

    asked: DeviceAuthorization
    user_code: str
    opening: Opening


class DeviceApprovals:
    """The person's side of RFC 8628.

    Each step reads it as a request of the login: whom the login would ask for more before it goes
    on lets no device in either.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        store: DeviceAuthorizationStore,
        authorizations: DeviceAuthorizations,
        entries: Entries,
        login: Login,
        returning: Returning,
        browsers: Browsers,
        guesses: Guesses,
        notices: Notices,
        workspaces: Workspaces,
        trail: Trail,
    ) -> None:
        """Take the ports, and the services of each step."""
        self._clock = clock
        self._store = store
        self._authorizations = authorizations
        self._entries = entries
        self._login = login
        self._returning = returning
        self._browsers = browsers
        self._guesses = guesses
        self._notices = notices
        self._workspaces = workspaces
        self._trail = trail

    def look_up(self, slug: str, typed: str, cookies: Cookies, visit: Visit) -> Waiting:
        """Answer what waits behind a typed code; each try counts. Raises `NotFound`."""
        workspace = self._workspaces.named(slug).id
        self._workspaces.admit(workspace)
        letters = letters_of(typed)
        browser = self._browsers.known(workspace, cookies)
        user = None if browser is None else browser.person.user
        self._guesses.admit_user_code(workspace, ip=visit.origin.ip, user=user)
        found = self._authorizations.behind(workspace, letters)
        return self.seen(slug, found.digest, letters, cookies)

    def seen(self, slug: str, name: str, typed: str, cookies: Cookies) -> Waiting:
        """Answer what waits, to a page that was told its name before; raises `NotFound`."""
        opening = self._login.open(_params(slug, name, typed), cookies)
        if opening.request.device is None:
            raise gone()
        return Waiting(opening.request.device, grouped(letters_of(typed)), opening)

    def decide(
        self,
        slug: str,
        name: str,
        typed: str,
        *,
        approves: bool,
        cookies: Cookies,
        visit: Visit,
    ) -> None:
        """Let a device in as the person who is signed in here, or send it away.

        Raises `TokenMissing` where nobody is, or not by all that is asked for; `NotFound` when it
        is over.
        """
        request = self._entries.check(_params(slug, name, typed))
        if request.device is None:
            raise gone()
        now, known = self._clock.now(), self._returning.found(request, cookies)
        if known is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        browser = known[0]
        event = self._trail.event(
            AuditAction.DEVICE_AUTHORIZATION_APPROVED
            if approves
            else AuditAction.DEVICE_AUTHORIZATION_DENIED,
            workspace=request.workspace,
            actor=Actor(ActorKind.USER, browser.person.user),
            origin=visit.origin,
            subject=browser.person.user,
            app=request.app,
        )
        status = AuthorizationStatus.APPROVED if approves else AuthorizationStatus.DENIED
        code = _code(request.device, browser, now=now) if approves else None
        try:
            self._store.decide(request.device, status, code=code, event=event, now=now)
        except Stale as error:
            raise gone() from error
        if approves:
            self._notices.let_in(browser.person, request.device)


def _params(slug: str, name: str, typed: str) -> dict[str, str]:
    # A name is there even when it is empty: without one this would be some other request.
    return {"workspace_name": slug, "device": name or "-", "user_code": typed}


def _code(asked: DeviceAuthorization, browser: BrowserSignIn, *, now: int) -> AuthorizationCode:
    # It works once, and a second use ends what it gave, as with any code. No address fits it, and
    # a device that was told to wait longer than a minute still finds it. What it gives ends with
    # the sign-in of the browser, if a person ends that among their own.
    lifetime = max(CODE_SECONDS, asked.exp - now)
    return AuthorizationCode(
        digest=asked.digest,
        workspace=asked.workspace,
        app=asked.app,
        client_id=asked.client_id,
        user=browser.person.user,
        redirect_uri="",
        scope=asked.scope,
        nonce=None,
        code_challenge="",
        sign_in=browser.sign_in,
        grant=new_grant_id(browser.id),
        exp=now + lifetime,
        key=asked.key,
        lifetime=lifetime,
    )
