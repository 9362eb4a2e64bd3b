"""Detours: sends a browser to an upstream, and knows it again when it is back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.browsers import is_cookie_secret
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import ChallengeEnded
from chalicelib.domain.detours import Detour, DetourKind, Outcome, detour_cookie, is_state
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import InvalidInput, NotFound, Unbegun, UpstreamUnavailable
from chalicelib.domain.ids import WorkspaceId, digest, new_secret
from chalicelib.domain.limits import CHALLENGE_SECONDS
from chalicelib.domain.login import AuthorizationRequest
from chalicelib.domain.oidc import LOGIN_PAGE
from chalicelib.domain.ports.surroundings import Addresses, Clock
from chalicelib.domain.upstreams import Upstream, UpstreamKind
from chalicelib.domain.vouching import Doubt, Vouched, read, said
from chalicelib.services.attempts import Guesses
from chalicelib.services.authorization import Params
from chalicelib.services.browsers import Cookies
from chalicelib.services.detour_rows import DetourRows
from chalicelib.services.entries import Entries
from chalicelib.services.openid_upstreams import OpenIdUpstreams
from chalicelib.services.saml_upstreams import SamlUpstreams
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.workspaces import Workspaces

_OUTCOME = "sso"
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
        rows: DetourRows,
        openid: OpenIdUpstreams,
        saml: SamlUpstreams,
        upstreams: Upstreams,
        workspaces: Workspaces,
        entries: Entries,
        addresses: Addresses,
        guesses: Guesses,
    ) -> None:
        """Take the ports, the protocols, and what reads requests."""
        self._clock = clock
        self._rows = rows
        self._openid = openid
        self._saml = saml
        self._upstreams = upstreams
        self._workspaces = workspaces
        self._entries = entries
        self._addresses = addresses
        self._guesses = guesses

    def route(self, params: Params, *, email: str) -> Upstream | None:
        """Answer the upstream of an address's domain; whether anybody has it plays no part."""
        request = self._entries.check(params)
        address = self._addresses.normalise(email)
        for upstream in self._upstreams.open_ones(request.workspace):
            if upstream.routes(address):
                return upstream
        return None

    def begin(self, params: Params, name: str, *, email: str | None, visit: Visit) -> Departure:
        """Answer where the browser goes; raises `NotFound`, `NotReady` or `UpstreamUnavailable`."""
        kept = {word: value for word, value in params.items() if word != _OUTCOME}
        request = self._entries.check(kept)
        if len(urlencode(kept)) > _MAX_PARAMS:
            raise InvalidInput("The request is too long to be brought back.")
        upstream = self._upstreams.open_one(request.workspace, name)
        state, nonce, verifier, secret = (new_secret() for _ in range(4))
        errand = Errand(request, upstream, state, nonce, verifier, email)
        location = self._kind(upstream).ask(errand)
        self._guesses.admit_detour(request.workspace, ip=visit.origin.ip)
        carried = {"params": kept, "nonce": nonce, "verifier": verifier}
        exp = self._clock.now() + CHALLENGE_SECONDS
        kind, bound = DetourKind.OUT, digest(secret)
        self._rows.open(upstream, kind, state, bound=bound, exp=exp, carried=carried)
        return Departure(location, request.workspace, secret)

    def come_back(
        self, slug: str, name: str, answer: Mapping[str, str], cookies: Cookies, visit: Visit
    ) -> str:
        """Answer where on the login's page a browser goes on that is back with an answer.

        Raises `Unbegun` for one that never set out, and `NotFound`; neither uses up anything,
        so that nobody can end a way that is another's.
        """
        workspace = self._workspaces.named(slug).id
        self._workspaces.admit(workspace)
        secret = cookies.get(detour_cookie(workspace), "")
        detour = self._out(workspace, name, answer.get("state", ""), secret)
        # An answer counts once, whatever comes of it.
        if detour is None or not self._rows.close(detour):
            raise Unbegun(_LOST)
        carried = self._rows.carried(detour)
        params: dict[str, str] = carried["params"]
        outcome = self._settled(detour, answer, carried, secret, visit)
        return f"{LOGIN_PAGE}?{urlencode({**params, _OUTCOME: outcome})}"

    def arrived(self, request: AuthorizationRequest, cookies: Cookies) -> tuple[Detour, Vouched]:
        """Answer who came back to this request in this browser; raises `ChallengeEnded`."""
        secret = cookies.get(detour_cookie(request.workspace), "")
        detour = (
            self._rows.find(request.workspace, secret, DetourKind.BACK)
            if is_cookie_secret(secret)
            else None
        )
        if detour is None or detour.bound != request.digest:
            raise ChallengeEnded(_LOST)
        return detour, read(self._rows.carried(detour))

    def close(self, detour: Detour) -> None:
        """Use up somebody's word for a person; raises `ChallengeEnded` the second time."""
        if not self._rows.close(detour):
            raise ChallengeEnded(_LOST)

    def _out(self, workspace: WorkspaceId, name: str, state: str, secret: str) -> Detour | None:
        if not is_state(state) or not is_cookie_secret(secret):
            return None
        detour = self._rows.find(workspace, state, DetourKind.OUT)
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
            found: Vouched | Doubt | Outcome = Doubt.ISSUER
            if upstream.issuer == detour.issuer:
                found = self._kind(upstream).hear(detour, upstream, answer, carried)
        except NotFound:
            return Outcome.REFUSED
        except UpstreamUnavailable:
            return Outcome.UNAVAILABLE
        if isinstance(found, Outcome):
            return found
        if isinstance(found, Doubt):
            self._rows.record(detour, found, visit)
            return Outcome.REFUSED
        request = self._entries.check(carried["params"])
        self._rows.open(
            upstream,
            DetourKind.BACK,
            secret,
            bound=request.digest,
            exp=detour.exp,
            carried=said(found),
        )
        return Outcome.BACK

    def _kind(self, upstream: Upstream) -> OpenIdUpstreams | SamlUpstreams:
        return self._saml if upstream.kind is UpstreamKind.SAML else self._openid
