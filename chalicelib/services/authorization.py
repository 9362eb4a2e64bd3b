"""Authorisation requests: checked, and refused where an answer cannot do harm."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.applications import Application
from chalicelib.domain.clients import DpopUse
from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.dpop import is_thumbprint
from chalicelib.domain.errors import (
    Fault,
    InvalidInput,
    InvalidJson,
    NotFound,
    PayloadTooLarge,
    Unregistered,
)
from chalicelib.domain.ids import AppId, UserId
from chalicelib.domain.login import (
    PROMPTS,
    AuthorizationRequest,
    Beginning,
    code_challenge_of,
    first_payload_of,
    printable,
    seconds_of,
)
from chalicelib.domain.oidc import MAX_HINT, Denial, Denied, SentBack, granted_scope
from chalicelib.domain.payloads import encode
from chalicelib.domain.tokens import Acr
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.payload_schemas import PayloadSchemas
from chalicelib.services.tokens import Tokens
from chalicelib.services.workspaces import Workspaces

Params = Mapping[str, str]

_UNSUPPORTED = {
    "request": Denial.REQUEST_NOT_SUPPORTED,
    "request_uri": Denial.REQUEST_URI_NOT_SUPPORTED,
    "registration": Denial.REGISTRATION_NOT_SUPPORTED,
}
_NO_HINT = Denied(Denial.INVALID_REQUEST, "id_token_hint is no ID token of this issuer")
_UNBOUND = Denied(Denial.INVALID_REQUEST, "dpop_jkt: this client's tokens are not bound")
_MAX_AGE_DIGITS = 10
_MAX_USER_DIGITS = 16
# There is no consent to ask for: an application sees its own data of a person and no other.
_MEANINGLESS = frozenset({"consent"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address is registered; `reason` is why not."""

    reason: str | None
    application: Application | None = None


class Authorization:
    """The one reader of authorisation requests (RFC 6749, 4.1.1; OpenID Connect Core, 3.1.2)."""

    def __init__(
        self,
        *,
        workspaces: Workspaces,
        applications: Applications,
        schemas: PayloadSchemas,
        tokens: Tokens,
    ) -> None:
        """Take the services that know workspaces, clients and issuers."""
        self._workspaces = workspaces
        self._applications = applications
        self._schemas = schemas
        self._tokens = tokens

    def client(self, slug: str, params: Params) -> tuple[Workspace, Application]:
        """Answer workspace and client of a request; raises `NotFound` or `InvalidInput`."""
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        client_id = params.get("client_id", "")
        if not client_id:
            raise InvalidInput("Send a client_id.", Fault("/client_id", "missing"))
        application = self._applications.client(workspace.id, client_id)
        if params.get("app_id", application.id) != application.id:
            raise NotFound("There is no such application.")
        return workspace, application

    def judge(self, slug: str, app_id: str, redirect_uri: str) -> Verdict:
        """Answer whether an application may be returned to at an address, and why not."""
        try:
            workspace = self._workspaces.named(slug)
        except NotFound:
            return Verdict(reason="workspace_unknown")
        try:
            application = self._applications.get(workspace.id, AppId(app_id))
        except NotFound:
            return Verdict(reason="application_unknown")
        if not application.returns_to(redirect_uri):
            return Verdict(reason="redirect_uri_not_registered", application=application)
        return Verdict(reason=None, application=application)

    def check(self, slug: str, params: Params) -> AuthorizationRequest | SentBack:
        """Answer a request that may go on, or a denial for its client.

        Raises `NotFound` or `InvalidInput` as long as it is not proven that the redirect URI
        belongs to the client: then nobody is sent anywhere (RFC 9700, 4.11).
        """
        # RFC 6749, 3.1: a parameter without a value counts as omitted.
        params = {name: value for name, value in params.items() if value}
        workspace, application = self.client(slug, params)
        redirect_uri = self.returning(application, params)
        denied, hinted = _denial(params), None
        if "dpop_jkt" in params and application.dpop is DpopUse.OFF:
            # Its code could be redeemed by nobody.
            denied = denied or _UNBOUND
        try:
            hinted = self._hinted(workspace, params)
        except TokenInvalid:
            denied = denied or _NO_HINT
        beginning = denied or self.beginning(application, params)
        state = params.get("state")
        if isinstance(beginning, Denied):
            return SentBack(
                denied=beginning,
                redirect_uri=redirect_uri,
                state=state if _is_printable("state", state) else None,
                issuer=self._tokens.issuer(workspace.slug),
            )
        max_age = params.get("max_age")
        return AuthorizationRequest(
            slug=workspace.slug,
            workspace=workspace.id,
            app=application.id,
            client_id=application.client_id,
            redirect_uri=redirect_uri,
            scope=granted_scope(params.get("scope")) or "",
            state=state,
            nonce=params.get("nonce"),
            code_challenge=params["code_challenge"],
            prompt=" ".join(_prompts(params)) or None,
            login_hint=params.get("login_hint") or None,
            max_age=None if max_age is None else int(max_age),
            wanted_acr=_wanted_acr(params),
            hinted=hinted,
            beginning=beginning,
            key=params.get("dpop_jkt"),
        )

    def home(
        self, workspace: Workspace, dashboard: Application, params: Params
    ) -> AuthorizationRequest:
        """Answer a request for the person's own account; raises `InvalidInput`.

        Where it leads is ours to say, and nothing that it carries plays a part in that.
        """
        denied = _denial_of_wishes(params)
        if denied is not None:
            raise InvalidInput(
                "This address cannot be used.", Fault("/request", denied.description)
            )
        max_age = params.get("max_age")
        return AuthorizationRequest(
            slug=workspace.slug,
            workspace=workspace.id,
            app=dashboard.id,
            client_id=dashboard.client_id,
            redirect_uri=dashboard.redirect_uris[0],
            scope="openid",
            state=None,
            nonce=None,
            code_challenge="",
            prompt=" ".join(_prompts(params)) or None,
            login_hint=params.get("login_hint") or None,
            max_age=None if max_age is None else int(max_age),
            wanted_acr=_wanted_acr(params),
        )

    def returning(self, application: Application, params: Params) -> str:
        """Answer the registered address to return to; raises `Unregistered`."""
        redirect_uri = params.get("redirect_uri", "")
        if not application.returns_to(redirect_uri):
            raise Unregistered(
                "This redirect_uri is not registered for the application.",
                Fault("/redirect_uri", "not registered, compared character by character"),
            )
        return redirect_uri

    def beginning(self, application: Application, params: Params) -> Beginning | Denied:
        """Answer what a request wants of the session, or why it cannot have that."""
        try:
            beginning = Beginning(
                ttl_seconds=application.shortened(seconds_of(params.get("ttl_seconds"))),
                payload=first_payload_of(params.get("payload")),
            )
            encode(beginning.payload, limit=application.payload_bytes)
            self._schemas.hold_first(application, beginning.payload)
        except (InvalidInput, InvalidJson, PayloadTooLarge) as error:
            return Denied(Denial.INVALID_REQUEST, error.detail)
        return beginning

    def _hinted(self, workspace: Workspace, params: Params) -> UserId | None:
        # To the page goes whom the hint names, and not the hint: it could begin a session.
        text = params.get("id_token_hint")
        if text is None:
            return UserId(int(params["subject"])) if _is_subject(params) else None
        hint = self._tokens.read_past_id_token(text)
        if hint.slug != workspace.slug:
            raise TokenInvalid("This token is of another workspace.")
        return hint.user


