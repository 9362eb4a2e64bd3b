"""Upstreams: chosen by operators, kept at hand for seconds, their secrets shown to nobody."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.domain.audit import SYSTEM, Actor, AuditAction, AuditEvent, Origin
from chalicelib.domain.callers import MemberCaller
from chalicelib.domain.errors import (
    Contended,
    Duplicate,
    Fault,
    InvalidInput,
    NotFound,
    NotReady,
    Stale,
    UpstreamUnavailable,
)
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.keys import SealedApart
from chalicelib.domain.limits import MAX_UPSTREAMS, SETTINGS_AGE
from chalicelib.domain.ports.surroundings import Clock
from chalicelib.domain.ports.upstreams import IdentityProviders, UpstreamStore
from chalicelib.domain.recent import Recent
from chalicelib.domain.saml import Description
from chalicelib.domain.upstreams import (
    Upstream,
    UpstreamKind,
    secret_place,
    upstream_name_of,
)
from chalicelib.domain.workspaces import KEEPERS
from chalicelib.services.audit import Trail
from chalicelib.services.contention import settled
from chalicelib.services.keys import Keys
from chalicelib.services.saml_descriptions import SamlDescriptions
from chalicelib.services.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator says of an upstream; without a secret the one that is there stays.

    One of SAML may be left to describe itself, by a document or at an address.
    """

    issuer: str
    client_id: str
    display_name: str
    secret: str | None = field(repr=False, default=None)
    domains: tuple[str, ...] = ()
    is_enabled: bool = True
    is_offered: bool = True
    makes_users: bool = False
    is_trusted_with_mfa: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    tenants: tuple[str, ...] = ()
    kind: UpstreamKind = UpstreamKind.OIDC
    sso_url: str = ""
    certificates: tuple[str, ...] = ()
    metadata: str | None = field(repr=False, default=None)
    metadata_url: str | None = None


