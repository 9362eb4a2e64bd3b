"""The step after the password on the hosted login: the authenticator, or a recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import walks
from tests.site.walks import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow


def test_the_whole_way_needs_no_mouse(page: Page, platform: Platform) -> None:
    platform.answer("steps/totp", {"redirectTo": platform.back})
    walks.totp(page, platform)
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    page.keyboard.type("482913")
    page.wait_for_url(platform.back)
    given = {"challenge": "ch-2", "code": "482913"}
    assert platform.last("steps/totp") == {"request": REQUEST, **given}


def test_a_wrong_code_is_emptied_and_can_be_tried_again(page: Page, platform: Platform) -> None:
    walks.totp_wrong(page, platform)
    field = page.get_by_label("Six-digit code")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    platform.answer("steps/totp", {"redirectTo": platform.back})
    field.press_sequentially("482913")
    page.wait_for_url(platform.back)


def test_a_recovery_code_serves_by_keyboard_alone(page: Page, platform: Platform) -> None:
    platform.answer("steps/recovery", {"redirectTo": platform.back})
    walks.totp(page, platform)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Use a recovery code")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Recovery code")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter one of your recovery codes.")).to_be_visible()
    page.keyboard.type(" abcde-fghjk ")
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    given = {"challenge": "ch-2", "code": "abcde-fghjk"}
    assert platform.last("steps/recovery") == {"request": REQUEST, **given}


def test_one_finds_the_authenticator_again(page: Page, platform: Platform) -> None:
    walks.recovery(page, platform)
    page.get_by_role("button", name="Use the authenticator").click()
    expect(page.get_by_label("Six-digit code")).to_be_focused()


def test_a_wrong_recovery_code_says_how_many_tries_are_left(page: Page, platform: Platform) -> None:
    platform.refuse("steps/recovery", 403, "signin_refused", triesLeft=1)
    walks.recovery(page, platform)
    page.get_by_label("Recovery code").fill("abcde-fghjk")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is not the code. 1 try left.")).to_be_visible()
    expect(page.get_by_label("Recovery code")).to_be_focused()


def test_a_step_that_took_too_long_starts_again(page: Page, platform: Platform) -> None:
    platform.refuse("steps/totp", 410, "challenge_ended")
    walks.totp(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("That took too long. Sign in again.")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("mira@lindqvist.se")


def test_a_delay_counts_down_and_the_step_stays(page: Page, platform: Platform) -> None:
    platform.refuse("steps/totp", 429, "rate_limited", retryAfter=272)
    walks.totp(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("Too many tries.")).to_be_visible()
    expect(page.get_by_text("You can try again in 4:3")).to_be_visible()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()


def test_a_new_account_may_be_asked_for_more_too(page: Page, platform: Platform) -> None:
    platform.answer("sign-up/verify", {"step": {"kind": "totp", "challenge": "ch-9"}})
    platform.answer("steps/totp", {"redirectTo": platform.back})
    walks.code(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Six-digit code").press_sequentially("482914")
    page.wait_for_url(platform.back)
    assert platform.last("steps/totp")["challenge"] == "ch-9"


def test_a_demanded_authenticator_is_set_up_without_a_mouse(page: Page, platform: Platform) -> None:
    platform.answer("steps/recovery-codes", {"redirectTo": platform.back})
    walks.enrolment(page, platform)
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    expect(page.get_by_label("Six-digit code")).to_be_focused()
    kept = {"kind": "recovery_codes", "challenge": "ch-4", "recoveryCodes": walks.CODES}
    platform.answer("steps/enrolment", {"step": kept})
    page.keyboard.type("482913")
    expect(page.get_by_role("heading", name="Keep your recovery codes")).to_be_visible()
    given = {"challenge": "ch-3", "code": "482913"}
    assert platform.last("steps/enrolment") == {"request": REQUEST, **given}
    assert page.get_by_role("listitem").all_inner_texts() == walks.CODES
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy all codes")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("steps/recovery-codes") == {"request": REQUEST, "challenge": "ch-4"}


def test_the_key_can_be_typed_by_hand_and_the_codes_copied(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    walks.enrolment_by_hand(page, platform)
    expect(page.get_by_text("JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP")).to_be_visible()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == walks.SETUP["secret"]
    walks.recovery_codes(page, platform)
    page.get_by_role("button", name="Copy all codes").click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(walks.CODES)


@pytest.mark.parametrize(("status", "code"), [(410, "challenge_ended"), (409, "write_conflict")])
def test_a_set_up_that_cannot_go_on_starts_again(
    page: Page, platform: Platform, status: int, code: str
) -> None:
    platform.refuse("steps/enrolment", status, code)
    walks.enrolment(page, platform)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("That took too long. Sign in again.")).to_be_visible()
