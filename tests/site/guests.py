"""How to reach the screens of those who were invited, or who come without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.site.platform import LOGIN, Platform
from tests.site.walks import opened

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

EMAIL = "nora@lindqvist.se"
SECRET = "sfi_" + "A" * 43
NOTES = {"appId": "notes", "name": "Harbor Notes", "color": "#c2512f"}
WELCOME = {
    "workspace": {"name": "demo"},
    "application": NOTES,
    "email": EMAIL,
    "startAt": "https://app.harbornotes.com",
}


def follow(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{LOGIN}?workspace_name=demo#invite={SECRET}")


def invited(page: Page, platform: Platform) -> None:
    platform.answer("invite", WELCOME)
    follow(page, platform)
    page.get_by_role("heading", name="You are invited to Harbor Notes").wait_for()


def invited_anywhere(page: Page, platform: Platform) -> None:
    platform.answer("invite", {**WELCOME, "application": None, "startAt": None})
    follow(page, platform)
    page.get_by_role("heading", name="You are invited to demo").wait_for()


def invite_over(page: Page, platform: Platform) -> None:
    platform.refuse("invite", 410, "challenge_ended")
    follow(page, platform)
    page.get_by_role("heading", name="This invitation is over").wait_for()


def invited_sign_up(page: Page, platform: Platform) -> None:
    platform.context(invited=EMAIL)
    opened(page, platform)
    page.get_by_role("heading", name="Create your account").wait_for()


GUESTS: dict[str, Callable[[Page, Platform], None]] = {
    walk.__name__: walk for walk in (invited, invited_anywhere, invite_over, invited_sign_up)
}
