"""Sign-outs that an application's page asks for (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

from chalicelib.domain.browsers import SignedOut, landing
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.errors import InvalidInput, NotFound
from chalicelib.domain.ids import WorkspaceId, root_of
from chalicelib.domain.login import BrowserSignIn
from chalicelib.domain.oidc import LOGIN_PAGE, answer_to
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import IdToken
from chalicelib.services.authorization import Authorization, Params
from chalicelib.services.browsers import Browsers, Cookies
from chalicelib.services.tokens import Tokens
from chalicelib.services.visitors import Visitors
from chalicelib.services.workspaces import Workspaces

_TO_THE_PAGE = ("client_id", "post_logout_redirect_uri", "state")


class AskedSignOuts:
    """Ends a browser's sign-in at the word of an application, or of the person."""

    def __init__(
        self,
        *,
        workspaces: Workspaces,
        authorization: Authorization,
        browsers: Browsers,
        visitors: Visitors,
        tokens: Tokens,
    ) -> None:
        """Take the services."""
        self._workspaces = workspaces
        self._authorization = authorization
        self._browsers = browsers
        self._visitors = visitors
        self._tokens = tokens

    def of_application(
        self, slug: str, params: Params, cookies: Cookies, visit: Visit, *, is_form: bool
    ) -> SignedOut:
        """End what the ID token names and answer where the browser goes.

        Who brings none of the person that is signed in may be any page, so the person is asked
        before anything ends (section 2). A form from another site comes without our cookie: its ID
        token ends the sign-in that gave it, and the browser comes once more, with the cookie. A
        visit ends by a hint that names its visitor, and else never: nobody comes back to one.
        """
        workspace = self._workspaces.named(slug).id
        hint = self._hint(slug, params.get("id_token_hint"))
        browser = self._browsers.known(workspace, cookies)
        if browser is None and is_form:
            for each in self._giver(workspace, hint):
                self._browsers.sign_out(each, visit)
            once_more = f"{self._tokens.issuer(slug)}/logout"
            return SignedOut(f"{once_more}?{urlencode(_kept(params, hint))}", workspace)
        if browser is not None and (hint is None or hint.user != browser.person.user):
            asked = {"workspace_name": slug, "sign_out": "asked", **_kept(params, hint)}
            return SignedOut(f"{LOGIN_PAGE}?{urlencode(asked)}", workspace)
        visitor = self._visitors.here(workspace, cookies)
        ends_visit = visitor is not None and hint is not None and hint.user == visitor.person.user
        for ended in (browser, visitor if ends_visit else None):
            if ended is not None:
                self._browsers.sign_out(ended, visit)
        return SignedOut(
            location=self._onward(slug, params, hint) or landing(is_signed_out=True),
            workspace=workspace,
            ends_cookie=True,
            ends_visit=ends_visit,
        )

    def of_person(self, told: Params, cookies: Cookies, visit: Visit) -> SignedOut:
        """End the sign-in of whoever said yes on our own page, and answer where they go."""
        slug = told.get("workspace_name", "")
        workspace = self._workspaces.named(slug).id
        browser = self._browsers.known(workspace, cookies)
        if browser is not None:
            self._browsers.sign_out(browser, visit)
        location = self._onward(slug, told, None) or landing(is_signed_out=True)
        return SignedOut(location, workspace, ends_cookie=True)

    def _hint(self, slug: str, text: str | None) -> IdToken | None:
        # A hint is shown long after its five minutes; its signature is what counts here.
        try:
            hint = None if text is None else self._tokens.read_past_id_token(text)
        except TokenInvalid:
            return None
        return hint if hint is not None and hint.slug == slug else None

    def _giver(self, workspace: WorkspaceId, hint: IdToken | None) -> list[BrowserSignIn]:
        if hint is None:
            return []
        found = self._browsers.of(Person(workspace, hint.user))
        return [each for each in found if root_of(each.id) == root_of(hint.grant)]

    def _onward(self, slug: str, params: Params, hint: IdToken | None) -> str | None:
        uri = params.get("post_logout_redirect_uri")
        client_id = params.get("client_id") or (None if hint is None else hint.client_id)
        if uri is None or client_id is None:
            return None
        if hint is not None and hint.client_id != client_id:
            return None
        try:
            _, application = self._authorization.client(slug, {"client_id": client_id})
        except (InvalidInput, NotFound):
            return None
        if not application.returns_after_logout_to(uri):
            return None
        return answer_to(uri, {"state": params.get("state")})


def _kept(params: Params, hint: IdToken | None) -> Params:
    # The hint itself stays out of addresses: it says who somebody is.
    client = {} if hint is None else {"client_id": hint.client_id}
    return client | {name: params[name] for name in _TO_THE_PAGE if params.get(name)}
