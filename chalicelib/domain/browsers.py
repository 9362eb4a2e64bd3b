"""Browsers: the cookie by which a returning person is known in one workspace."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.ids import WorkspaceId

MAX_COOKIES = 10
_PREFIX = "__Host-sf-"
_NAME = re.compile(r"(__Host-sfk?-)[A-Za-z0-9_-]{3,64}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Where a browser goes after a sign-out, and which of a workspace's cookies it loses."""

    location: str
    workspace: WorkspaceId
    ends_cookie: bool = False
    ends_visit: bool = False


def landing(*, is_signed_out: bool) -> str:
    """Answer where a browser goes that no application wants back; the home page says so there."""
    return "/#signed-out" if is_signed_out else "/"


def cookie_name(workspace: WorkspaceId) -> str:
    """Answer the name of a workspace's cookie; `__Host-` ties it to one origin (RFC 6265bis)."""
    return _PREFIX + workspace


def is_cookie_secret(text: str) -> bool:
    """Tell whether a cookie's value has the form of ours."""
    return _SECRET.fullmatch(text) is not None


def surplus(names: Iterable[str], *, beside: str) -> list[str]:
    """Answer the cookies to expire so that, with this one, ten of its kind remain.

    Browsers send the oldest first (RFC 6265, section 5.4), so the oldest go.
    """
    others = [name for name in names if name != beside and _kind(name) == _kind(beside)]
    return others[: max(0, len(others) - (MAX_COOKIES - 1))]


def _kind(name: str) -> str | None:
    found = _NAME.fullmatch(name)
    return None if found is None else found[1]
