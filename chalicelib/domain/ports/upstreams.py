"""Ports to upstreams: where a workspace's are kept, and how they are asked."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.detours import Detour, DetourKind
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.saml import Asserted, Certificate, Description, Expected
from chalicelib.domain.upstreams import Upstream
from chalicelib.domain.vouching import Doubt, Provider, Redemption, Vouched


class UpstreamStore(Protocol):
    """Upstreams of a workspace."""

    def put(self, upstream: Upstream, event: AuditEvent) -> None:
        """Store in the place of the version before; raises `Stale` unless that still stands."""
        ...

    def get(self, workspace: WorkspaceId, name: str) -> Upstream | None:
        """Answer an upstream, read consistently; a removed one is there and says so."""
        ...

    def of(self, workspace: WorkspaceId) -> Sequence[Upstream]:
        """Answer all upstreams of a workspace in the order of their names, read consistently."""
        ...


class DetourStore(Protocol):
    """Detours; one that is over, or of another kind, is not there."""

    def open(self, detour: Detour) -> None:
        """Store a detour."""
        ...

    def get(
        self, workspace: WorkspaceId, digest: str, *, kind: DetourKind, now: int
    ) -> Detour | None:
        """Answer a detour, read consistently."""
        ...

    def close(self, detour: Detour) -> bool:
        """Remove a detour; of all who come at the same moment, one is told that it was there."""
        ...


class Assertions(Protocol):
    """SAML 2.0 as providers elsewhere speak it."""

    def describe(self, document: str) -> Description:
        """Answer what a provider's description says (SAML Metadata 2.0); raises `InvalidInput`."""
        ...

    def read(self, response: str, expected: Expected) -> Asserted | Doubt | None:
        """Answer what a response asserts, why it is not believed, or `None` where it refuses.

        Only what was signed by one of the certificates is read, and everything is checked that
        SAML Profiles 2.0, section 4.1.4 asks for; what is encrypted is not read.
        """
        ...


class Certificates(Protocol):
    """X.509 certificates of those who sign elsewhere."""

    def read(self, text: str) -> Certificate:
        """Answer a certificate, in whose one form it is kept; raises `InvalidInput`."""
        ...


class Documents(Protocol):
    """Documents at addresses that operators chose."""

    def fetch(self, url: str) -> str:
        """Answer the text that is there; raises `UpstreamUnavailable`."""
        ...


class IdentityProviders(Protocol):
    """OpenID providers elsewhere; raises `UpstreamUnavailable` when one does not answer."""

    def describe(self, issuer: str) -> Provider:
        """Answer what a provider says of itself, at most ten minutes old.

        One that calls itself by another name than its issuer's, to the letter, is not available
        (OpenID Connect Discovery 1.0, section 4.3).
        """
        ...

    def redeem(self, provider: Provider, redemption: Redemption) -> Vouched | Doubt:
        """Exchange a code and answer whom its ID token vouches for, or why it is not believed.

        Everything is checked that OpenID Connect Core 1.0, section 3.1.3.7 asks for; the code
        is sent once.
        """
        ...
