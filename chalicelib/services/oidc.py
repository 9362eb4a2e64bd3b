"""The OpenID provider of each workspace: what it can do, where it sends browsers."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import Forbidden, RateLimited, TokenMissing
from chalicelib.domain.dpop import ALGORITHMS
from chalicelib.domain.oidc import (
    DEVICE_CODE,
    LOGIN_PAGE,
    SCOPES,
    Denial,
    Denied,
    SentBack,
)
from chalicelib.domain.pushed_requests import REQUEST_URI
from chalicelib.domain.tokens import Acr, SigningAlg
from chalicelib.services.authorization import Authorization, Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.login import Login
from chalicelib.services.pushed_requests import PushedRequests
from chalicelib.services.tokens import Tokens
from chalicelib.services.visits import Visited, Visits
from chalicelib.services.workspaces import Workspaces

_GRANTS = ("authorization_code", "refresh_token", "client_credentials", DEVICE_CODE)
_SECRET_METHODS = ("client_secret_basic", "client_secret_post")
_TO_THE_PAGE = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "prompt",
    "login_hint",
    "max_age",
    "acr_values",
    "subject",
    "ui_locales",
    "ttl_seconds",
    "payload",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a browser is sent that keeps its cookies as they are."""

    location: str = field(repr=False)


class Oidc:
    """OpenID Connect Core 1.0 and Discovery 1.0."""

    def __init__(
        self,
        *,
        workspaces: Workspaces,
        authorization: Authorization,
        visits: Callable[[], Visits],
        login: Login,
        tokens: Tokens,
        pushed_requests: PushedRequests,
    ) -> None:
        """Take the services."""
        self._workspaces = workspaces
        self._authorization = authorization
        self._visits = visits
        self._login = login
        self._tokens = tokens
        self._pushed_requests = pushed_requests

    def discovery(self, slug: str) -> Mapping[str, object]:
        """Answer the provider's metadata (Discovery 1.0, section 3): what exists, and no more."""
        issuer = self._tokens.issuer(self._workspaces.named(slug).slug)
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks.json",
            "end_session_endpoint": f"{issuer}/logout",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "revocation_endpoint": f"{issuer}/revoke",
            "introspection_endpoint": f"{issuer}/introspect",
            "device_authorization_endpoint": f"{issuer}/device_authorization",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(_GRANTS),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(filter(self._tokens.signs, SigningAlg)),
            "token_endpoint_auth_methods_supported": [*_SECRET_METHODS, "none"],
            "revocation_endpoint_auth_methods_supported": [*_SECRET_METHODS, "none"],
            "introspection_endpoint_auth_methods_supported": list(_SECRET_METHODS),
            "code_challenge_methods_supported": ["S256"],
            "dpop_signing_alg_values_supported": list(ALGORITHMS),
            "scopes_supported": list(SCOPES),
            "prompt_values_supported": ["none", "login", "select_account", "create"],
            "acr_values_supported": list(Acr),
            "ui_locales_supported": ["en"],
            "claim_types_supported": ["normal"],
            "claims_supported": [
                *("iss", "aud", "azp", "sub", "exp", "iat", "jti", "sid", "nonce", "at_hash"),
                *("auth_time", "acr", "amr", "email", "email_verified", "name"),
            ],
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            # Those that were pushed, which every provider with that endpoint takes.
            "request_uri_parameter_supported": False,
            "pushed_authorization_request_endpoint": f"{issuer}/par",
            "require_pushed_authorization_requests": False,
        }

    def jwks(self, slug: str) -> Mapping[str, object]:
        """Answer the public keys by which this workspace's tokens are verified."""
        self._workspaces.named(slug)
        return self._tokens.jwks()

    def authorize(
        self, slug: str, params: Params, cookies: Cookies, visit: Visit
    ) -> Sent | Visited:
        """Answer where the browser goes; raises where it must not be sent anywhere."""
        if params.get("request_uri", "").startswith(REQUEST_URI):
            params = self._pushed_requests.unfold(self._workspaces.named(slug).id, params)
        checked = self._authorization.check(slug, params)
        if isinstance(checked, SentBack):
            return Sent(checked.location)
        if checked.prompt != "none":
            onward = {name: params[name] for name in _TO_THE_PAGE if name in params}
            if checked.hinted is not None:
                onward["subject"] = str(checked.hinted)
            names = {"workspace_name": checked.slug, "app_id": checked.app}
            return Sent(f"{LOGIN_PAGE}?{urlencode({**names, **onward})}")
        location = self._login.resumed(checked, cookies, visit)
        if location is not None:
            return Sent(location)
        if checked.wants_visitor:
            # Nobody has to be asked anything; where it is not allowed, somebody has to sign in.
            with suppress(Forbidden, RateLimited, TokenMissing):
                return self._visits().entered(checked, cookies, visit)
        denied = SentBack(
            denied=Denied(Denial.LOGIN_REQUIRED, "nobody is signed in here"),
            redirect_uri=checked.redirect_uri,
            state=checked.state,
            issuer=self._tokens.issuer(checked.slug),
        )
        return Sent(denied.location)
