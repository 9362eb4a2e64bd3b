"""A forgotten password on the hosted login, from the link to the next sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import walks
from tests.site.walks import PASSWORD, REQUEST

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow


def test_the_whole_way_needs_no_mouse(page: Page, platform: Platform) -> None:
    platform.answer("password/forgot", {"challenge": "ch-1", "email": "mira@lindqvist.se"})
    platform.answer("password/reset", {"changed": True})
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Forgot password?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.keyboard.type("482913")
    expect(page.get_by_label("New password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    email = "mira@lindqvist.se"
    assert platform.last("password/forgot") == {"request": REQUEST, "email": email}
    given = {"challenge": "ch-1", "code": "482913", "password": PASSWORD}
    assert platform.last("password/reset") == {"request": REQUEST, **given}


def test_what_is_missing_is_named_before_anything_is_sent(page: Page, platform: Platform) -> None:
    walks.reset(page, platform)
    page.get_by_label("New password").fill("too short")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter the six digits from the message.")).to_be_visible()
    expect(page.get_by_text("Use 15 characters or more.")).to_be_visible()
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    assert "password/reset" not in [asked.step for asked in platform.asked]


def test_a_wrong_code_keeps_the_password_and_can_be_tried_again(
    page: Page, platform: Platform
) -> None:
    walks.reset_wrong(page, platform)
    expect(page.get_by_label("Six-digit code")).to_have_value("")
    expect(page.get_by_label("New password")).to_have_value(PASSWORD)
    platform.answer("password/reset", {"changed": True})
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed")).to_be_visible()


def test_another_code_brings_another_challenge(page: Page, platform: Platform) -> None:
    walks.reset(page, platform)
    platform.refuse("password/reset", 410, "challenge_ended")
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("That code is no longer valid. Send another one.")).to_be_visible()
    platform.answer("password/forgot", {"challenge": "ch-2", "email": "mira@lindqvist.se"})
    platform.answer("password/reset", {"changed": True})
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("We sent another message.")).to_be_visible()
    page.get_by_label("Six-digit code").press_sequentially("482914")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed")).to_be_visible()
    assert platform.last("password/reset")["challenge"] == "ch-2"


def test_a_refused_password_is_named_and_focused(page: Page, platform: Platform) -> None:
    detail = "Choose another one; this is too common."
    errors = [{"pointer": "/password", "detail": detail}]
    platform.refuse("password/reset", 400, "invalid_input", errors=errors)
    walks.reset(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(detail)).to_be_visible()
    expect(page.get_by_label("New password")).to_be_focused()


def test_one_goes_back_without_a_code(page: Page, platform: Platform) -> None:
    walks.reset(page, platform)
    page.get_by_role("button", name="Back to sign-in").click()
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_whoever_has_to_wait_can_replace_the_password(page: Page, platform: Platform) -> None:
    walks.locked(page, platform)
    platform.answer("password/forgot", {"challenge": "ch-1", "email": "mira@lindqvist.se"})
    page.get_by_role("button", name="Forgot password?").click()
    expect(page.get_by_role("heading", name="Choose a new password")).to_be_visible()
    # Another code that cannot be sent now is no reason to wait with the one that came.
    platform.refuse("password/forgot", 429, "rate_limited", retryAfter=400)
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("Too many tries.")).to_be_visible()
    platform.answer("password/reset", {"changed": True})
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed")).to_be_visible()
