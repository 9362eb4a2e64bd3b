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


def blocks_cookies(page: Page) -> None:
    """Like a browser whose person wants none."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setDocumentCookieDisabled", {"disabled": True})


def _blocked(path: str) -> Callable[[Page, Platform], None]:
    def walk(page: Page, platform: Platform) -> None:
        blocks_cookies(page)
        page.goto(f"{platform.origin}{path}")
        page.get_by_role("heading", name="Your browser blocks cookies for this site").wait_for()

    return walk


def not_kept(page: Page, platform: Platform) -> None:
    platform.refuse("POST self/member-token", 401, "token_missing")
    page.goto(f"{platform.origin}/app/self/?workspace=demo")
    page.wait_for_url(f"**{LOGIN}?*")
    page.goto(f"{platform.origin}/app/self/?workspace=demo")
    page.get_by_role("heading", name="You are not signed in").wait_for()


BLOCKED: dict[str, str] = {
    "account": "/app/self/?workspace=demo",
    "login": f"{LOGIN}?workspace_name=demo&client_id=dashboard",
    "device": "/app/device/?workspace=demo",
    "device_login": f"{LOGIN}?workspace_name=demo&device=d-1&user_code=WDJB-MJHT",
    "invite": f"{LOGIN}?workspace_name=demo#invite=sfi_{'A' * 43}",
}
DEAD_ENDS: dict[str, Callable[[Page, Platform], None]] = {
    **{f"refused_{reason}": _reached(reason) for reason in Reason},
    **{f"cookies_{name}": _blocked(path) for name, path in BLOCKED.items()},
    "account_not_kept": not_kept,
}
