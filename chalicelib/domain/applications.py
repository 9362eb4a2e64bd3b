"""Applications: registered clients of a workspace and where they may send people back to."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from chalicelib.domain.errors import Fault, InvalidInput
from chalicelib.domain.ids import AppId, WorkspaceId
from chalicelib.domain.limits import (
    DEFAULT_PAYLOAD_BYTES,
    DEFAULT_TOKEN_SECONDS,
    MAX_PAYLOAD_SECONDS,
    MIN_LIFETIME,
)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MAX_URI = 2_000
# What an answer adds (RFC 6749, 4.1.2; RFC 9207): twice in one address, it reads in two ways.
_ANSWERS = frozenset({"code", "state", "iss", "error", "error_description"})
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?|\[[0-9a-f:.]+\]")
_PORT = re.compile(r"(?::[0-9]+)?")
# RFC 3986, 3.3 and 3.4, without the asterisk.
_BEHIND = re.compile(r"(?:[A-Za-z0-9._~!$&'()+,;=:@/?-]|%[0-9A-Fa-f]{2})*")


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

    @property
    def origins(self) -> frozenset[str]:
        """Answer the web origins (RFC 6454) from which its pages may call the API."""
        return frozenset(origin_of(uri) for uri in self.redirect_uris)

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

    def returns_to(self, uri: str) -> bool:
        """Tell whether a redirect URI is registered, compared as a string (RFC 9700, 4.1.3)."""
        return uri in self.redirect_uris

    def returns_after_logout_to(self, uri: str) -> bool:
        """Tell whether a post-logout redirect URI is registered, compared as a string."""
        return uri in self.post_logout_uris


def redirect_uri_of(text: str) -> str:
    """Answer the text as a URI that may be registered; raises `InvalidInput`.

    Absolute, https (http on loopback only), no user info, fragment or wildcard, printable
    ASCII without backslashes: what two parsers could read in two ways is not registered.
    """
    fault = _fault(text)
    if fault is not None:
        raise InvalidInput(
            "Use a full https address, with no wildcard.", Fault("/redirectUris", fault)
        )
    return text


def origin_of(uri: str) -> str:
    """Answer scheme, host and port of a registered URI as browsers write them."""
    parts = urlsplit(uri)
    # Browsers leave the scheme's own port out (RFC 6454, section 6.1).
    own_port = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(own_port)}"


def host_of(uri: str) -> str:
    """Answer host and port of a registered URI: what a person is told they return to."""
    return urlsplit(uri).netloc


def _fault(text: str) -> str | None:
    if len(text) > _MAX_URI or not text.isascii() or not text.isprintable() or " " in text:
        return "only printable ASCII characters, 2,000 at most"
    if any(char in text for char in "\\*#"):
        return "no backslash, wildcard or fragment"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "not an address"
    host = parts.hostname or ""
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        return "no user name or password"
    named = _HOST.match(parts.netloc)
    if named is None or port == 0 or _PORT.fullmatch(parts.netloc[named.end() :]) is None:
        return "a host name in lower case"
    if not _BEHIND.fullmatch(f"{parts.path}?{parts.query}") or _has_dots(parts.path):
        return "a path as browsers write it, without . and .. in it"
    if _ANSWERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return "no parameter of an answer, like code or state, in the query"
    if parts.scheme == "https":
        return None
    if parts.scheme == "http" and (host in _LOOPBACK or host == "::1"):
        return None
    return "https, or http on this machine"


def _has_dots(path: str) -> bool:
    # Browsers resolve these before they ask, so that what is compared is not where one goes.
    steps = path.lower().replace("%2e", ".").split("/")
    return "." in steps or ".." in steps
