"""The services of sign-ins by somebody else's word, on top of the hosted login's."""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.services.audit import Trail
    from chalicelib.services.demands import Demands
    from chalicelib.services.detour_rows import DetourRows
    from chalicelib.services.detours import Detours
    from chalicelib.services.federated import Federated
    from chalicelib.services.keys import Keys
    from chalicelib.services.openid_upstreams import OpenIdUpstreams
    from chalicelib.services.own_links import OwnLinks
    from chalicelib.services.saml_descriptions import SamlDescriptions
    from chalicelib.services.saml_upstreams import SamlUpstreams
    from chalicelib.services.subjects import Subjects
    from chalicelib.services.upstreams import Upstreams
    from chalicelib.services.words import Words
    from chalicelib.services.workspaces import Workspaces
    from chalicelib.wiring.hosted import HostedLogin
    from chalicelib.wiring.ports import Adapters


class Federation:
    """Upstreams, the way to them, and whom they vouch for."""

    def __init__(
        self,
        adapters: "Adapters",
        *,
        origin: str,
        trail: "Trail",
        keys: "Keys",
        workspaces: "Workspaces",
        hosted: "HostedLogin",
    ) -> None:
        """Take what is outside, and the services below."""
        self._adapters = adapters
        self._origin = origin
        self._trail = trail
        self._keys = keys
        self._workspaces = workspaces
        self._hosted = hosted

    @cached_property
    def upstreams(self) -> "Upstreams":
        from chalicelib.services.upstreams import Upstreams

        return Upstreams(
            clock=self._adapters.clock,
            store=self._adapters.elsewhere.upstreams,
            providers=self._adapters.elsewhere.identity_providers,
            descriptions=lambda: self.descriptions,
            keys=self._keys,
            workspaces=self._workspaces,
            trail=self._trail,
        )

    @cached_property
    def detours(self) -> "Detours":
        from chalicelib.services.detours import Detours

        return Detours(
            clock=self._adapters.clock,
            rows=self.rows,
            openid=self.openid,
            saml=self.saml,
            upstreams=self.upstreams,
            workspaces=self._workspaces,
            entries=self._hosted.passages.entries,
            addresses=self._adapters.addresses,
            guesses=self._hosted.guard.guesses,
        )

    @cached_property
    def rows(self) -> "DetourRows":
        from chalicelib.services.detour_rows import DetourRows

        return DetourRows(
            clock=self._adapters.clock,
            store=self._adapters.elsewhere.detours,
            keys=self._keys,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def openid(self) -> "OpenIdUpstreams":
        from chalicelib.services.openid_upstreams import OpenIdUpstreams

        return OpenIdUpstreams(
            origin=self._origin,
            providers=self._adapters.elsewhere.identity_providers,
            upstreams=self.upstreams,
            workspaces=self._workspaces,
        )

    @cached_property
    def saml(self) -> "SamlUpstreams":
        from chalicelib.services.saml_upstreams import SamlUpstreams

        return SamlUpstreams(
            clock=self._adapters.clock,
            origin=self._origin,
            rows=self.rows,
            assertions=lambda: self._adapters.elsewhere.assertions,
            descriptions=lambda: self.descriptions,
            replays=self._adapters.replays,
            upstreams=self.upstreams,
            workspaces=self._workspaces,
        )

    @cached_property
    def descriptions(self) -> "SamlDescriptions":
        from chalicelib.services.saml_descriptions import SamlDescriptions

        return SamlDescriptions(
            clock=self._adapters.clock,
            assertions=lambda: self._adapters.elsewhere.assertions,
            certificates=self._adapters.elsewhere.certificates,
            documents=self._adapters.elsewhere.documents,
        )

    @cached_property
    def words(self) -> "Words":
        from chalicelib.services.words import Words

        return Words(detours=self.detours, upstreams=self.upstreams, users=self._hosted.users)

    @cached_property
    def demands(self) -> "Demands":
        from chalicelib.services.demands import Demands

        return Demands(
            workspaces=self._workspaces,
            upstreams=self.upstreams,
            users=self._hosted.users,
            emergencies=self._hosted.account.emergencies,
        )

    @cached_property
    def subjects(self) -> "Subjects":
        from chalicelib.services.subjects import Subjects

        return Subjects(
            clock=self._adapters.clock,
            store=self._adapters.users,
            users=self._hosted.users,
            invites=self._hosted.guests.invites,
            keys=self._keys,
            trail=self._trail,
        )

    @cached_property
    def federated(self) -> "Federated":
        from chalicelib.services.federated import Federated

        return Federated(
            clock=self._adapters.clock,
            entries=self._hosted.passages.entries,
            upstreams=self.upstreams,
            detours=self.detours,
            words=self.words,
            users=self._hosted.users,
            subjects=self.subjects,
            invites=self._hosted.guests.invites,
            browsers=self._hosted.browsers,
            entrances=self._hosted.entrances,
            notices=self._hosted.guard.notices,
            audit=self._adapters.audit,
            trail=self._trail,
        )

    @cached_property
    def own(self) -> "OwnLinks":
        from chalicelib.services.own_links import OwnLinks

        return OwnLinks(
            clock=self._adapters.clock,
            store=self._adapters.users,
            dashboard=self._hosted.account.dashboard,
            account=self._hosted.account.own,
            upstreams=self.upstreams,
            passkeys=self._adapters.passkeys,
            credentials=self._hosted.account.credentials,
            trail=self._trail,
        )
