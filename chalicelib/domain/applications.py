"""Applications: registered clients of a workspace and where they may send people back to."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.clients import ClientKind, ClientSecret, DpopUse
from chalicelib.domain.denials import DpopRequired
from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import (
    DEFAULT_PAYLOAD_BYTES,
    DEFAULT_TOKEN_SECONDS,
    MAX_PAYLOAD_SECONDS,
    MIN_LIFETIME,
)
from chalicelib.domain.redirects import is_registered, origins_of
from chalicelib.domain.tokens import SigningAlg
from chalicelib.domain.visitors import VisitorUse


class ReturnFlow(StrEnum):
    """What a login brings back: a code, or for clients of old the token itself, in an address.

    A token in an address is seen by histories, logs and every script of the page it lands on.
    """

    CODE = "code"
    TOKEN = "token"  # noqa: S105 - the name of a way, no secret


@dataclass(frozen=True, slots=True)
class Application:
    """A client. Lifetimes are seconds; `payload_seconds` 0 means kept until revoked.

    `payload_schema` is the text of a JSON Schema that payloads have to fit.
    `version` is the ETag of its settings: each change raises it by one.
    `requests_per_minute` is a limit for each session; without one the deployment's default holds.
    """

    workspace: WorkspaceId
    id: AppId
    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...]
    created_at: int
    color: str | None = None
    token_seconds: int = DEFAULT_TOKEN_SECONDS
    payload_seconds: int = 0
    payload_bytes: int = DEFAULT_PAYLOAD_BYTES
    requires_if_match: bool = False
    requests_per_minute: int | None = None
    return_flow: ReturnFlow = ReturnFlow.CODE
    payload_schema: str | None = None
    version: int = 1
    kind: ClientKind = ClientKind.BROWSER
    dpop: DpopUse = DpopUse.ALLOWED
    id_token_alg: SigningAlg = SigningAlg.ES256
    secrets: tuple[ClientSecret, ...] = ()
    visitors: VisitorUse = VisitorUse.OFF

    @property
    def admits_visitors(self) -> bool:
        """Tell whether people may use it without an account, as far as it is up to it."""
        return self.visitors is VisitorUse.ALLOWED

    @property
    def origins(self) -> frozenset[str]:
        """Answer the web origins (RFC 6454) from which its pages may call the API."""
        return origins_of(self.redirect_uris)

    @property
    def home(self) -> str | None:
        """Answer where a person begins to use it, as far as its first redirect URI tells."""
        if self.is_native:
            return None
        return next(iter(origins_of(self.redirect_uris[:1])), None)

    @property
    def carries_tokens(self) -> bool:
        """Tell whether its tokens may travel in addresses."""
        return self.return_flow is ReturnFlow.TOKEN

    def shortened(self, ttl_seconds: int | None) -> int | None:
        """Answer a lifetime that somebody may ask for a new session; raises `InvalidInput`.

        It only shortens: from a minute to what the application gives, where it gives an end.
        """
        longest = self.payload_seconds or MAX_PAYLOAD_SECONDS
        if ttl_seconds is not None and not MIN_LIFETIME <= ttl_seconds <= longest:
            told = f"{MIN_LIFETIME} to {longest} seconds"
            raise InvalidInput(f"ttl_seconds is {told} here.", Fault("/ttl_seconds", told))
        return ttl_seconds

    def hold_bound(self, key: str | None) -> None:
        """Refuse a token that is bound to no key where one is demanded; raises `DpopRequired`."""
        if key is None and self.dpop is DpopUse.REQUIRED:
            raise DpopRequired(
                "This application's tokens have to be bound to a key. Sign in again.",
                error="invalid_token",
            )

    def hold_together(self) -> None:
        """Refuse settings of which one makes the other useless; raises `InvalidInput`."""
        if self.carries_tokens and self.dpop is DpopUse.REQUIRED:
            unbound = "a token in an address is bound to no key"
            raise InvalidInput('With returnFlow "token" leave DPoP out.', Fault("/dpop", unbound))

    @property
    def is_confidential(self) -> bool:
        """Tell whether it keeps a secret, and has to show it (RFC 6749, section 2.1)."""
        return self.kind is ClientKind.SERVER

    @property
    def is_native(self) -> bool:
        """Tell whether it runs on a person's own machine, outside a browser (RFC 8252)."""
        return self.kind is ClientKind.NATIVE

    def returns_to(self, uri: str) -> bool:
        """Tell whether a redirect URI is registered."""
        return is_registered(uri, self.redirect_uris, is_native=self.is_native)

    def returns_after_logout_to(self, uri: str) -> bool:
        """Tell whether a post-logout redirect URI is registered."""
        return is_registered(uri, self.post_logout_uris, is_native=self.is_native)
