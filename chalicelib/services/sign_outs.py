"""Sign-outs by a link that carries a sessionToken, for the clients of old that send one."""

from chalicelib.domain.browsers import SignedOut, landing
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import Forbidden
from chalicelib.domain.errors import Fault, Unregistered
from chalicelib.services.admission import Admission
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.grants import Grants
from chalicelib.services.tokens import Tokens
from chalicelib.services.visitors import Visitors


class SignOuts:
    """Ends a sign-in's tokens and the browser's own sign-in, in one navigation."""

    def __init__(
        self,
        *,
        admission: Admission,
        browsers: Browsers,
        visitors: Visitors,
        grants: Grants,
        tokens: Tokens,
    ) -> None:
        """Take the services."""
        self._admission = admission
        self._browsers = browsers
        self._visitors = visitors
        self._grants = grants
        self._tokens = tokens

    def by_link(
        self, text: str, redirect_uri: str | None, *, cookies: Cookies, visit: Visit
    ) -> SignedOut:
        """Sign out and answer where the browser goes; the token may have expired.

        Raises before anything ends: `TokenInvalid`, `Forbidden` where the application sends no
        tokens in addresses, `Unregistered` where the address is not registered.
        """
        token = self._tokens.read_past_session_token(text)
        application = self._admission.application(token)
        if not application.carries_tokens:
            raise Forbidden(
                "This application sends no tokens in addresses.",
                hint="Use POST /api/v1/auth/logout, or the issuer's end_session_endpoint.",
            )
        if redirect_uri is not None and not application.returns_after_logout_to(redirect_uri):
            raise Unregistered(
                "This redirect_uri is not registered for after a sign-out.",
                Fault("/redirect_uri", "not registered, compared character by character"),
            )
        self._grants.forget(token, visit)
        person = token.access.ref.partition.person
        browser = self._browsers.known(person.workspace, cookies)
        is_own = browser is None or browser.person == person
        if browser is not None and is_own:
            self._browsers.sign_out(browser, visit)
        visitor = self._visitors.here(person.workspace, cookies)
        ends_visit = visitor is not None and visitor.person == person
        if visitor is not None and ends_visit:
            self._browsers.sign_out(visitor, visit)
        return SignedOut(
            location=redirect_uri or landing(is_signed_out=is_own),
            workspace=person.workspace,
            ends_cookie=is_own,
            ends_visit=ends_visit,
        )
