"""Departures: where a person goes who is in: with a code, or for clients of old with a token."""

from chalicelib.domain.applications import ReturnFlow
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.denials import NotOwner, TokenMissing
from chalicelib.domain.ids import BrowserId, GrantId, new_grant_id
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.oidc import answer_to, online
from chalicelib.domain.sessions import Person
from chalicelib.domain.tokens import SignIn
from chalicelib.services.applications import Applications
from chalicelib.services.codes import Codes
from chalicelib.services.grants import Grants
from chalicelib.services.sessions import Sessions
from chalicelib.services.users import Users


class Departures:
    """The last step of a login."""

    def __init__(
        self,
        *,
        applications: Applications,
        users: Users,
        codes: Codes,
        sessions: Sessions,
        grants: Grants,
    ) -> None:
        """Take the services."""
        self._applications = applications
        self._users = users
        self._codes = codes
        self._sessions = sessions
        self._grants = grants

    def admit(self, request: AuthorizationRequest, person: Person) -> None:
        """Refuse somebody whom the request does not mean; raises `NotOwner`."""
        if not request.admits(person):
            raise NotOwner(
                "This session belongs to somebody else."
                if request.hinted is None
                else "The application asks for somebody else to sign in."
            )

    def location(
        self,
        request: AuthorizationRequest,
        person: Person,
        sign_in: SignIn,
        visit: Visit,
        *,
        browser: BrowserId,
        given_at: int,
    ) -> str:
        """Answer where the browser goes, with what the application asked for.

        `browser` names the sign-in with which that ends, `given_at` when it was looked at, at the
        latest. Raises `SessionEnded` where the session to renew is over, and `TokenSuperseded`
        where the sign-in is.
        """
        if request.device is not None or request.is_home:
            # To sign in lets no device in: that is asked on the page that they come back to.
            return request.redirect_uri
        if request.return_flow is ReturnFlow.CODE:
            grant = new_grant_id(browser)
            return self._codes.finish(request, person, sign_in, grant=grant, given_at=given_at)
        arrival = self._arrival(request, person, sign_in, visit)
        token = self._token(request, arrival, grant=new_grant_id(browser), given_at=given_at)
        return answer_to(request.redirect_uri, {"sessionToken": token, "state": request.state})

    def _token(
        self, request: AuthorizationRequest, arrival: Arrival, *, grant: GrantId, given_at: int
    ) -> str:
        if request.renewed is not None:
            old = request.renewed
            return self._grants.renew(arrival, old, grant=grant, given_at=given_at).text
        beginning = request.beginning
        head = self._sessions.enter(
            arrival, seed=beginning.payload, ttl_seconds=beginning.ttl_seconds
        )
        scope = online(request.scope)
        return self._grants.hand_out(
            arrival, head, grant=grant, given_at=given_at, scope=scope
        ).text

    def _arrival(
        self, request: AuthorizationRequest, person: Person, sign_in: SignIn, visit: Visit
    ) -> Arrival:
        user = self._users.active(person)
        if user is None:
            raise TokenMissing("Nobody is signed in here. Sign in.")
        return Arrival(
            slug=request.slug,
            application=self._applications.get(request.workspace, request.app),
            user=person.user,
            email=self._users.profile(user).email,
            sign_in=sign_in,
            visit=visit,
        )
