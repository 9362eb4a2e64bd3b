"""OpenID providers elsewhere, in memory: what they would say is set by the test."""

from dataclasses import dataclass, field, replace

from chalicelib.domain.errors import UpstreamUnavailable
from chalicelib.domain.vouching import Doubt, Provider, Redemption, Vouched


@dataclass
class MemoryIdentityProviders:
    """Answers `IdentityProviders`; a code is good for one redemption."""

    providers: dict[str, Provider] = field(default_factory=dict)
    answers: dict[str, Vouched | Doubt] = field(default_factory=dict)
    redeemed: list[Redemption] = field(default_factory=list)

    def add(self, issuer: str, *, names_itself: bool = False) -> Provider:
        """Put a provider up."""
        provider = Provider(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
            algorithms=("RS256",),
            names_itself=names_itself,
        )
        self.providers[issuer] = provider
        return provider

    def change(self, at: str, /, **words: object) -> None:
        """Let a provider describe itself in another way."""
        self.providers[at] = replace(self.providers[at], **words)  # type: ignore[arg-type]

    def describe(self, issuer: str) -> Provider:
        found = self.providers.get(issuer)
        if found is None:
            raise UpstreamUnavailable("The identity provider did not answer as one.")
        if found.issuer != issuer:
            why = f"calls itself {found.issuer}"
            raise UpstreamUnavailable("It describes itself as another.", why=why)
        return found

    def redeem(self, provider: Provider, redemption: Redemption) -> Vouched | Doubt:
        self.describe(provider.issuer)
        self.redeemed.append(redemption)
        return self.answers.pop(redemption.code, Doubt.CODE)
