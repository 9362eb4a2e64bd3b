"""How to reach the page on which a person says whether to be signed out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.site.platform import LOGIN, Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ASKED = {"workspace_name": "demo", "sign_out": "asked", "client_id": "c7f3b2a1", "state": "bye"}


def question(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{LOGIN}?{urlencode(ASKED)}")
    page.get_by_role("heading", name="Sign out of demo?").wait_for()


def stayed(page: Page, platform: Platform) -> None:
    question(page, platform)
    page.get_by_role("button", name="Stay signed in").click()
    page.get_by_role("heading", name="You are still signed in").wait_for()


def failed(page: Page, platform: Platform) -> None:
    platform.refuse("sign-out", 503, "store_unavailable", detail="Try again in a moment.")
    question(page, platform)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("Try again in a moment.").wait_for()


LEAVING: dict[str, Callable[[Page, Platform], None]] = {
    "sign_out": question,
    "sign_out_stayed": stayed,
    "sign_out_failed": failed,
}
