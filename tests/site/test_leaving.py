"""Nobody is signed out by a page elsewhere: the person says yes, or nothing is ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site.leaving import ASKED, failed, question, stayed
from tests.site.platform import Platform

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def test_nothing_is_ended_before_a_yes(page: Page, platform: Platform) -> None:
    stayed(page, platform)
    assert platform.asked == []


def test_a_yes_is_sent_with_the_pages_own_words_and_leads_on(
    page: Page, platform: Platform
) -> None:
    platform.answer("sign-out", {"redirectTo": platform.back})
    question(page, platform)
    yes = page.get_by_role("button", name="Sign out")
    expect(yes).to_be_focused()
    yes.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("sign-out") == {"request": ASKED}
    assert [asked.step for asked in platform.asked] == ["sign-out"]


def test_what_failed_can_be_tried_again(page: Page, platform: Platform) -> None:
    failed(page, platform)
    platform.answer("sign-out", {"redirectTo": platform.back})
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(platform.back)


def test_no_answer_runs_code(page: Page, platform: Platform) -> None:
    platform.answer("sign-out", {"redirectTo": "javascript:document.title='run'"})
    question(page, platform)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="This sign-in cannot continue")).to_be_visible()
    assert page.title() != "run"
