"""Cookies: how a browser's sign-in is set, and how it and the surplus are taken away."""

from collections.abc import Mapping

from chalicelib.domain.browsers import cookie_name, surplus
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.limits import SSO_SECONDS

# Lax, because a person comes to the login from the application's own site by a link.
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"


def kept(workspace: WorkspaceId, secret: str, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Answer the `Set-Cookie` values of a sign-in, and of those that make room for it."""
    own = f"{cookie_name(workspace)}={secret}; Max-Age={SSO_SECONDS}; {_ATTRIBUTES}"
    return (own, *(_gone(name) for name in surplus(sent, beside=workspace)))


def ended(workspace: WorkspaceId) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value that takes one workspace's cookie away."""
    return (_gone(cookie_name(workspace)),)


def _gone(name: str) -> str:
    return f"{name}=; Max-Age=0; {_ATTRIBUTES}"
