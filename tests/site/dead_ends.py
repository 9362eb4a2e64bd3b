"""How to reach the pages that a person meets instead of a problem document."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from chalicelib.api.error_page import Reason
from tests.site.platform import LOGIN, Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

REQUEST_ID = "7d3b0d1c-6b1c-4c4e-9a52-1f0c7c1d2e3f"
TITLES = {
    Reason.INVALID_REQUEST: "This sign-in cannot continue",
    Reason.NOT_BEGUN_HERE: "This sign-in cannot continue",
    Reason.NOT_FOUND: "This address leads nowhere",
    Reason.NOT_REGISTERED: "This sign-in cannot continue",
    Reason.NOT_SIGNED_OUT: "You are not signed out",
    Reason.UNAVAILABLE: "Something failed on our side",
    Reason.WORKSPACE_SEALED: "Nobody can sign in at the moment",
}


def address(reason: str, request_id: str = REQUEST_ID) -> str:
    return f"{LOGIN}?{urlencode({'error': reason, 'request_id': request_id})}"


def _reached(reason: Reason) -> Callable[[Page, Platform], None]:
    def walk(page: Page, platform: Platform) -> None:
        page.goto("about:blank")
        page.goto(f"{platform.origin}{address(reason)}")
        page.get_by_role("heading", name=TITLES[reason]).wait_for()
        if page.get_by_text("For the developer").count() == 1:
            page.get_by_text("For the developer").click()

    return walk


DEAD_ENDS: dict[str, Callable[[Page, Platform], None]] = {
    f"refused_{reason}": _reached(reason) for reason in Reason
}