class Upstreams:
    """The providers elsewhere by which a workspace's people sign in."""

    def __init__(
        self,
        *,
        clock: Clock,
        store: UpstreamStore,
        providers: IdentityProviders,
        descriptions: Callable[[], SamlDescriptions],
        keys: Keys,
        workspaces: Workspaces,
        trail: Trail,
    ) -> None:
        """Take the ports; what is remembered is at most `SETTINGS_AGE` seconds old."""
        self._clock = clock
        self._store = store
        self._providers = providers
        self._descriptions = descriptions
        self._keys = keys
        self._workspaces = workspaces
        self._trail = trail
        self._recent: Recent[WorkspaceId, Sequence[Upstream]] = Recent(
            clock.monotonic, age=SETTINGS_AGE
        )

    def of(self, caller: MemberCaller) -> Sequence[Upstream]:
        """Answer the upstreams of the member's own workspace."""
        return self._standing(caller.member.workspace)

    def choose(self, caller: MemberCaller, name: str, choice: Choice) -> Upstream:
        """Store an upstream, or other settings of one; raises `InvalidInput` or `Duplicate`.

        One to which people are sent has to answer as its issuer: a slip is found at once, and
        not by them.
        """
        actor, workspace = _chooser(caller), caller.member.workspace
        upstream_name_of(name)
        if choice.kind is UpstreamKind.SAML:
            choice = self._described(choice)
        elif choice.is_enabled:
            self._demand_answer(choice.issuer)

        def settle() -> Upstream:
            before = self._store.get(workspace, name)
            others = [each for each in self._standing(workspace) if each.name != name]
            _fit(others, choice)
            after = self._chosen(workspace, name, before, choice)
            if not after.is_reachable:
                self._demand_another(others, workspace)
            if after != before:
                self._store.put(after, self._event(after, actor, caller.visit.origin, "chosen"))
            return after

        chosen = settled(self._clock, settle)
        self._recent.forget(workspace)
        return chosen

    def remove(self, caller: MemberCaller, name: str) -> None:
        """Send nobody there any more, and forget its secret; raises `NotFound`.

        Whom it vouched for stays linked: chosen again, the same issuer brings the same people.
        """
        actor, workspace = _chooser(caller), caller.member.workspace

        def settle() -> None:
            before = self._store.get(workspace, name)
            if before is None or before.is_removed:
                raise NotFound("There is no such provider.")
            others = [each for each in self._standing(workspace) if each.name != name]
            self._demand_another(others, workspace)
            after = replace(before, is_removed=True, secret=None, version=before.version + 1)
            self._store.put(after, self._event(after, actor, caller.visit.origin, "removed"))

        settled(self._clock, settle)
        self._recent.forget(workspace)

    def known_ones(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        """Answer the upstreams of a workspace, enabled or not."""
        known = self._recent.get(workspace)
        return self._recent.keep(workspace, self._standing(workspace)) if known is None else known

    def open_ones(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        """Answer where the people of a workspace may be sent."""
        return [upstream for upstream in self.known_ones(workspace) if upstream.is_open]

    def open_one(self, workspace: WorkspaceId, name: str) -> Upstream:
        """Answer an upstream to which people may be sent; raises `NotFound`."""
        for upstream in self.open_ones(workspace):
            if upstream.name == name:
                return upstream
        raise NotFound("There is no such provider.")

    def prove(self, upstream: Upstream, origin: Origin) -> None:
        """Remember that somebody signed in by an upstream as it is."""
        if upstream.is_proven:
            return
        after = replace(upstream, is_proven=True, version=upstream.version + 1)
        # Whoever changed it meanwhile, or proved it as well, leaves it to the next sign-in.
        with suppress(Contended, Stale):
            self._store.put(after, self._event(after, SYSTEM, origin, "proven"))
        self._recent.forget(upstream.workspace)

    def has_proven(self, workspace: WorkspaceId) -> bool:
        """Tell whether people can sign in by an upstream by which somebody did."""
        return any(each.is_proven and each.is_reachable for each in self._standing(workspace))

    def secret_of(self, upstream: Upstream) -> str | None:
        """Open the secret by which we prove ourselves there."""
        kept = upstream.secret
        if kept is None:
            return None
        return self._keys.open_apart(secret_place, kept).decode()

    def _described(self, choice: Choice) -> Choice:
        descriptions = self._descriptions()
        if choice.metadata is not None:
            found = descriptions.given(choice.metadata)
        elif choice.metadata_url is not None:
            found = descriptions.fetched(choice.metadata_url)
        else:
            typed = Description(choice.issuer, choice.sso_url, choice.certificates)
            found = descriptions.typed(typed)
        return replace(
            choice,
            issuer=found.issuer,
            sso_url=found.sso_url,
            certificates=found.certificates,
        )

    def _standing(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        return [each for each in self._store.of(workspace) if not each.is_removed]

    def _demand_answer(self, issuer: str) -> None:
        try:
            self._providers.describe(issuer)
        except UpstreamUnavailable as error:
            raise InvalidInput(
                "No OpenID provider answers as this issuer; nothing was changed.",
                Fault("/issuer", error.why),
                hint="What is asked is the issuer with /.well-known/openid-configuration behind "
                "it, and its issuer has to be the same to the letter. With enabled: false the "
                "provider is stored without being asked.",
            ) from error

    def _demand_another(self, others: Sequence[Upstream], workspace: WorkspaceId) -> None:
        if not self._workspaces.get(workspace).require_sso:
            return
        if not any(each.is_reachable for each in others):
            raise NotReady(
                "Everybody here signs in by this provider.",
                hint="Choose another one before, or require single sign-on no longer.",
            )

    def _chosen(
        self, workspace: WorkspaceId, name: str, before: Upstream | None, choice: Choice
    ) -> Upstream:
        if choice.secret is not None:
            plain = choice.secret.encode()
            secret: SealedApart | None = self._keys.seal_apart(workspace, secret_place, plain)
        else:
            secret = None if before is None else before.secret
            # Else whoever may change settings could have the secret sent to a place of theirs.
            if before is not None and secret is not None and before.issuer != choice.issuer:
                raise InvalidInput(
                    "Another issuer needs a secret of its own.", Fault("/clientSecret", "missing")
                )
        after = Upstream(
            workspace=workspace,
            name=name,
            issuer=choice.issuer,
            client_id=choice.client_id,
            display_name=choice.display_name,
            created_at=self._clock.now() if before is None else before.created_at,
            secret=secret,
            domains=choice.domains,
            is_enabled=choice.is_enabled,
            is_offered=choice.is_offered,
            makes_users=choice.makes_users,
            is_trusted_with_mfa=choice.is_trusted_with_mfa,
            attributes=choice.attributes,
            tenants=choice.tenants,
            kind=choice.kind,
            sso_url=choice.sso_url,
            certificates=choice.certificates,
            version=1 if before is None else before.version,
        )
        if before is None:
            return after
        after = replace(after, is_proven=before.is_proven and after.is_as(before))
        return after if after == before else replace(after, version=before.version + 1)

    def _event(self, upstream: Upstream, actor: Actor, origin: Origin, change: str) -> AuditEvent:
        return self._trail.event(
            AuditAction.WORKSPACE_SETTINGS_CHANGED,
            workspace=upstream.workspace,
            actor=actor,
            origin=origin,
            meta={
                "changed": "identityProviders",
                "provider": upstream.name,
                "change": change,
                "version": upstream.version,
            },
        )


def _fit(others: Sequence[Upstream], choice: Choice) -> None:
    if len(others) >= MAX_UPSTREAMS:
        raise InvalidInput("Remove a provider first.", Fault("/name", f"{MAX_UPSTREAMS} at most"))
    taken = {domain for each in others for domain in each.domains}
    if not taken.isdisjoint(choice.domains):
        raise Duplicate("Another provider has a domain of these.")


def _chooser(caller: MemberCaller) -> Actor:
    return caller.acting(KEEPERS, refusal="Only an owner or an admin chooses identity providers.")
