"""Agents: what a browser says of itself, told in words of ours and in no others."""

import ipaddress

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
    told = agent[:_MOST].casefold()
    browser = next((word for mark, word in _BROWSERS if mark in told), SOME_BROWSER)
    system = next((word for mark, word in _SYSTEMS if mark in told), None)
    return browser if system is None else f"{browser} on {system}"


def network_of(ip: str) -> str | None:
    """Answer the beginning of a network address: who reads it knows the region, not the house."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if address.version == 4:  # noqa: PLR2004 - the protocol's own number
        return ".".join(str(address).split(".")[:2])
    return ":".join(address.exploded.split(":")[:2])
