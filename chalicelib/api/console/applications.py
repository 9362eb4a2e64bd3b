"""The door for operators to the applications of their workspace."""

from collections.abc import Mapping
from dataclasses import replace

from chalice.app import Blueprint

from chalicelib.api import callers
from chalicelib.api.contract import Parameter
from chalicelib.api.cors import ANY_ORIGIN
from chalicelib.api.endpoint import Call, Plane, Reply, endpoint
from chalicelib.api.headers import ETAG, IF_MATCH, IF_NONE_MATCH
from chalicelib.api.models import model_of
from chalicelib.api.paging import CURSOR, after_of, cursor_of, named_by
from chalicelib.api.refusals import CHECK, RECORD
from chalicelib.api.request import Incoming
from chalicelib.api.schemas.applications import (
    ApplicationOut,
    ApplicationsOut,
    ChangedOut,
    SettingsOut,
)
from chalicelib.api.schemas.schema_checks import CheckedOut, SchemaCheckIn
from chalicelib.api.schemas.settings import (
    SETTINGS_NAMES,
    ApplicationIn,
    RedirectUriIn,
    SettingsIn,
    SettingsPatchIn,
)
from chalicelib.domain.applications import Application
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import (
    MAX_FAULTS,
    AuditUnavailable,
    Duplicate,
    Fault,
    InvalidInput,
    NotFound,
    pointer_of,
)
from chalicelib.domain.ids import RESERVED_APPS, AppId, app_id_of
from chalicelib.domain.payload_schemas import schema_text
from chalicelib.domain.payloads import JsonValue, merge_patch, payload_of
from chalicelib.domain.registrations import Registration

routes = Blueprint(__name__)

_PLANE = Plane.OPERATORS
_APP = Parameter("path", "appId", "The application's id in its workspace.")
_SCHEMA = "payloadSchema"
_IMMUTABLE = ("appId", "clientId", "createdAt")


@routes.route("/api/v1/applications", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(routes, callers.member, _PLANE, reads=(CURSOR,))
def list_applications(call: Call[MemberCaller]) -> ApplicationsOut:
    """Answer the applications of the member's workspace, by pages."""
    found, last = call.services.applications.of(
        call.caller, after=after_of(call.request, app_id_of)
    )
    return ApplicationsOut(
        items=[ApplicationOut.of(application) for application in found],
        next_cursor=cursor_of(last),
    )


@routes.route("/api/v1/applications", methods=["POST"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.member,
    _PLANE,
    status=201,
    sends=(ETAG,),
    raises=(AuditUnavailable, Duplicate),
)
def register_application(call: Call[MemberCaller], body: ApplicationIn) -> Reply[SettingsOut]:
    """Register an application in the member's workspace."""
    app_id = app_id_of(body.app_id)
    if app_id in RESERVED_APPS:
        raise InvalidInput("This id is reserved.", Fault("/appId", "reserved"))
    registration = Registration(id=app_id, **body.settings())
    application = call.services.applications.register(call.caller, registration)
    return _whole(application)


@routes.route("/api/v1/applications/{appId}", methods=["GET"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes, callers.member, _PLANE, reads=(_APP, IF_NONE_MATCH), sends=(ETAG,), raises=NotFound
)
def get_application(call: Call[MemberCaller]) -> Reply[SettingsOut]:
    """Answer the settings of an application, with their version."""
    application = call.services.applications.settings(call.caller, _app(call.request))
    is_known = call.request.if_none_match().has(application.version)
    return _whole(application, status=304 if is_known else None)


@routes.route("/api/v1/applications/{appId}", methods=["PATCH"], cors=ANY_ORIGIN, content_types=[])
@endpoint(
    routes,
    callers.member,
    _PLANE,
    reads=(_APP, IF_MATCH),
    sends=(ETAG,),
    raises=(NotFound, RECORD, CHECK),
)
def change_application(call: Call[MemberCaller], body: SettingsPatchIn) -> Reply[ChangedOut]:
    """Merge a patch into the settings (RFC 7396)."""
    patch = _patch(body)
    changed, checked = call.services.desk.schema_checks.change(
        call.caller,
        _app(call.request),
        lambda application: _patched(application, patch),
        call.request.if_match(),
    )
    shown = ChangedOut.of(changed)
    shown.schema_check = None if checked is None else CheckedOut.of(checked)
    return Reply(shown, headers={"ETag": f'"{changed.version}"'})


@routes.route(
    "/api/v1/applications/{appId}/schema-checks",
    methods=["POST"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(routes, callers.member, _PLANE, reads=(_APP,), raises=(NotFound, AuditUnavailable, CHECK))
def check_schema(call: Call[MemberCaller], body: SchemaCheckIn) -> CheckedOut:
    """Count the live sessions that a schema would refuse, by batches; nothing is changed."""
    checked = call.services.desk.schema_checks.rehearse(
        call.caller,
        _app(call.request),
        schema_text(body.payload_schema),
        after=named_by(body.cursor, str),
    )
    return CheckedOut.of(checked)


@routes.route(
    "/api/v1/applications/{appId}/redirect-uris",
    methods=["POST"],
    cors=ANY_ORIGIN,
    content_types=[],
)
@endpoint(routes, callers.member, _PLANE, reads=(_APP,), sends=(ETAG,), raises=(NotFound, RECORD))
def add_redirect_uri(call: Call[MemberCaller], body: RedirectUriIn) -> Reply[SettingsOut]:
    """Register one more redirect URI; one that is registered stays so."""
    return _whole(
        call.services.applications.add_redirect(call.caller, _app(call.request), body.redirect_uri)
    )


def _whole(application: Application, *, status: int | None = None) -> Reply[SettingsOut]:
    etag = {"ETag": f'"{application.version}"'}
    return Reply(SettingsOut.of(application), status=status, headers=etag)


def _app(request: Incoming) -> AppId:
    # What cannot be an id is not the name of anything.
    return AppId(request.param("appId"))


def _patch(patch: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(patch, dict):
        raise InvalidInput("A patch is a JSON object.", Fault("", "not an object"))
    fixed = [Fault(f"/{name}", "cannot be changed") for name in _IMMUTABLE if name in patch]
    if fixed:
        raise InvalidInput("An application keeps its ids for ever.", *fixed)
    # A null of such a name would change nothing, and say so to nobody who misspelt one.
    unknown = [
        Fault(pointer_of([name]), "not a setting") for name in patch if name not in SETTINGS_NAMES
    ]
    if unknown:
        raise InvalidInput("There are no such settings.", *unknown[:MAX_FAULTS])
    return patch


def _patched(application: Application, patch: Mapping[str, JsonValue]) -> Application:
    # A member that the patch takes away has its default again. A schema is one value, like a
    # list: merged with another it would be neither, and its own nulls would be lost.
    present = SettingsIn.of(application).model_dump(by_alias=True)
    merged = payload_of(merge_patch(present, {**patch, _SCHEMA: None}))
    schema = patch.get(_SCHEMA, present[_SCHEMA])
    body = model_of(SettingsIn, {**merged, _SCHEMA: schema})
    return replace(application, **body.settings())
