"""How to reach the screens of those who were invited, or who come without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.site.platform import LOGIN, Platform
from tests.site.walks import PASSWORD, opened, password, type_code

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def visit_offered(page: Page, platform: Platform) -> None:
    platform.context(visit="offered")
    opened(page, platform)
    page.get_by_role("button", name="Continue without an account").wait_for()


def visiting(page: Page, platform: Platform) -> None:
    platform.context(visit="continued")
    opened(page, platform)
    page.get_by_role("button", name="Continue as visitor").wait_for()


def visit_kept(page: Page, platform: Platform) -> None:
    platform.context(visit="kept")
    opened(page, platform)
    page.get_by_role("heading", name="Keep your data").wait_for()


def visit_kept_at_home(page: Page, platform: Platform) -> None:
    home = {"appId": "_dashboard", "name": "Demo", "color": None}
    platform.context(visit="kept", application=home)
    opened(page, platform)
    page.get_by_role("heading", name="Keep your data").wait_for()


def code_of_invite_over(page: Page, platform: Platform) -> None:
    over = "This invitation was used, taken back, or is over. Ask whoever invited you."
    platform.refuse("sign-up/verify", 410, "challenge_ended", detail=over)
    platform.answer("sign-up", {"challenge": "ch-1", "email": EMAIL})
    invited_sign_up(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    type_code(page, "482913")
    page.get_by_text(over).wait_for()


def erasing(page: Page, platform: Platform) -> None:
    visiting(page, platform)
    page.get_by_role("button", name="Delete what I have here").click()
    page.get_by_role("heading", name="Delete your data?").wait_for()


def upgrade(page: Page, platform: Platform) -> None:
    platform.answer("visit/upgrade", {"challenge": "up-1", "email": EMAIL})
    visiting(page, platform)
    page.get_by_role("button", name="Add an account").click()
    page.get_by_role("heading", name="Keep your data").wait_for()


def upgrade_code(page: Page, platform: Platform) -> None:
    upgrade(page, platform)
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your email").wait_for()


def choice(
    page: Page,
    platform: Platform,
    new: Sequence[str] = ("Harbor Notes",),
    kept: Sequence[str] = ("Harbor Tasks",),
) -> None:
    step = {"kind": "visitor", "challenge": "vi-1", "new": [*new], "kept": [*kept]}
    platform.answer("sign-in", {"step": step})
    password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Keep what you began?").wait_for()


def choice_kept(page: Page, platform: Platform) -> None:
    choice(page, platform, new=())


def choice_refused(page: Page, platform: Platform) -> None:
    platform.refuse("POST sessions/copies", 429, "session_quota")
    choice(page, platform)
    page.get_by_role("button", name="Add it to my account").click()
    page.get_by_text("Nothing was deleted").wait_for()


GUESTS: dict[str, Callable[[Page, Platform], None]] = {
    walk.__name__: walk
    for walk in (
        invited,
        invited_anywhere,
        invite_over,
        invited_sign_up,
        visit_offered,
        visiting,
        visit_kept,
        visit_kept_at_home,
        code_of_invite_over,
        erasing,
        upgrade,
        upgrade_code,
        choice,
        choice_kept,
        choice_refused,
    )
}
