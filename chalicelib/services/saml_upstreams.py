"""SAML providers elsewhere: what they are asked, and their responses, which another site posts."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.domain.callers import Visit
from chalicelib.domain.detours import Detour, DetourKind, Outcome, is_state
from chalicelib.domain.errands import Errand
from chalicelib.domain.errors import NotFound, NotReady, Unbegun
from chalicelib.domain.ids import WorkspaceId, digest, new_secret
from chalicelib.domain.ports.login import ReplayStore
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.upstreams import Assertions
from chalicelib.domain.saml import (
    Asserted,
    Expected,
    Question,
    description_of,
    entity_of,
    recipient_of,
    request_id_of,
)
from chalicelib.domain.upstreams import Upstream, UpstreamKind, callback_of, is_upstream_name
from chalicelib.domain.vouching import Doubt, Vouched, read, said
from chalicelib.services.detour_rows import DetourRows
from chalicelib.services.saml_descriptions import SamlDescriptions
from chalicelib.services.upstreams import Upstreams
from chalicelib.services.workspaces import Workspaces

_LOST = "This sign-in was not begun here, or took too long. Start again."
_TURNED_BACK = "access_denied"
_REFUSED = "refused"
_UNREAD = "temporarily_unavailable"
_ENCRYPTED = "encrypted"
_TOLD = {
    _TURNED_BACK: Outcome.CANCELLED,
    _UNREAD: Outcome.UNAVAILABLE,
    _ENCRYPTED: Outcome.ENCRYPTED,
}


class SamlUpstreams:
    """The web browser profile, begun here alone (SAML Profiles 2.0, section 4.1).

    A response comes in a POST from another site, which brings no cookie along. So it is read
    there, against the way that its RelayState names, and only its outcome goes on with the
    browser: by a GET, which brings the cookie, and a handle that is good for that way and once.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        origin: str,
        rows: DetourRows,
        assertions: Callable[[], Assertions],
        descriptions: Callable[[], SamlDescriptions],
        replays: ReplayStore,
        upstreams: Upstreams,
        workspaces: Workspaces,
    ) -> None:
        """Take the ports; what reads assertions is asked for where there is one."""
        self._clock = clock
        self._origin = origin
        self._rows = rows
        self._assertions = assertions
        self._descriptions = descriptions
        self._replays = replays
        self._upstreams = upstreams
        self._workspaces = workspaces

    def describe(self, slug: str, name: str) -> str:
        """Answer what a provider has to know of us; raises `NotFound`.

        It may want to know that before it can be chosen, so it need not be: nothing is told that
        does not follow from the names.
        """
        others = self._upstreams.open_ones(self._workspaces.named(slug).id)
        kinds = {each.kind for each in others if each.name == name}
        if not is_upstream_name(name) or kinds - {UpstreamKind.SAML}:
            raise NotFound("There is no such provider.")
        return description_of(
            entity=entity_of(self._origin, slug, name),
            recipient=recipient_of(self._origin, slug, name),
        )

    def ask(self, errand: Errand) -> str:
        """Answer where a browser goes; raises `NotReady` where its return would not be read."""
        self._assertions()
        upstream, slug = errand.upstream, errand.request.slug
        self._descriptions().demand_valid(upstream.certificates)
        question = Question(
            id=request_id_of(errand.nonce),
            issuer=entity_of(self._origin, slug, upstream.name),
            destination=upstream.sso_url,
            recipient=recipient_of(self._origin, slug, upstream.name),
            issued_at=self._clock.now(),
            is_forced="login" in (errand.request.prompt or "").split(),
        )
        return question.sent(errand.state)

    def receive(self, slug: str, name: str, form: Mapping[str, str], visit: Visit) -> str:
        """Answer where a browser goes on that was sent here with a response.

        Raises `Unbegun` for one that nobody asked for, which is not even looked at.
        """
        workspace = self._workspaces.named(slug).id
        self._workspaces.admit(workspace)
        state = form.get("RelayState", "")
        detour = self._rows.find(workspace, state, DetourKind.OUT) if is_state(state) else None
        if detour is None or detour.upstream != name:
            raise Unbegun(_LOST)
        try:
            upstream = self._upstreams.open_one(workspace, name)
        except NotFound as error:
            raise Unbegun(_LOST) from error
        if upstream.kind is not UpstreamKind.SAML or upstream.issuer != detour.issuer:
            raise Unbegun(_LOST)
        place = callback_of("", quote(slug), quote(name))
        try:
            found = self._asserted(slug, upstream, detour, form.get("SAMLResponse", ""))
        except NotReady:
            # Packaged anew since the browser left: the page says it, and not this address.
            return f"{place}?{urlencode({'state': state, 'error': _UNREAD})}"
        if isinstance(found, Doubt):
            # Once for each way: whoever set out may post as often as they like.
            if self._is_first(workspace, f"doubted:{detour.digest}", exp=detour.exp):
                self._rows.record(detour, found, visit)
            outcome = {"error": _ENCRYPTED if found is Doubt.ENCRYPTED else _REFUSED}
        elif found is None:
            outcome = {"error": _TURNED_BACK}
        else:
            outcome = {"code": self._kept(upstream, detour, found)}
        return f"{place}?{urlencode({'state': state, **outcome})}"

    def hear(
        self,
        detour: Detour,
        upstream: Upstream,
        answer: Mapping[str, str],
        carried: Mapping[str, Any],
    ) -> Vouched | Doubt | Outcome:
        """Answer what was read of the response."""
        del upstream, carried
        if "error" in answer:
            return _TOLD.get(answer["error"], Outcome.REFUSED)
        handle = answer.get("code", "")
        posted = (
            self._rows.find(detour.workspace, handle, DetourKind.POSTED)
            if is_state(handle)
            else None
        )
        if posted is None or posted.bound != detour.digest or not self._rows.close(posted):
            return Doubt.CODE
        return read(self._rows.carried(posted))

    def _asserted(
        self, slug: str, upstream: Upstream, detour: Detour, response: str
    ) -> Asserted | Doubt | None:
        expected = Expected(
            issuer=upstream.issuer,
            certificates=upstream.certificates,
            audience=entity_of(self._origin, slug, upstream.name),
            recipient=recipient_of(self._origin, slug, upstream.name),
            request_id=request_id_of(self._rows.carried(detour)["nonce"]),
        )
        found = self._assertions().read(response, expected)
        if not isinstance(found, Asserted):
            return found
        shown = f"{upstream.issuer}:{found.id}"
        is_first = self._is_first(detour.workspace, shown, exp=found.exp)
        return found if is_first else Doubt.REPLAY

    def _is_first(self, workspace: WorkspaceId, shown: str, *, exp: int) -> bool:
        return self._replays.claim(
            workspace, digest(f"saml:{shown}"), exp=exp, now=self._clock.now()
        )

    def _kept(self, upstream: Upstream, detour: Detour, found: Asserted) -> str:
        handle = new_secret()
        self._rows.open(
            upstream,
            DetourKind.POSTED,
            handle,
            bound=detour.digest,
            exp=detour.exp,
            carried=said(found.vouched),
        )
        return handle
