"""The page on which a person lets a device in, as they meet it, under the real headers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.site import waiting
from tests.site.platform import LOGIN
from tests.site.waiting import CODE, NAME, PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow


def query_of(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_device_is_let_in_without_a_mouse(page: Page, platform: Platform) -> None:
    platform.answer("device/look-up", waiting.waiting())
    platform.answer("device/decide", {"approved": True})
    waiting.opened(page, platform)
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    page.keyboard.type("wdjb-mjht")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="Let Harbor CLI in?")
    expect(heading).to_be_focused()
    looked, *none = platform.asked
    assert (looked.step, looked.body) == (
        "device/look-up",
        {"workspaceName": "demo", "userCode": "wdjb-mjht"},
    )
    assert (looked.headers["X-SecureFlows"], looked.headers["Origin"]) == ("1", platform.origin)
    assert none == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Let it in as Mira Lindqvist")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your device is connected")).to_be_focused()
    decided = {"workspaceName": "demo", "device": NAME, "userCode": CODE, "approve": True}
    assert platform.last("device/decide") == decided


def test_a_person_sees_what_waits_before_they_decide(page: Page, platform: Platform) -> None:
    waiting.asked(page, platform)
    facts = page.get_by_role("definition")
    expect(facts).to_have_text(
        [CODE, "Python on Linux", "a network that begins with 203.0", "2 minutes ago"]
    )
    expect(page.get_by_text("mira@lindqvist.se")).to_be_visible()
    expect(page.get_by_text("would reach your data at Demo Works as you")).to_be_visible()


def test_a_link_with_the_code_in_it_asks_for_nothing_by_itself(
    page: Page, platform: Platform
) -> None:
    platform.answer("device/look-up", waiting.waiting())
    waiting.with_code(page, platform)
    expect(page.get_by_role("textbox", name="Code")).to_have_value(CODE)
    assert platform.asked == []
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Let Harbor CLI in?")).to_be_visible()
    assert [one.step for one in platform.asked] == ["device/look-up"]


def test_a_device_is_refused(page: Page, platform: Platform) -> None:
    waiting.refused(page, platform)
    assert platform.last("device/decide")["approve"] is False
    assert page.url == f"{platform.origin}{PAGE}"


def test_who_is_not_signed_in_does_so_and_is_asked_again(page: Page, platform: Platform) -> None:
    waiting.asked_of_nobody(page, platform)
    expect(page.get_by_role("button", name="Do not let it in")).to_have_count(0)
    page.get_by_role("button", name="Sign in to decide").click()
    page.wait_for_url(f"**{LOGIN}*")
    assert query_of(page) == {"workspace_name": "demo", "device": NAME, "user_code": CODE}
    platform.answer("device/context", waiting.waiting())
    page.go_back()
    expect(page.get_by_role("heading", name="Let Harbor CLI in?")).to_be_visible()
    known = {"workspaceName": "demo", "device": NAME, "userCode": CODE}
    assert platform.last("device/context") == known
    assert [one.step for one in platform.asked].count("device/decide") == 0


def test_whoever_comes_back_from_the_sign_in_still_decides(page: Page, platform: Platform) -> None:
    waiting.back(page, platform)
    assert [one.step for one in platform.asked] == ["device/context"]
    expect(page.get_by_role("button", name="Let it in as Mira Lindqvist")).to_be_visible()


def test_somebody_else_may_sign_in(page: Page, platform: Platform) -> None:
    waiting.asked(page, platform)
    page.get_by_role("button", name="Use another account").click()
    page.wait_for_url(f"**{LOGIN}*")
    assert query_of(page)["prompt"] == "login"


def test_a_sign_in_that_ended_meanwhile_is_said(page: Page, platform: Platform) -> None:
    waiting.signed_out(page, platform)
    expect(page.get_by_role("button", name="Sign in to decide")).to_be_visible()


def test_what_is_over_leads_to_another_code(page: Page, platform: Platform) -> None:
    waiting.over(page, platform)
    page.get_by_role("button", name="Type another code").click()
    expect(page.get_by_role("textbox", name="Code")).to_have_value("")
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    assert page.url == f"{platform.origin}{PAGE}"


def test_a_way_back_to_what_is_over_says_so(page: Page, platform: Platform) -> None:
    platform.refuse("device/context", 404, "not_found")
    page.goto(f"{platform.origin}{PAGE}&device={NAME}&user_code={CODE}")
    expect(page.get_by_role("heading", name="This code is over")).to_be_visible()


@pytest.mark.parametrize("code", ["", "WDJB", "WDJB-MJHTX"])
def test_what_is_too_short_or_too_long_is_not_asked(
    page: Page, platform: Platform, code: str
) -> None:
    waiting.opened(page, platform)
    waiting.typed(page, code)
    expect(page.get_by_text("A code has eight letters, like WDJB-MJHT.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    assert platform.asked == []


def test_trouble_is_tried_again(page: Page, platform: Platform) -> None:
    waiting.broken(page, platform)
    platform.answer("device/context", waiting.waiting())
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Let Harbor CLI in?")).to_be_visible()


def test_two_presses_are_one_decision(page: Page, platform: Platform) -> None:
    platform.answer("device/decide", {"approved": True}, delay=0.3)
    waiting.asked(page, platform)
    page.get_by_role("button", name="Let it in as").dblclick()
    expect(page.get_by_role("heading", name="Your device is connected")).to_be_visible()
    assert [one.step for one in platform.asked].count("device/decide") == 1
