"""Agents: what a browser says of itself, told in words of ours and in no others."""

import ipaddress
from collections.abc import Sequence

# The first that fits: nearly every browser also names those that it descends from.
_BROWSERS = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("chromium", "Chrome"),
    ("safari", "Safari"),
)
_PROGRAMS = (
    ("curl/", "curl"),
    ("python", "Python"),
    ("okhttp", "Java"),
    ("java", "Java"),
    ("go-http-client", "Go"),
    ("node", "Node.js"),
    ("undici", "Node.js"),
    ("dart", "Dart"),
    ("dotnet", ".NET"),
)
_SYSTEMS = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("mac os", "Mac"),
    ("cros", "ChromeOS"),
    ("linux", "Linux"),
)
SOME_BROWSER = "A browser"
_MOST = 1_000  # characters that are looked at


def browser_of(agent: str) -> str:
    """Answer the family of a browser and its system, like `Firefox on Windows`."""
    return _family_of(agent, _BROWSERS, other=SOME_BROWSER)


def program_of(agent: str) -> str:
    """Answer what a program without a browser is made with, like `Python on Linux`."""
    return _family_of(agent, _PROGRAMS, other="A program")


def network_of(ip: str) -> str | None:
    """Answer the beginning of a network address: who reads it knows the region, not the house."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if address.version == 4:  # noqa: PLR2004 - the protocol's own number
        return ".".join(str(address).split(".")[:2])
    return ":".join(address.exploded.split(":")[:2])


def _family_of(agent: str, families: Sequence[tuple[str, str]], *, other: str) -> str:
    told = agent[:_MOST].casefold()
    family = next((word for mark, word in families if mark in told), other)
    system = next((word for mark, word in _SYSTEMS if mark in told), None)
    return family if system is None else f"{family} on {system}"
