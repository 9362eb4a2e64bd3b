"""Detours: sends a browser to an upstream, and knows it again when it is back."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.audit import ANONYMOUS, AuditAction
from chalicelib.domain.browsers import is_cookie_secret
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.detours import (
    Detour,
    DetourKind,
    Outcome,
    detour_cookie,
    detour_place,
    is_state,
)
from chalicelib.domain.errors import InvalidInput, NotFound, UpstreamUnavailable
from chalicelib.domain.ids import WorkspaceId, digest, new_secret, new_user_id
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.oidc import LOGIN_PAGE
from chalicelib.domain.ports.records import AuditStore
from chalicelib.domain.ports.surroundings import Addresses, Clock
from chalicelib.domain.ports.upstreams import DetourStore, IdentityProviders
from chalicelib.domain.tenants import issuers_of, wishes_of
from chalicelib.domain.upstreams import Upstream, callback_of
from chalicelib.domain.vouching import Doubt, Provider, Redemption, Vouched, question_of, read, said
from chalicelib.services.attempts import Guesses
from chalicelib.services.audit import Trail
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.entries import Entries
from chalicelib.services.keys import Keys
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.workspaces import Workspaces

_OUTCOME = "sso"
_PASSED_ON = frozenset({"login", "select_account"})
_MAX_PARAMS = 7_000  # characters; they go back into an address
_LOST = "This sign-in was not begun here, or took too long. Start again."


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser goes, and the cookie by which it is known again."""

    location: str = field(repr=False)
    workspace: WorkspaceId
    secret: str = field(repr=False)


