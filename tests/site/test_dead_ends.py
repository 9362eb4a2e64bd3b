"""The page that a person meets instead of a problem document: its words are ours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from chalicelib.api.error_page import Reason
from tests.site import homes, walks
from tests.site.dead_ends import (
    BLOCKED,
    DEAD_ENDS,
    REQUEST_ID,
    TITLES,
    address,
    blocks_cookies,
    not_kept,
)
from tests.site.platform import LOGIN, Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_to_do_and_asks_the_platform_nothing(
    page: Page, platform: Platform, reason: Reason
) -> None:
    page.goto(f"{platform.origin}{address(reason)}")
    expect(page.get_by_role("heading", name=TITLES[reason])).to_be_focused()
    expect(page.locator(".advice")).not_to_be_empty()
    expect(page.get_by_text(REQUEST_ID)).to_be_visible()
    assert page.get_by_role("link").count() == 0
    assert platform.asked == []


def test_the_way_back_is_the_browsers_own(page: Page, platform: Platform) -> None:
    page.goto(platform.back)
    page.goto(f"{platform.origin}{address(Reason.NOT_BEGUN_HERE)}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Go back")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)


def test_where_nothing_came_before_no_way_back_is_offered(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}/returned")
    with page.expect_popup() as opened:
        page.evaluate(
            "address => void window.open(address)",
            f"{platform.origin}{address(Reason.NOT_SIGNED_OUT)}",
        )
    tab = opened.value
    expect(tab.get_by_role("heading", name="You are not signed out")).to_be_visible()
    assert tab.get_by_role("button", name="Go back").count() == 0


def test_a_request_id_is_copied(open_page: Callable[..., Page], platform: Platform) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{platform.origin}{address(Reason.UNAVAILABLE)}")
    page.get_by_role("button", name="Copy request id").click()
    expect(page.get_by_text("Copied.")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == REQUEST_ID


@pytest.mark.parametrize("page_name", BLOCKED)
def test_where_cookies_are_blocked_it_says_so_and_stops(
    page: Page, platform: Platform, page_name: str
) -> None:
    DEAD_ENDS[f"cookies_{page_name}"](page, platform)
    expect(page.get_by_role("heading")).to_be_focused()
    expect(page.get_by_text("Allow cookies for localhost")).to_be_visible()
    assert platform.asked == []
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Your browser blocks cookies")).to_be_visible()
    assert platform.asked == []


def test_a_sign_in_that_was_not_kept_is_not_asked_for_again_by_itself(
    page: Page, platform: Platform
) -> None:
    not_kept(page, platform)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{LOGIN}?*")
    homes.home(platform)
    homes.at_home(page, platform)
    # Whoever was in and is out again is led to the sign-in as ever.
    platform.refuse("POST self/member-token", 401, "token_missing")
    page.reload()
    page.wait_for_url(f"**{LOGIN}?*")


def test_no_cookie_is_left_of_the_question(page: Page, platform: Platform) -> None:
    homes.home(platform)
    homes.at_home(page, platform)
    assert page.context.cookies() == []


def test_an_application_is_signed_in_to_without_cookies(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    blocks_cookies(page)
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(walks.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)


def test_what_needs_a_cookie_is_not_begun_without(page: Page, platform: Platform) -> None:
    platform.context(providers=walks.OFFERS, visit="offered")
    blocks_cookies(page)
    walks.opened(page, platform)
    for name in ("Continue with Google", "Continue without an account"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("alert")).to_contain_text("Your browser blocks cookies")
    assert not {asked.step for asked in platform.asked} & {"sso", "visit"}


@pytest.mark.parametrize(
    "query",
    [
        {"error": "call 555-0100 to unlock"},
        {"error": "__proto__", "error_description": "call 555-0100"},
        {"error": "constructor", "request_id": "call 555-0100 and tell them your password"},
        {"error": "<img src=x onerror=alert(1)>", "request_id": "<img src=x onerror=alert(1)>"},
        {"error": ["not_found", "555-0100"], "request_id": "555-0100"},
    ],
    ids=range(5),
)
def test_an_address_cannot_make_the_page_say_anything(
    page: Page, platform: Platform, query: dict[str, str]
) -> None:
    page.goto(f"{platform.origin}{LOGIN}?{urlencode(query, doseq=True)}")
    expect(page.get_by_role("heading", name="This sign-in cannot continue")).to_be_visible()
    text = page.locator("body").inner_text()
    assert "555" not in text
    assert "<" not in text
    assert page.locator("img").count() == 0
    assert platform.asked == []
