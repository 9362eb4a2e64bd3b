"""The door for OpenID Connect clients, and for browsers that they send."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Also, Parameter
from chalicelib.api.cookies import ended
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import CACHE_CONTROL, LOCATION, PRAGMA, SET_COOKIE
from chalicelib.api.navigation import nowhere, onward
from chalicelib.api.refusals import RECORD, STEP
from chalicelib.api.request import Incoming
from chalicelib.api.schemas.oidc import (
    AuthorizeParams,
    DeniedOut,
    Document,
    KeySet,
    Metadata,
    RedirectIn,
    RedirectOut,
    SignOutParams,
    TokenOut,
    TokenParams,
)
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import OriginNotAllowed
from chalicelib.domain.errors import (
    AuditUnavailable,
    InvalidInput,
    NotFound,
    SessionQuota,
    WorkspaceSealed,
)
from chalicelib.domain.oidc import Denial, Denied

routes = Blueprint(__name__)

_PLANE = Plane.IDENTITY
_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 50
# Long enough to spare a client the question, short beside the life of a signing key.
_CACHEABLE = {"Cache-Control": "public, max-age=300"}
_NOWHERE = (InvalidInput, NotFound, WorkspaceSealed)
_WORKSPACE = Parameter(
    "path",
    "workspace",
    "The workspace's name in addresses.",
    {"type": "string", "examples": ["demo"]},
)
_REFUSED = Also(400, "No tokens, and why (RFC 6749, section 5.2).", DeniedOut, sends=(PRAGMA,))


@routes.route(
    "/oidc/{workspace}/.well-known/openid-configuration",
    methods=["GET"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(
    routes,
    callers.anyone,
    _PLANE,
    reads=(_WORKSPACE,),
    sends=(CACHE_CONTROL,),
    raises=NotFound,
)
def discovery(call: Call[Visit]) -> Reply[Metadata]:
    """Answer the provider's metadata (OpenID Connect Discovery 1.0, section 4)."""
    found = call.services.hosted.oidc.discovery(call.request.param("workspace"))
    return Reply(Metadata(dict(found)), headers=_CACHEABLE)


@routes.route("/oidc/{workspace}/jwks.json", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    _PLANE,
    reads=(_WORKSPACE,),
    sends=(CACHE_CONTROL,),
    raises=NotFound,
)
def jwks(call: Call[Visit]) -> Reply[KeySet]:
    """Answer the public keys (RFC 7517)."""
    found = call.services.hosted.oidc.jwks(call.request.param("workspace"))
    return Reply(KeySet(dict(found)), headers=_CACHEABLE)


@routes.route("/oidc/{workspace}/authorize", methods=["GET", "POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    _PLANE,
    status=302,
    params=AuthorizeParams,
    reads=(_WORKSPACE,),
    sends=(LOCATION,),
    raises=STEP,
)
def authorize(call: Call[Visit]) -> Reply[None] | Reply[Document]:
    """Send the browser to the login, or back (OpenID Connect Core 1.0, 3.1.2)."""
    try:
        location = call.services.hosted.oidc.authorize(
            call.request.param("workspace"), _params(call.request), call.request.cookies()
        )
    except _NOWHERE as error:
        return nowhere(call, error)
    return onward(location)


@routes.route("/oidc/{workspace}/token", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.anyone,
    _PLANE,
    params=TokenParams,
    reads=(_WORKSPACE,),
    sends=(PRAGMA,),
    also=(_REFUSED,),
    raises=(STEP, RECORD, OriginNotAllowed, SessionQuota),
)
def token(call: Call[Visit]) -> Reply[TokenOut] | Reply[DeniedOut]:
    """Exchange a code for tokens (RFC 6749, 4.1.3)."""
    try:
        params = _form(call.request)
    except InvalidInput as error:
        return _denied(Denied(Denial.INVALID_REQUEST, error.detail))
    answer = call.services.hosted.codes.exchange(
        call.request.param("workspace"), params, call.caller
    )
    if isinstance(answer, Denied):
        return _denied(answer)
    return Reply(
        TokenOut(
            access_token=answer.session_token,
            expires_in=answer.expires_in,
            scope=answer.scope,
            id_token=answer.id_token,
        ),
        headers={"Pragma": "no-cache"},
    )


@routes.route("/oidc/{workspace}/logout", methods=["GET", "POST"], content_types=[])
@endpoint(
    routes,
    callers.anyone,
    _PLANE,
    status=302,
    params=SignOutParams,
    reads=(_WORKSPACE,),
    sends=(LOCATION, SET_COOKIE),
    raises=(STEP, AuditUnavailable),
)
def sign_out(call: Call[Visit]) -> Reply[None]:
    """End the browser's sign-in (OpenID Connect RP-Initiated Logout 1.0).

    A page elsewhere can bring this about by a link: a sign-out that was not asked for costs a
    person one sign-in, and asking "really?" would cost everybody a click.
    """
    signed_out = call.services.hosted.oidc.sign_out(
        call.request.param("workspace"),
        _params(call.request),
        call.request.cookies(),
        call.caller,
    )
    cookies = ended(signed_out.workspace) if signed_out.ends_cookie else ()
    return onward(signed_out.location, cookies)


@routes.route(
    "/api/v1/applications/validate-redirect", methods=["POST"], cors=ANY_ORIGIN, content_types=[]
)
@endpoint(routes, callers.anyone, _PLANE)
def validate_redirect(call: Call[Visit], body: RedirectIn) -> RedirectOut:
    """Tell whether an application may be returned to at an address; always with 200."""
    verdict = call.services.hosted.authorization.judge(
        body.workspace_name, body.app_id, body.redirect_uri
    )
    application = verdict.application
    return RedirectOut(
        valid=verdict.reason is None,
        app_id=body.app_id,
        redirect_uri=body.redirect_uri,
        reason=verdict.reason,
        display_name=None if application is None else application.name,
    )


def _params(request: Incoming) -> Mapping[str, str]:
    return _form(request) if request.method == "POST" else request.query


def _form(request: Incoming) -> dict[str, str]:
    media_type = (request.header("content-type") or "").split(";")[0].strip().lower()
    if media_type != _FORM:
        raise InvalidInput(f"Send the parameters as {_FORM}.")
    try:
        pairs = parse_qsl(
            request.body.decode(),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise InvalidInput("The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise InvalidInput("A parameter is repeated.")
    return form


def _denied(denied: Denied) -> Reply[DeniedOut]:
    body = DeniedOut(error=denied.denial.value, error_description=denied.description)
    return Reply(body, status=400, headers={"Pragma": "no-cache"})