def _denial(params: Params) -> Denied | None:
    response_type = params.get("response_type")
    invalid = Denial.INVALID_REQUEST
    if not response_type:
        return Denied(invalid, "response_type is missing")
    if response_type != "code":
        return Denied(Denial.UNSUPPORTED_RESPONSE_TYPE, "only response_type=code is supported")
    for name, denial in _UNSUPPORTED.items():
        if name in params:
            return Denied(denial, f"{name} is not supported")
    if params.get("response_mode", "query") != "query":
        return Denied(invalid, "only response_mode=query is supported")
    for name in ("state", "nonce"):
        if not _is_printable(name, params.get(name)):
            return Denied(invalid, f"{name} is too long or not printable")
    if params.get("code_challenge_method") != "S256" or not _is_challenge(params):
        return Denied(invalid, "PKCE is required: code_challenge with code_challenge_method=S256")
    if granted_scope(params.get("scope")) is None:
        return Denied(Denial.INVALID_SCOPE, "scope is malformed")
    return _denial_of_wishes(params)


def _denial_of_wishes(params: Params) -> Denied | None:
    if "dpop_jkt" in params and not is_thumbprint(params["dpop_jkt"]):
        return Denied(Denial.INVALID_REQUEST, "dpop_jkt is 43 base64url characters")
    prompts = _prompts(params)
    if not PROMPTS.issuperset(prompts):
        return Denied(Denial.INVALID_REQUEST, "prompt has an unknown value")
    if "none" in prompts and len(prompts) > 1:
        return Denied(Denial.INVALID_REQUEST, "prompt=none stands alone")
    max_age = params.get("max_age", "0")
    if not (max_age.isascii() and max_age.isdecimal() and len(max_age) <= _MAX_AGE_DIGITS):
        return Denied(Denial.INVALID_REQUEST, "max_age is a number of seconds")
    hint = params.get("login_hint", "")
    if len(hint) > MAX_HINT or not hint.isprintable():
        return Denied(Denial.INVALID_REQUEST, "login_hint is too long or not printable")
    if "subject" in params and not _is_subject(params):
        return Denied(Denial.INVALID_REQUEST, "subject is the sub of a person")
    return None


def _prompts(params: Params) -> list[str]:
    return [value for value in params.get("prompt", "").split() if value not in _MEANINGLESS]


def _wanted_acr(params: Params) -> Acr | None:
    # The first that is known is wanted most (Core 1.0, 3.1.2.1). Where nobody can be asked, what
    # was shown before is told (5.5.1.1), and a visitor need not be asked.
    known = (each for each in params.get("acr_values", "").split() if each in set(Acr))
    wanted = next(map(Acr, known), None)
    return wanted if wanted is Acr.NONE or params.get("prompt") != "none" else None


def _is_subject(params: Params) -> bool:
    text = params.get("subject", "")
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_USER_DIGITS


def _is_printable(name: str, value: str | None) -> bool:
    try:
        printable(value or "", name=name)
    except InvalidInput:
        return False
    return True


def _is_challenge(params: Params) -> bool:
    try:
        code_challenge_of(params.get("code_challenge", ""))
    except InvalidInput:
        return False
    return True
