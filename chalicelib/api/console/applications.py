"""The door for operators to the applications of their workspace."""

from collections.abc import Mapping
from dataclasses import replace

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Body, Call, Plane, Reply, endpoint
from chalicelib.api.paging import after_of, cursor_of
from chalicelib.api.request import Incoming, model_of
from chalicelib.api.schemas.applications import (
    ApplicationIn,
    ApplicationOut,
    ApplicationsOut,
    RedirectUriIn,
    SettingsIn,
)
from chalicelib.domain.applications import Application, redirect_uri_of
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import RESERVED_APPS, AppId, app_id_of
from chalicelib.domain.payloads import JsonValue, merge_patch
from chalicelib.services.applications import Registration

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS
_IMMUTABLE = ("appId", "clientId", "createdAt")


@routes.route("/api/v1/applications", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def list_applications(call: Call[MemberCaller]) -> Body:
    """Answer the applications of the member's workspace, by pages."""
    found, last = call.services.applications.of(
        call.caller, after=after_of(call.request, app_id_of)
    )
    return ApplicationsOut(
        items=[ApplicationOut.of(application) for application in found],
        next_cursor=cursor_of(last),
    )


@routes.route("/api/v1/applications", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def register_application(call: Call[MemberCaller]) -> Reply:
    """Register an application in the member's workspace."""
    body = call.request.model(ApplicationIn)
    app_id = app_id_of(body.app_id)
    if app_id in RESERVED_APPS:
        raise InvalidInput("This id is reserved.", Fault("/appId", "reserved"))
    registration = Registration(id=app_id, **body.settings())
    application = call.services.applications.register(call.caller, registration)
    return _whole(application, status=201)


@routes.route("/api/v1/applications/{appId}", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def get_application(call: Call[MemberCaller]) -> Reply:
    """Answer the settings of an application, with their version."""
    application = call.services.applications.settings(call.caller, _app(call.request))
    is_known = call.request.if_none_match().has(application.version)
    return _whole(application, status=304 if is_known else 200)


@routes.route("/api/v1/applications/{appId}", methods=["PATCH"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE)
def change_application(call: Call[MemberCaller]) -> Reply:
    """Merge a patch into the settings (RFC 7396)."""
    patch = _patch(call.request)
    changed = call.services.applications.change(
        call.caller,
        _app(call.request),
        lambda application: _patched(application, patch),
        call.request.if_match(),
    )
    return _whole(changed)


@routes.route(
    "/api/v1/applications/{appId}/redirect-uris",
    methods=["POST"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(routes, callers.member, _PLANE)
def add_redirect_uri(call: Call[MemberCaller]) -> Reply:
    """Register one more redirect URI; one that is registered stays so."""
    uri = redirect_uri_of(call.request.model(RedirectUriIn).redirect_uri)
    return _whole(call.services.applications.add_redirect(call.caller, _app(call.request), uri))


def _whole(application: Application, *, status: int = 200) -> Reply:
    etag = {"ETag": f'"{application.version}"'}
    return Reply(ApplicationOut.of(application), status=status, headers=etag)


def _app(request: Incoming) -> AppId:
    # What cannot be an id is not the name of anything.
    return AppId(request.param("appId"))


def _patch(request: Incoming) -> Mapping[str, JsonValue]:
    patch = request.json()
    if not isinstance(patch, dict):
        raise InvalidInput("A patch is a JSON object.", Fault("", "not an object"))
    fixed = [Fault(f"/{name}", "cannot be changed") for name in _IMMUTABLE if name in patch]
    if fixed:
        raise InvalidInput("An application keeps its ids for ever.", *fixed)
    return patch


def _patched(application: Application, patch: Mapping[str, JsonValue]) -> Application:
    # A member that the patch takes away has its default again.
    present = SettingsIn.of(application).model_dump(by_alias=True)
    body = model_of(SettingsIn, merge_patch(present, dict(patch)))
    return replace(application, **body.settings())
