"""Redirect URIs: which may be registered, and what is as good as a registered one."""

import re
from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, urlsplit

from chalicelib.domain.errors import Fault, InvalidInput

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MAX_URI = 2_000
# What an answer adds (RFC 6749, 4.1.2; RFC 9207): twice in one address, it reads in two ways.
_ANSWERS = frozenset({"code", "state", "iss", "error", "error_description"})
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?|\[[0-9a-f:.]+\]")
_PORT = re.compile(r"(?::[0-9]+)?")
# RFC 3986, 3.3 and 3.4, without the asterisk.
_BEHIND = re.compile(r"(?:[A-Za-z0-9._~!$&'()+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
# RFC 8252, 7.1: a domain name of the application's maker in reverse, so never `javascript`.
_PRIVATE = re.compile(r"(?:[a-z][a-z0-9-]*\.)+[a-z0-9-]+:/(?!//)")
_LISTENING = re.compile(
    r"(?P<machine>http://(?:localhost|127\.0\.0\.1|\[::1\]))(?::[0-9]+)?(?P<behind>(?:[/?].*)?)"
)
_OR_PRIVATE = ", or a scheme like com.example.notes"
_OWN_PORTS = {"https": ":443", "http": ":80"}


def redirect_uri_of(text: str, *, is_native: bool = False, pointer: str = "/redirectUri") -> str:
    """Answer the text as a URI that may be registered; raises `InvalidInput` with its pointer.

    Absolute, https (http on loopback only), no user info, fragment or wildcard, printable
    ASCII without backslashes: what two parsers could read in two ways is not registered. A
    native application may also have a scheme of its own (RFC 8252, section 7.1).
    """
    fault = _fault(text, is_native=is_native)
    if fault is not None:
        raise InvalidInput("Use a full https address, with no wildcard.", Fault(pointer, fault))
    return text


def is_registered(uri: str, registered: Collection[str], *, is_native: bool) -> bool:
    """Tell whether a URI is among those registered, compared as a string (RFC 9700, 4.1.3).

    What a native application listens on is http on this machine, with a port that the system
    chose at that moment: there, and nowhere else, any port fits (RFC 8252, section 7.3).
    """
    if uri in registered:
        return True
    wanted = _portless(uri) if is_native and _fault(uri, is_native=True) is None else None
    return wanted is not None and wanted in map(_portless, registered)


def origins_of(uris: Iterable[str]) -> frozenset[str]:
    """Answer the web origins (RFC 6454) of URIs; a private scheme has none."""
    return frozenset(origin_of(uri) for uri in uris if urlsplit(uri).scheme in _OWN_PORTS)


def origin_of(uri: str) -> str:
    """Answer scheme, host and port of a registered URI as browsers write them."""
    parts = urlsplit(uri)
    # Browsers leave the scheme's own port out (RFC 6454, section 6.1).
    own_port = _OWN_PORTS.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(own_port)}"


def host_of(uri: str) -> str:
    """Answer what a person is told they return to: host and port, or a scheme without a host."""
    parts = urlsplit(uri)
    return parts.netloc or parts.scheme


def _fault(text: str, *, is_native: bool) -> str | None:
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
    is_private = is_native and _PRIVATE.match(text) is not None
    # A private scheme may have no host behind it, like com.example.notes:/back.
    if not (is_private and not parts.netloc) and not _is_host(parts.netloc, port):
        return "a host name in lower case"
    if not _BEHIND.fullmatch(f"{parts.path}?{parts.query}") or _has_dots(parts.path):
        return "a path as browsers write it, without . and .. in it"
    if _ANSWERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return "no parameter of an answer, like code or state, in the query"
    is_here = parts.scheme == "http" and (host in _LOOPBACK or host == "::1")
    if parts.scheme == "https" or is_private or is_here:
        return None
    return f"https, or http on this machine{_OR_PRIVATE if is_native else ''}"


def _is_host(netloc: str, port: int | None) -> bool:
    named = _HOST.match(netloc)
    return named is not None and port != 0 and _PORT.fullmatch(netloc[named.end() :]) is not None


def _portless(uri: str) -> str | None:
    found = _LISTENING.fullmatch(uri)
    return None if found is None else f"{found['machine']}{found['behind']}"


def _has_dots(path: str) -> bool:
    # Browsers resolve these before they ask, so that what is compared is not where one goes.
    steps = path.lower().replace("%2e", ".").split("/")
    return "." in steps or ".." in steps
