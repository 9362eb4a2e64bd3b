"""Entries: reads the query that the login page was opened with, standard or secureFlows' own."""

from urllib.parse import urlencode

from chalicelib.domain.applications import Application, ReturnFlow
from chalicelib.domain.dashboard import CLIENT as DASHBOARD
from chalicelib.domain.denials import TokenInvalid
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId
from chalicelib.domain.login import AuthorizationRequest, printable
from chalicelib.domain.oidc import DEVICE_PAGE, SCOPES, Denied, SentBack
from chalicelib.domain.tokens import SessionToken
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Applications
from chalicelib.services.authorization import Authorization, Params
from chalicelib.services.device_authorizations import DeviceAuthorizations
from chalicelib.services.places import Places
from chalicelib.services.tokens import Tokens
from chalicelib.services.workspaces import Workspaces


class Entries:
    """The ways into the page; all end in one request that may go on.

    Where a client id or a response type stands it is OpenID Connect's. secureFlows' own names an
    application by its id, and an application of old goes back with the token itself.
    Who comes for a device goes back to the page of devices, with nothing.
    """

    def __init__(
        self,
        *,
        authorization: Authorization,
        workspaces: Workspaces,
        applications: Applications,
        places: Places,
        tokens: Tokens,
        device_authorizations: DeviceAuthorizations,
    ) -> None:
        """Take the reader of standard requests, and what knows tenants, clients and tokens."""
        self._authorization = authorization
        self._workspaces = workspaces
        self._applications = applications
        self._places = places
        self._tokens = tokens
        self._device_authorizations = device_authorizations

    def check(self, params: Params) -> AuthorizationRequest:
        """Answer the request; raises `NotFound` or `InvalidInput`, and sends nobody anywhere."""
        # As in RFC 6749, 3.1: a parameter without a value counts as omitted.
        params = {name: value for name, value in params.items() if value}
        slug = params.get("workspace_name", "")
        if "device" in params:
            return self._of_device(slug, params)
        if params.get("client_id") == DASHBOARD:
            workspace = self._workspaces.named(slug)
            self._workspaces.admit(workspace.id)
            return self._authorization.home(workspace, self._places.dashboard(workspace), params)
        if "client_id" in params or "response_type" in params:
            return _sure(self._authorization.check(slug, params))
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        application = self._applications.get(workspace.id, AppId(params.get("app_id", "")))
        if application.carries_tokens:
            return self._of_old(workspace, application, params)
        if "session_token" in params:
            raise InvalidInput(
                "This application sends no tokens in addresses.",
                Fault("/session_token", 'only where returnFlow is "token"'),
                hint="Renew with POST /api/v1/sessions/renew.",
            )
        standard = {**params, "client_id": application.client_id, "response_type": "code"}
        return _sure(self._authorization.check(slug, standard))

    def _of_device(self, slug: str, params: Params) -> AuthorizationRequest:
        workspace = self._workspaces.named(slug)
        self._workspaces.admit(workspace.id)
        name, typed = params["device"], params.get("user_code", "")
        asked = self._device_authorizations.pending(workspace.id, name, typed)
        query = urlencode({"workspace": workspace.slug, "device": name, "user_code": typed})
        return AuthorizationRequest(
            slug=workspace.slug,
            workspace=workspace.id,
            app=asked.app,
            client_id=asked.client_id,
            redirect_uri=f"{self._tokens.origin}{DEVICE_PAGE}?{query}",
            scope=asked.scope,
            state=None,
            nonce=None,
            code_challenge="",
            # Somebody else is to sign in: the one wish that the page of devices has.
            prompt="login" if params.get("prompt") == "login" else None,
            device=asked,
        )

    def _of_old(
        self, workspace: Workspace, application: Application, params: Params
    ) -> AuthorizationRequest:
        redirect_uri = self._authorization.returning(application, params)
        beginning = self._authorization.beginning(application, params)
        if isinstance(beginning, Denied):
            raise _unusable(beginning)
        state = params.get("state")
        return AuthorizationRequest(
            slug=workspace.slug,
            workspace=workspace.id,
            app=application.id,
            client_id=application.client_id,
            redirect_uri=redirect_uri,
            scope=" ".join(SCOPES),
            state=None if state is None else printable(state, name="state"),
            nonce=None,
            code_challenge="",
            beginning=beginning,
            return_flow=ReturnFlow.TOKEN,
            renewed=self._renewed(application, params.get("session_token")),
        )

    def _renewed(self, application: Application, text: str | None) -> SessionToken | None:
        if text is None:
            return None
        try:
            old = self._tokens.read_past_session_token(text)
        except TokenInvalid as error:
            raise _no_token() from error
        partition = old.access.ref.partition
        if (partition.workspace, partition.app) != (application.workspace, application.id):
            raise _no_token()
        return old


def _sure(checked: AuthorizationRequest | SentBack) -> AuthorizationRequest:
    if isinstance(checked, SentBack):
        raise _unusable(checked.denied)
    return checked


def _unusable(denied: Denied) -> InvalidInput:
    return InvalidInput(
        "The application's request cannot be used.", Fault("/request", denied.description)
    )


def _no_token() -> InvalidInput:
    return InvalidInput(
        "This session_token cannot be renewed here.",
        Fault("/session_token", "no sessionToken of this application"),
    )
