"""Cookies: how a browser's sign-in is set, and how it and the surplus are taken away."""

from collections.abc import Mapping

from chalicelib.domain.browsers import SignedOut, cookie_name, surplus
from chalicelib.domain.detours import detour_cookie
from chalicelib.domain.devices import device_cookie_name
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.invites import invite_cookie
from chalicelib.domain.limits import CHALLENGE_SECONDS, DEVICE_SECONDS, SSO_SECONDS, VISITOR_SECONDS
from chalicelib.domain.visitors import visitor_cookie
from chalicelib.services.devices import Mark
from chalicelib.services.entrances import Entered

# Lax, because a person comes to the login from the application's own site by a link.
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"
_DAY = 86_400


def kept(workspace: WorkspaceId, secret: str, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Answer the `Set-Cookie` values of a sign-in, and of those that make room for it."""
    own = f"{cookie_name(workspace)}={secret}; Max-Age={SSO_SECONDS}; {_ATTRIBUTES}"
    return (own, *(_gone(name) for name in surplus(sent, beside=cookie_name(workspace))))


def marked(mark: Mark, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Answer the `Set-Cookie` values by which a browser is known again, and signed in by none."""
    name = device_cookie_name(mark.workspace)
    own = f"{name}={mark.value}; Max-Age={DEVICE_SECONDS}; {_ATTRIBUTES}"
    return (own, *(_gone(other) for other in surplus(sent, beside=name)))


def entered(onward: Entered, sent: Mapping[str, str]) -> tuple[str, ...]:
    """Answer all `Set-Cookie` values of somebody who is let in."""
    return (*kept(onward.workspace, onward.secret, sent), *marked(onward.mark, sent))


def ended(workspace: WorkspaceId) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value that takes one workspace's cookie away."""
    return (_gone(cookie_name(workspace)),)


def signed_out_of(signed_out: SignedOut) -> tuple[str, ...]:
    """Answer the `Set-Cookie` values that take away what a sign-out ends."""
    workspace = signed_out.workspace
    own = ended(workspace) if signed_out.ends_cookie else ()
    return (*own, *(visit_ended(workspace) if signed_out.ends_visit else ()))


def detour_kept(workspace: WorkspaceId, secret: str) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value that knows a browser again that goes to an upstream."""
    own = f"{detour_cookie(workspace)}={secret}; Max-Age={CHALLENGE_SECONDS}; {_ATTRIBUTES}"
    return (own,)


def detour_ended(workspace: WorkspaceId) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value that takes it away."""
    return (_gone(detour_cookie(workspace)),)


def visit_kept(workspace: WorkspaceId, secret: str) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value by which a visitor is known."""
    return (f"{visitor_cookie(workspace)}={secret}; Max-Age={VISITOR_SECONDS}; {_ATTRIBUTES}",)


def visit_ended(workspace: WorkspaceId) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value that takes a visitor's cookie away."""
    return (_gone(visitor_cookie(workspace)),)


def invite_kept(workspace: WorkspaceId, secret: str) -> tuple[str, ...]:
    """Answer the `Set-Cookie` value by which a browser shows an invite, for a day."""
    return (f"{invite_cookie(workspace)}={secret}; Max-Age={_DAY}; {_ATTRIBUTES}",)


def _gone(name: str) -> str:
    return f"{name}=; Max-Age=0; {_ATTRIBUTES}"
