"""OpenID providers elsewhere: what they are asked, and what they are heard to say."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.detours import Detour, Outcome
from chalicelib.domain.errands import Errand
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.ports.upstreams import IdentityProviders
from chalicelib.domain.tenants import issuers_of, wishes_of
from chalicelib.domain.upstreams import Upstream, callback_of
from chalicelib.domain.vouching import Doubt, Provider, Redemption, Vouched, question_of
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.workspaces import Workspaces

_PASSED_ON = frozenset({"login", "select_account"})


class OpenIdUpstreams:
    """The authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1)."""

    def __init__(
        self,
        *,
        origin: str,
        providers: IdentityProviders,
        upstreams: Upstreams,
        workspaces: Workspaces,
    ) -> None:
        """Take the port, and what knows secrets and names."""
        self._origin = origin
        self._providers = providers
        self._upstreams = upstreams
        self._workspaces = workspaces

    def ask(self, errand: Errand) -> str:
        """Answer where a browser goes; raises `UpstreamUnavailable`."""
        upstream, request = errand.upstream, errand.request
        provider = self._providers.describe(upstream.issuer)
        question = question_of(
            client_id=upstream.client_id,
            redirect_uri=callback_of(self._origin, request.slug, upstream.name),
            state=errand.state,
            nonce=errand.nonce,
            challenge=_challenge(errand.verifier),
            wishes={
                **_wishes(request, errand.email),
                **wishes_of(upstream.issuer, upstream.tenants),
            },
        )
        return provider.asked(question)

    def hear(
        self,
        detour: Detour,
        upstream: Upstream,
        answer: Mapping[str, str],
        carried: Mapping[str, Any],
    ) -> Vouched | Doubt | Outcome:
        """Answer what came of it; raises `UpstreamUnavailable`."""
        provider = self._providers.describe(detour.issuer)
        doubt = _misnamed(detour, upstream, provider, answer)
        if doubt is not None:
            return doubt
        if "error" in answer:
            return Outcome.CANCELLED
        code = answer.get("code", "")
        if not code:
            return Doubt.CODE
        slug = self._workspaces.get(detour.workspace).slug
        redemption = Redemption(
            code=code,
            verifier=carried["verifier"],
            nonce=carried["nonce"],
            redirect_uri=callback_of(self._origin, slug, upstream.name),
            client_id=upstream.client_id,
            secret=self._upstreams.secret_of(upstream),
            tenants=upstream.tenants,
        )
        return self._providers.redeem(provider, redemption)


def _misnamed(
    detour: Detour, upstream: Upstream, provider: Provider, answer: Mapping[str, str]
) -> Doubt | None:
    # RFC 9207, section 2.4: before anything else is made of it, errors included.
    named = answer.get("iss")
    if named is None and provider.names_itself:
        return Doubt.ISSUER
    names = issuers_of(detour.issuer, upstream.tenants)
    return None if named in (None, *names) else Doubt.ISSUER


def _wishes(request: AuthorizationRequest, email: str | None) -> Mapping[str, str]:
    prompts = [each for each in (request.prompt or "").split() if each in _PASSED_ON]
    wishes = {
        "login_hint": email or request.login_hint,
        "prompt": " ".join(prompts) or None,
        "max_age": None if request.max_age is None else str(request.max_age),
    }
    return {name: value for name, value in wishes.items() if value is not None}


def _challenge(verifier: str) -> str:
    made = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