class Detours:
    """The way to an upstream and back (OpenID Connect Core 1.0, section 3.1)."""

    def __init__(
        self,
        *,
        clock: Clock,
        origin: str,
        store: DetourStore,
        providers: IdentityProviders,
        upstreams: Upstreams,
        workspaces: Workspaces,
        entries: Entries,
        addresses: Addresses,
        guesses: Guesses,
        keys: Keys,
        audit: AuditStore,
        trail: Trail,
    ) -> None:
        """Take the ports, and what reads requests."""
        self._clock = clock
        self._origin = origin
        self._store = store
        self._providers = providers
        self._upstreams = upstreams
        self._workspaces = workspaces
        self._entries = entries
        self._addresses = addresses
        self._guesses = guesses
        self._keys = keys
        self._audit = audit
        self._trail = trail

    def route(self, params: Params, *, email: str) -> Upstream | None:
        """Answer the upstream of an address's domain; whether anybody has it plays no part."""
        request = self._entries.check(params)
        address = self._addresses.normalise(email)
        for upstream in self._upstreams.open_ones(request.workspace):
            if upstream.routes(address):
                return upstream
        return None

    def begin(self, params: Params, name: str, *, email: str | None, visit: Visit) -> Departure:
        """Answer where the browser goes; raises `NotFound` or `UpstreamUnavailable`."""
        kept = {word: value for word, value in params.items() if word != _OUTCOME}
        request = self._entries.check(kept)
        if len(urlencode(kept)) > _MAX_PARAMS:
            raise InvalidInput("The request is too long to be brought back.")
        upstream = self._upstreams.open_one(request.workspace, name)
        provider = self._providers.describe(upstream.issuer)
        self._guesses.admit_detour(request.workspace, ip=visit.origin.ip)
        state, nonce, verifier, secret = (new_secret() for _ in range(4))
        carried = {"params": kept, "nonce": nonce, "verifier": verifier}
        exp = self._clock.now() + CHALLENGE_SECONDS
        self._open(upstream, DetourKind.OUT, state, bound=digest(secret), exp=exp, carried=carried)
        question = question_of(
            client_id=upstream.client_id,
            redirect_uri=callback_of(self._origin, request.slug, name),
            state=state,
            nonce=nonce,
            challenge=_challenge(verifier),
            wishes={
                **_wishes(request, email),
                **wishes_of(upstream.issuer, upstream.tenants),
            },
        )
        return Departure(provider.asked(question), request.workspace, secret)

    def come_back(
        self, slug: str, name: str, answer: Mapping[str, str], cookies: Cookies, visit: Visit
    ) -> str:
        """Answer where on the login's page a browser goes on that is back with an answer.

        Raises `InvalidInput` for one that never set out, and `NotFound`; neither uses up anything,
        so that nobody can end a way that is another's.
        """
        workspace = self._workspaces.named(slug).id
        self._workspaces.admit(workspace)
        secret = cookies.get(detour_cookie(workspace), "")
        detour = self._out(workspace, name, answer.get("state", ""), secret)
        # An answer counts once, whatever comes of it.
        if detour is None or not self._store.close(detour):
            raise InvalidInput(_LOST)
        carried = self._carried(detour)
        params: dict[str, str] = carried["params"]
        outcome = self._settled(detour, answer, carried, secret, visit)
        return f"{LOGIN_PAGE}?{urlencode({**params, _OUTCOME: outcome})}"

    def arrived(self, request: AuthorizationRequest, cookies: Cookies) -> tuple[Detour, Vouched]:
        """Answer who came back to this request in this browser; raises `ChallengeEnded`."""
        secret = cookies.get(detour_cookie(request.workspace), "")
        now = self._clock.now()
        detour = (
            self._store.get(request.workspace, digest(secret), kind=DetourKind.BACK, now=now)
            if is_cookie_secret(secret)
            else None
        )
        if detour is None or detour.bound != request.digest:
            raise ChallengeEnded(_LOST)
        return detour, read(self._carried(detour))

    def close(self, detour: Detour) -> None:
        """Use up somebody's word for a person; raises `ChallengeEnded` the second time."""
        if not self._store.close(detour):
            raise ChallengeEnded(_LOST)

    def _out(self, workspace: WorkspaceId, name: str, state: str, secret: str) -> Detour | None:
        if not is_state(state) or not is_cookie_secret(secret):
            return None
        now = self._clock.now()
        detour = self._store.get(workspace, digest(state), kind=DetourKind.OUT, now=now)
        if detour is None or detour.bound != digest(secret) or detour.upstream != name:
            return None
        return detour

    def _settled(
        self,
        detour: Detour,
        answer: Mapping[str, str],
        carried: Mapping[str, Any],
        secret: str,
        visit: Visit,
    ) -> Outcome:
        try:
            upstream = self._upstreams.open_one(detour.workspace, detour.upstream)
            provider = self._providers.describe(detour.issuer)
            found = self._vouched(detour, upstream, provider, answer, carried)
        except NotFound:
            return Outcome.REFUSED
        except UpstreamUnavailable:
            return Outcome.UNAVAILABLE
        if isinstance(found, Outcome):
            return found
        if isinstance(found, Doubt):
            self._record(detour, found, visit)
            return Outcome.REFUSED
        request = self._entries.check(carried["params"])
        self._open(
            upstream,
            DetourKind.BACK,
            secret,
            bound=request.digest,
            exp=detour.exp,
            carried=said(found),
        )
        return Outcome.BACK

    def _vouched(
        self,
        detour: Detour,
        upstream: Upstream,
        provider: Provider,
        answer: Mapping[str, str],
        carried: Mapping[str, Any],
    ) -> Vouched | Doubt | Outcome:
        # RFC 9207, section 2.4: before anything else is made of it, errors included.
        named = answer.get("iss")
        if named is None and provider.names_itself:
            return Doubt.ISSUER
        names = issuers_of(detour.issuer, upstream.tenants)
        if named not in (None, *names) or upstream.issuer != detour.issuer:
            return Doubt.ISSUER
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

    def _open(
        self,
        upstream: Upstream,
        kind: DetourKind,
        secret: str,
        *,
        bound: str,
        exp: int,
        carried: Mapping[str, object],
    ) -> None:
        workspace = upstream.workspace
        keys = self._keys.new_user(workspace, new_user_id())
        plain = json.dumps(carried, ensure_ascii=False).encode()
        detour = Detour(
            digest=digest(secret),
            workspace=workspace,
            kind=kind,
            upstream=upstream.name,
            issuer=upstream.issuer,
            bound=bound,
            exp=exp,
            keys=keys,
            sealed=self._keys.seal(detour_place(workspace, keys.user), plain, known=keys),
        )
        self._store.open(detour)

    def _carried(self, detour: Detour) -> dict[str, Any]:
        place = detour_place(detour.workspace, detour.keys.user)
        carried: dict[str, Any] = json.loads(
            self._keys.open(place, detour.sealed, known=detour.keys)
        )
        return carried

    def _record(self, detour: Detour, doubt: Doubt, visit: Visit) -> None:
        self._audit.append(
            self._trail.event(
                AuditAction.SIGNIN_FAILED,
                workspace=detour.workspace,
                actor=ANONYMOUS,
                origin=visit.origin,
                outcome="failure",
                meta={"method": "federated", "reason": doubt, "provider": detour.upstream},
            )
        )


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
