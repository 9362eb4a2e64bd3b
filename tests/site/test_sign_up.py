"""Creating an account on the hosted login, from the first field to the typed code."""

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
    platform.answer("sign-up", {"challenge": "ch-1", "email": "new@lindqvist.se"})
    platform.answer("sign-up/verify", {"redirectTo": platform.back})
    keys = page.keyboard
    walks.email(page, platform)
    expect(page.get_by_label("Email")).to_be_focused()
    for _ in range(3):
        keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    keys.type("Mira")
    keys.press("Tab")
    keys.type("new@lindqvist.se")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Tab")
    expect(page.get_by_role("button", name="Show password")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    keys.type("482913")
    page.wait_for_url(platform.back)
    fields = {"email": "new@lindqvist.se", "password": PASSWORD, "name": "Mira"}
    assert platform.last("sign-up") == {"request": REQUEST, **fields}
    verify = {"request": REQUEST, "challenge": "ch-1", "code": "482913"}
    assert platform.last("sign-up/verify") == verify


def test_the_length_line_speaks_of_length_only(page: Page, platform: Platform) -> None:
    walks.sign_up(page, platform)
    expect(page.get_by_text("15 characters or more, and not a common one.")).to_be_visible()
    field = page.get_by_label("Password", exact=True)
    field.fill("🔒 fourteen .....")
    expect(page.get_by_text("16 characters, long enough.")).to_be_visible()
    field.fill("a" * 14)
    expect(page.get_by_text("14 of 15 characters.")).to_be_visible()
    field.fill("a" * 257)
    page.get_by_label("Email").fill("new@lindqvist.se")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("Use at most 256 characters.")).to_be_visible()
    assert "sign-up" not in {asked.step for asked in platform.asked}


@pytest.mark.parametrize(("pointer", "label"), [("/password", "Password"), ("/email", "Email")])
def test_a_refused_field_is_named_and_focused(
    page: Page, platform: Platform, pointer: str, label: str
) -> None:
    detail = "Choose another one; this is too common."
    errors = [{"pointer": pointer, "detail": detail}]
    platform.refuse("sign-up", 400, "invalid_input", errors=errors)
    walks.sign_up(page, platform)
    page.get_by_label("Email").fill("new@lindqvist.se")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(detail)).to_be_visible()
    expect(page.get_by_label(label, exact=True)).to_be_focused()


def test_a_wrong_code_is_emptied_and_can_be_tried_again(page: Page, platform: Platform) -> None:
    walks.code_wrong(page, platform)
    field = page.get_by_label("Six-digit code")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    platform.answer("sign-up/verify", {"redirectTo": platform.back})
    field.fill("482 913")
    page.wait_for_url(platform.back)
    assert platform.last("sign-up/verify")["code"] == "482913"


def test_another_code_brings_another_challenge(page: Page, platform: Platform) -> None:
    walks.code(page, platform)
    platform.answer("sign-up/resend", {"challenge": "ch-2"})
    platform.answer("sign-up/verify", {"redirectTo": platform.back})
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("We sent another message.")).to_be_visible()
    assert platform.last("sign-up/resend") == {"request": REQUEST, "challenge": "ch-1"}
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.wait_for_url(platform.back)
    assert platform.last("sign-up/verify")["challenge"] == "ch-2"


def test_an_ended_challenge_starts_the_sign_up_again(page: Page, platform: Platform) -> None:
    walks.code(page, platform)
    ended = "This code is no longer valid. Start again to get a new one."
    platform.refuse("sign-up/verify", 410, "challenge_ended", detail=ended)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text(ended)).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("new@lindqvist.se")


def test_a_closed_workspace_offers_no_account(page: Page, platform: Platform) -> None:
    platform.context(signUp=False, prompt="create")
    walks.email(page, platform)
    expect(page.get_by_text("Create an account")).to_have_count(0)


def test_a_message_that_cannot_be_sent_again_keeps_no_code_waiting(
    page: Page, platform: Platform
) -> None:
    walks.code(page, platform)
    platform.refuse("sign-up/resend", 429, "rate_limited", retryAfter=400)
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("Too many tries.")).to_be_visible()
    platform.answer("sign-up/verify", {"redirectTo": platform.back})
    page.get_by_label("Six-digit code").press_sequentially("482913")
    page.wait_for_url(platform.back)
