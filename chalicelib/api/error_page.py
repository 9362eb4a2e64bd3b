"""Error page: where a person's browser goes on that a route would not send any further."""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from chalicelib.api.problems import STATUS
from chalicelib.domain.denials import RateLimited
from chalicelib.domain.errors import (
    DomainError,
    KeyUnavailable,
    NotFound,
    Unbegun,
    Unregistered,
    WorkspaceSealed,
)
from chalicelib.domain.oidc import LOGIN_PAGE

VARY = "Origin, Accept, Sec-Fetch-Mode"
_SERVER_ERROR = 500
_SIGN_OUT = "/logout"


class Reason(StrEnum):
    """What the page is told: one of these words, so that no link makes it say anything else."""

    INVALID_REQUEST = "invalid_request"
    NOT_BEGUN_HERE = "not_begun_here"
    NOT_FOUND = "not_found"
    NOT_REGISTERED = "redirect_uri_not_registered"
    NOT_SIGNED_OUT = "not_signed_out"
    UNAVAILABLE = "temporarily_unavailable"
    WORKSPACE_SEALED = "workspace_sealed"


def navigates(headers: Mapping[str, str]) -> bool:
    """Answer whether a browser goes there for a person to see what comes of it.

    Browsers say so themselves, and no page's script can say it for them (Fetch Metadata). Of one
    that does not say it, what it asks for decides: whoever names JSON reads a problem document.
    """
    mode = headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    ranges = (headers.get("accept") or "").lower().split(",")
    media_types = {each.partition(";")[0].strip() for each in ranges}
    return "text/html" in media_types and not any(each.endswith("json") for each in media_types)


def address_of(error: DomainError, *, route: str, request_id: str) -> str:
    """Answer the page's address, which holds nothing of the request and nothing of a sentence."""
    shown = {"error": _reason(error, is_sign_out=route.endswith(_SIGN_OUT)).value}
    if request_id:
        shown["request_id"] = request_id
    return f"{LOGIN_PAGE}?{urlencode(shown)}"


def _reason(error: DomainError, *, is_sign_out: bool) -> Reason:
    if STATUS[error.code][0] >= _SERVER_ERROR or isinstance(error, RateLimited):
        return Reason.UNAVAILABLE
    if is_sign_out:
        # Who wanted to leave has to know above all that they did not.
        return Reason.NOT_SIGNED_OUT
    match error:
        case Unbegun():
            return Reason.NOT_BEGUN_HERE
        case Unregistered():
            return Reason.NOT_REGISTERED
        case NotFound():
            return Reason.NOT_FOUND
        case WorkspaceSealed() | KeyUnavailable():
            return Reason.WORKSPACE_SEALED
        case _:
            return Reason.INVALID_REQUEST
