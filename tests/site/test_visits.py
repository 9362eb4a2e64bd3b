"""Visits as people meet them: without an account, with one added, or taken along into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import guests
from tests.site.guests import EMAIL
from tests.site.platform import Platform
from tests.site.walks import PASSWORD, REQUEST, opened, type_code

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def test_somebody_goes_on_without_an_account(page: Page, platform: Platform) -> None:
    platform.answer("visit", {"redirectTo": platform.back})
    guests.visit_offered(page, platform)
    page.get_by_role("button", name="Continue without an account").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("visit") == {"request": REQUEST}


def test_where_none_are_allowed_nothing_is_offered(page: Page, platform: Platform) -> None:
    opened(page, platform)
    expect(page.get_by_label("Email")).to_be_visible()
    expect(page.get_by_text("without an account")).to_have_count(0)


def test_a_visitor_goes_on_with_one_key(page: Page, platform: Platform) -> None:
    platform.answer("visit", {"redirectTo": platform.back})
    guests.visiting(page, platform)
    expect(page.get_by_role("button", name="Continue as visitor")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)


def test_a_visitor_adds_an_account_by_keyboard(page: Page, platform: Platform) -> None:
    platform.answer("visit/confirm", {"redirectTo": platform.back})
    guests.visiting(page, platform)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add an account")).to_be_focused()
    platform.answer("visit/upgrade", {"challenge": "up-1", "email": EMAIL})
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    type_code(page, "482913")
    page.wait_for_url(platform.back)
    asked = platform.last("visit/upgrade")
    assert asked == {"request": REQUEST, "email": EMAIL, "password": PASSWORD}
    confirmed = platform.last("visit/confirm")
    assert (confirmed["challenge"], confirmed["code"]) == ("up-1", "482913")


def test_an_application_may_want_an_account(page: Page, platform: Platform) -> None:
    platform.context(visit="continued", prompt="create")
    opened(page, platform)
    expect(page.get_by_role("heading", name="Keep your data")).to_be_visible()
    guests.visit_kept(page, platform)
    expect(page.get_by_role("button", name="Continue as visitor")).to_have_count(0)
    page.get_by_role("button", name="Add an account").click()
    expect(page.get_by_label("Email")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in to Harbor Notes")).to_be_visible()


def test_a_visitor_is_sent_another_code(page: Page, platform: Platform) -> None:
    platform.answer("visit/resend", {"challenge": "up-2"})
    platform.answer("visit/confirm", {"redirectTo": platform.back})
    guests.upgrade_code(page, platform)
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("We sent another message.")).to_be_visible()
    assert platform.last("visit/resend") == {"request": REQUEST, "challenge": "up-1"}
    type_code(page, "482913")
    page.wait_for_url(platform.back)
    assert platform.last("visit/confirm")["challenge"] == "up-2"


def test_a_visit_that_ended_while_the_code_was_on_its_way_says_so(
    page: Page, platform: Platform
) -> None:
    platform.refuse("visit/resend", 401, "token_missing")
    guests.upgrade_code(page, platform)
    page.get_by_role("button", name="Send another").click()
    expect(page.get_by_text("This visit has ended.")).to_be_visible()


def test_at_ones_own_account_nothing_is_said_of_an_application(
    page: Page, platform: Platform
) -> None:
    guests.visit_kept_at_home(page, platform)
    expect(page.get_by_text("You are here without an account. Add one")).to_be_visible()
    expect(page.get_by_text("wants you to have")).to_have_count(0)


def test_what_a_visitor_has_is_deleted_after_a_second_word(page: Page, platform: Platform) -> None:
    platform.answer("visit/erase", {"erased": True})
    guests.erasing(page, platform)
    # Whoever presses Enter by habit keeps everything.
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Continue as visitor")).to_be_focused()
    page.get_by_role("button", name="Delete what I have here").click()
    assert [asked.step for asked in platform.asked] == ["context"]
    platform.context(visit="offered")
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_role("button", name="Continue without an account")).to_be_visible()
    assert platform.last("visit/erase") == {"request": REQUEST}


def test_a_visitor_who_is_held_is_told(page: Page, platform: Platform) -> None:
    guests.erasing(page, platform)
    platform.refuse("visit/erase", 409, "erasure_refused", detail="A legal hold lies on this.")
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_text("A legal hold lies on this.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete it for good")).to_be_enabled()


def test_a_visit_that_has_ended_says_so(page: Page, platform: Platform) -> None:
    guests.upgrade(page, platform)
    platform.refuse("visit/upgrade", 401, "token_missing")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("This visit has ended.")).to_be_visible()


def test_what_was_begun_goes_along_and_then_one_is_in(page: Page, platform: Platform) -> None:
    platform.answer("POST sessions/copies", {"copied": ["Harbor Notes"]})
    platform.answer("steps/visitor", {"redirectTo": platform.back})
    guests.choice(page, platform)
    expect(page.get_by_role("button", name="Add it to my account")).to_be_focused()
    expect(page.get_by_text("Harbor Tasks")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("POST sessions/copies") == {"request": REQUEST, "challenge": "vi-1"}
    assert [asked.step for asked in platform.asked][-2:] == [
        "POST sessions/copies",
        "steps/visitor",
    ]


def test_it_can_be_left_for_later(page: Page, platform: Platform) -> None:
    platform.answer("steps/visitor", {"redirectTo": platform.back})
    guests.choice(page, platform)
    page.get_by_role("button", name="Leave it for now").click()
    page.wait_for_url(platform.back)
    assert "POST sessions/copies" not in [asked.step for asked in platform.asked]


def test_where_nothing_is_new_nothing_is_deleted_by_one_key(page: Page, platform: Platform) -> None:
    platform.answer("steps/visitor", {"redirectTo": platform.back})
    platform.answer("POST sessions/copies", {"copied": []})
    guests.choice_kept(page, platform)
    expect(page.get_by_role("button", name="Leave it for now")).to_be_focused()
    expect(page.get_by_role("button", name="Add it to my account")).to_have_count(0)
    page.get_by_role("button", name="Delete what I began here").click()
    page.wait_for_url(platform.back)
    assert platform.last("POST sessions/copies")["challenge"] == "vi-1"


def test_what_does_not_fit_leaves_everything_as_it_is(page: Page, platform: Platform) -> None:
    platform.answer("steps/visitor", {"redirectTo": platform.back})
    guests.choice_refused(page, platform)
    page.get_by_role("button", name="Leave it for now").click()
    page.wait_for_url(platform.back)


def test_a_choice_that_took_too_long_begins_again(page: Page, platform: Platform) -> None:
    platform.refuse("POST sessions/copies", 410, "challenge_ended")
    guests.choice(page, platform)
    page.keyboard.press("Enter")
    expect(page.get_by_text("That took too long.")).to_be_visible()
