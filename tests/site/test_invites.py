"""Invites as their people meet them: the link, and the account that they make by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import guests
from tests.site.guests import EMAIL, SECRET, WELCOME
from tests.site.platform import LOGIN, Platform
from tests.site.walks import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def test_a_link_leads_to_the_application_by_keyboard(page: Page, platform: Platform) -> None:
    guests.invited(page, platform)
    assert platform.last("invite") == {"workspaceName": "demo", "invite": SECRET}
    expect(page.get_by_text(f"Make your account there with {EMAIL}.")).to_be_visible()
    expect(page.get_by_text("You will return to app.harbornotes.com")).to_be_visible()
    platform.answer("invite", {**WELCOME, "startAt": platform.back})
    page.reload()
    button = page.get_by_role("button", name="Continue to Harbor Notes")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)


def test_where_no_application_is_named_the_account_is_made_at_ones_own_page(
    page: Page, platform: Platform
) -> None:
    guests.invited_anywhere(page, platform)
    expect(page.get_by_text("After that you sign in with it at demo.")).to_be_visible()
    with page.expect_response("**/api/v1/login/context"):
        page.keyboard.press("Enter")
    assert page.url == f"{platform.origin}{LOGIN}?workspace_name=demo&client_id=dashboard"
    assert platform.last("context") == {
        "request": {"workspace_name": "demo", "client_id": "dashboard"}
    }


def test_an_invitation_that_ends_meanwhile_is_not_called_a_code(
    page: Page, platform: Platform
) -> None:
    guests.code_of_invite_over(page, platform)
    expect(page.get_by_text("code is no longer valid")).to_have_count(0)


def test_an_address_that_would_run_is_not_followed(page: Page, platform: Platform) -> None:
    guests.invited(page, platform)
    platform.answer("invite", {**WELCOME, "startAt": "javascript:alert(1)"})
    page.reload()
    page.get_by_role("button", name="Continue to Harbor Notes").click()
    expect(page.get_by_role("heading", name="You are invited to Harbor Notes")).to_be_visible()


def test_the_secret_is_in_no_request_but_the_one_that_shows_it(
    page: Page, platform: Platform
) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("request", lambda request: addresses.append(request.headers.get("referer", "")))
    guests.invited(page, platform)
    assert not [each for each in addresses if SECRET in each]


def test_one_that_is_over_says_what_to_do(page: Page, platform: Platform) -> None:
    guests.invite_over(page, platform)
    expect(page.get_by_text("sign in at the application")).to_be_visible()


def test_a_later_link_counts_in_the_tab_of_one_that_is_over(page: Page, platform: Platform) -> None:
    guests.invite_over(page, platform)
    platform.answer("invite", WELCOME)
    page.goto(f"{platform.origin}{LOGIN}?workspace_name=demo#invite=sfi_later")
    expect(page.get_by_role("heading", name="You are invited to Harbor Notes")).to_be_visible()
    assert platform.last("invite")["invite"] == "sfi_later"


def test_an_account_is_made_for_the_address_that_was_invited(
    page: Page, platform: Platform
) -> None:
    platform.answer("sign-up", {"challenge": "ch-1", "email": EMAIL})
    guests.invited_sign_up(page, platform)
    field = page.get_by_label("Email")
    expect(field).to_have_value(EMAIL)
    expect(field).not_to_be_editable()
    expect(field).to_have_accessible_description("This is the address that was invited.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your email").wait_for()
    assert platform.last("sign-up")["email"] == EMAIL
