"""Codes: given for a sign-in, exchanged once for tokens."""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.errors import PayloadTooLarge, SchemaRefused
from chalicelib.domain.ids import GrantId, digest, new_secret
from chalicelib.domain.limits import (
    CALL_SECONDS,
    CODE_SECONDS,
    ID_TOKEN_SECONDS,
    MAX_LOGIN_PAYLOAD_BYTES,
)
from chalicelib.domain.login import AuthorizationCode, AuthorizationRequest, code_place, proves
from chalicelib.domain.oidc import Denial, Denied, answer_to
from chalicelib.domain.payloads import Payload, decode, encode
from chalicelib.domain.ports.login import LoginStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.sessions import Partition, Person
from chalicelib.domain.tokens import Grant, SignIn
from chalicelib.services.applications import Applications
from chalicelib.services.endings import Endings
from chalicelib.services.grants import Grants
from chalicelib.services.keys import Keys
from chalicelib.services.refreshes import Refreshes
from chalicelib.services.sessions import Sessions
from chalicelib.services.token_endpoint import TokenRequest
from chalicelib.services.token_sets import TokenSets
from chalicelib.services.tokens import Tokens
from chalicelib.services.users import Users

_PREFIX = "sfc_"
_LOOKS = 20
_LOOK_SECONDS = 0.1
_UNFIT = Denied(Denial.INVALID_GRANT, "the application admits the payload of the login no more")
_NOT_OURS = Denied(Denial.INVALID_GRANT, "the code is unknown, expired, used or not yours")


Fits = Callable[[AuthorizationCode, TokenRequest], bool]


class Codes:
    """Authorisation codes (RFC 6749, 4.1.2 and 4.1.3; RFC 7636)."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: LoginStore,
        applications: Applications,
        users: Users,
        sessions: Sessions,
        grants: Grants,
        endings: Endings,
        token_sets: TokenSets,
        refreshes: Refreshes,
        keys: Keys,
        tokens: Tokens,
    ) -> None:
        """Take the ports."""
        self._clock = clock
        self._store = store
        self._applications = applications
        self._users = users
        self._sessions = sessions
        self._grants = grants
        self._endings = endings
        self._token_sets = token_sets
        self._refreshes = refreshes
        self._keys = keys
        self._tokens = tokens

    def finish(
        self,
        request: AuthorizationRequest,
        person: Person,
        sign_in: SignIn,
        *,
        grant: GrantId,
        given_at: int,
    ) -> str:
        """Store a code for a sign-in of that moment, and answer where the browser takes it."""
        secret = new_secret(_PREFIX)
        code = AuthorizationCode(
            digest=digest(secret),
            workspace=request.workspace,
            app=request.app,
            client_id=request.client_id,
            user=person.user,
            redirect_uri=request.redirect_uri,
            scope=request.scope,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            sign_in=sign_in,
            grant=grant,
            exp=given_at + CODE_SECONDS,
            ttl_seconds=request.beginning.ttl_seconds,
            key=request.key,
        )
        if request.beginning.payload:
            plain = encode(request.beginning.payload, limit=MAX_LOGIN_PAYLOAD_BYTES)
            code = replace(code, seed=self._keys.seal(code_place(code), plain))
        self._store.add_code(code)
        return answer_to(
            request.redirect_uri,
            {"code": secret, "state": request.state, "iss": self._tokens.issuer(request.slug)},
        )

    def exchange(self, request: TokenRequest) -> Grant | Denied:
        """Answer tokens for a code, or why not (RFC 6749, 5.2)."""
        denied = request.missing("code", "redirect_uri", "code_verifier")
        if denied is not None:
            return denied
        return self._taken(request, digest(request.params["code"]), _fits)

    def redeem(self, request: TokenRequest, name: str) -> Grant | Denied:
        """Answer tokens for a code that never went through a browser, by its digest."""
        return self._taken(request, name, _is_own)

    def _taken(self, request: TokenRequest, name: str, fits: Fits) -> Grant | Denied:
        now = self._clock.now()
        code = self._store.take_code(request.client.workspace.id, name, now=now)
        if code is None:
            return _NOT_OURS
        if code.used:
            self._end_what_it_gave(code, request.visit)
            return _NOT_OURS
        if now >= code.exp or not fits(code, request):
            return _NOT_OURS
        return self._redeem(code, request)

    def _redeem(self, code: AuthorizationCode, request: TokenRequest) -> Grant | Denied:
        user = self._users.active(Person(code.workspace, code.user))
        if user is None:
            return _NOT_OURS
        profile = self._users.profile(user)
        arrival = Arrival(
            slug=request.client.workspace.slug,
            application=request.client.application,
            user=code.user,
            email=profile.email,
            sign_in=code.sign_in,
            visit=request.visit,
            key=request.key,
        )
        try:
            head = self._sessions.enter(
                arrival, seed=self._seed(code), ttl_seconds=code.ttl_seconds
            )
        except (PayloadTooLarge, SchemaRefused):
            return _UNFIT
        # Read after the session is there: who ends sign-ins at this moment finds it, or is found.
        person, given_at, now = arrival.partition.person, code.given_at, self._clock.now()
        is_over = self._endings.covers(person, code.grant, since=given_at)
        if is_over or not head.honours(code.grant, given_at=given_at):
            return _NOT_OURS
        scope, refresh_token = self._refreshes.begin(
            arrival, head, grant=code.grant, scope=code.scope, given_at=given_at
        )
        # Remembered before anything is handed out, so that a second use finds what to end.
        self._store.remember_session(code, head.ref.sid)
        return self._token_sets.issue(
            arrival,
            head,
            profile,
            grant=code.grant,
            scope=scope,
            given_at=now,
            nonce=code.nonce,
            refresh_token=refresh_token,
        )

    def _seed(self, code: AuthorizationCode) -> Payload:
        return {} if code.seed is None else decode(self._keys.open(code_place(code), code.seed))

    def _end_what_it_gave(self, code: AuthorizationCode, visit: Visit) -> None:
        # RFC 9700, 4.5: a code that comes twice was stolen by one of the two.
        code = self._settled(code)
        if code.sid is None:
            return
        application = self._applications.get(code.workspace, code.app)
        partition = Partition(code.workspace, code.app, code.user)
        self._grants.end_grant(
            partition,
            code.grant,
            until=self._clock.now() + max(application.token_seconds, ID_TOKEN_SECONDS),
            action=AuditAction.CODE_REUSED,
            visit=visit,
        )

    def _settled(self, code: AuthorizationCode) -> AuthorizationCode:
        # The first use may still be on its way to a session. It remembers that before it signs
        # anything, so a grant that is ended here has given nothing that works.
        for _ in range(_LOOKS):
            if code.sid is not None or self._clock.now() >= code.exp + CALL_SECONDS:
                break
            self._clock.pause(_LOOK_SECONDS)
            code = self._store.take_code(code.workspace, code.digest, now=self._clock.now()) or code
        return code


def _is_own(code: AuthorizationCode, request: TokenRequest) -> bool:
    return code.client_id == request.client.application.client_id and code.key in (
        None,
        request.key,
    )


def _fits(code: AuthorizationCode, request: TokenRequest) -> bool:
    return (
        code.client_id == request.client.application.client_id
        and code.redirect_uri == request.params["redirect_uri"]
        and proves(request.params["code_verifier"], code.code_challenge)
        # RFC 9449, section 10: a code that was asked for with a key is no use to another one.
        and code.key in (None, request.key)
    )
