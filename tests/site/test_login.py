"""The hosted login as a person meets it: every step, every refusal, under the real headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chalicelib.domain.browsers import landing
from tests.site import walks
from tests.site.platform import Platform
from tests.site.walks import PASSWORD, PERSON, REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def test_signing_in_sends_the_request_untouched_and_leaves(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("context") == {"request": REQUEST}
    asked = platform.last("sign-in")
    assert asked == {"request": REQUEST, "email": "mira@lindqvist.se", "password": PASSWORD}
    assert {a.headers["X-SecureFlows"] for a in platform.asked} == {"1"}
    assert {a.headers["Content-Type"] for a in platform.asked} == {"application/json"}


def test_back_does_not_return_to_the_form(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    page.goto("about:blank")
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    page.go_back()
    assert page.url == "about:blank"


def test_the_title_names_the_application(page: Page, platform: Platform) -> None:
    walks.email(page, platform)
    expect(page).to_have_title("Sign in to Harbor Notes · secureFlows")
    expect(page.get_by_text("You will return to app.harbornotes.com")).to_be_visible()


def test_a_wrong_password_says_how_many_tries_are_left(page: Page, platform: Platform) -> None:
    walks.password_wrong(page, platform)
    field = page.get_by_label("Password", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    platform.refuse("sign-in", 403, "signin_refused", triesLeft=1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("do not match. 1 try left.")).to_be_visible()


def test_a_locked_form_counts_down_and_asks_nothing(page: Page, platform: Platform) -> None:
    walks.locked(page, platform)
    expect(page.get_by_text("You can try again in 4:3")).to_be_visible()
    before = len(platform.asked)
    page.get_by_label("Password", exact=True).press("Enter")
    page.get_by_role("button", name="Sign in").click(force=True)
    assert len(platform.asked) == before
    page.clock.install()
    platform.refuse("sign-in", 429, "rate_limited", retryAfter=2)
    walks.locked_again(page, platform)
    page.clock.run_for(3000)
    expect(page.get_by_text("Too many tries.")).to_have_count(0)
    platform.answer("sign-in", {"redirectTo": platform.back})
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(platform.back)


def test_the_address_can_be_changed_and_is_offered_to_password_managers(
    page: Page, platform: Platform
) -> None:
    walks.password(page, platform)
    hidden = page.locator("input[autocomplete=username]")
    expect(hidden).to_have_value("mira@lindqvist.se")
    expect(hidden).to_have_attribute("tabindex", "-1")
    page.get_by_role("button", name="Change email").click()
    expect(page.get_by_label("Email")).to_have_value("mira@lindqvist.se")


def test_caps_lock_is_noticed(page: Page, platform: Platform) -> None:
    walks.password(page, platform)
    for on in (True, False):
        page.get_by_label("Password", exact=True).evaluate(
            "(field, on) => field.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: 'A', modifierCapsLock: on, bubbles: true}))",
            on,
        )
        expect(page.get_by_text("Caps Lock is on.")).to_have_count(1 if on else 0)


def test_a_returning_person_continues_with_one_key(page: Page, platform: Platform) -> None:
    platform.answer("continue", {"redirectTo": platform.back})
    walks.returning(page, platform)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert platform.last("continue") == {"request": REQUEST}


def test_a_returning_person_may_be_somebody_else(page: Page, platform: Platform) -> None:
    walks.returning(page, platform)
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_label("Email")).to_have_value("")


def test_another_account_is_the_one_that_the_application_names(
    page: Page, platform: Platform
) -> None:
    platform.context(person=PERSON, loginHint="jonah@lindqvist.se")
    walks.opened(page, platform)
    page.get_by_role("button", name="Use another account").click()
    expect(page.get_by_label("Email")).to_have_value("jonah@lindqvist.se")


def test_an_ended_cookie_leads_to_the_form(page: Page, platform: Platform) -> None:
    walks.returning(page, platform)
    platform.refuse("continue", 401, "token_expired")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your earlier sign-in has ended.")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value(PERSON["email"])


@pytest.mark.parametrize(
    ("members", "heading", "field"),
    [
        ({"prompt": "login", "person": PERSON}, "Sign in to Harbor Notes", "Password"),
        ({"loginHint": "mira@lindqvist.se"}, "Sign in to Harbor Notes", "Password"),
        ({"prompt": "create"}, "Create your account", "Name optional"),
        ({"prompt": "create", "person": PERSON}, "Create your account", "Name optional"),
    ],
)
def test_the_request_decides_where_one_begins(
    page: Page, platform: Platform, members: dict[str, object], heading: str, field: str
) -> None:
    platform.context(**members)
    walks.opened(page, platform)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_label(field, exact=True)).to_be_focused()


def test_an_unknown_application_shows_the_request_id(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    walks.unknown(page, platform)
    page.get_by_role("button", name="Copy request id").click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == "01JD8Q2M9X4C7"


def test_a_platform_that_fails_can_be_asked_again(page: Page, platform: Platform) -> None:
    platform.refuse("context", 503, "unavailable", detail="A dependency is down.")
    walks.opened(page, platform)
    expect(page.get_by_text("A dependency is down.")).to_be_visible()
    platform.context()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Email")).to_be_visible()


def test_a_lost_connection_loses_nothing(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("secureFlows could not be reached.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(platform.back)


def test_waiting_shows_after_a_moment_and_sends_once(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back}, delay=1.2)
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # Two presses in one tick, before a render could block the button.
    page.locator("form").evaluate("form => { form.requestSubmit(); form.requestSubmit() }")
    expect(page.locator(".progress")).to_have_class(re.compile("on"))
    expect(page.get_by_role("button", name="Sign in")).to_have_attribute("aria-busy", "true")
    page.wait_for_url(platform.back)
    assert [asked.step for asked in platform.asked].count("sign-in") == 1


def test_an_address_with_code_in_it_is_never_followed(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": "javascript:alert(1)"})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="This sign-in cannot continue")).to_be_visible()


def test_those_who_ask_for_contrast_get_it(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    token = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
    page = open_page(contrast="more")
    walks.email(page, platform)
    assert page.evaluate(token, "--line") == page.evaluate(token, "--control")
    assert page.evaluate(token, "--ink-3") == page.evaluate(token, "--ink-2")


def test_those_who_ask_for_stillness_get_it(page: Page, platform: Platform) -> None:
    walks.email(page, platform)
    assert page.locator(".button.ink").evaluate("b => getComputedStyle(b).transitionDuration") in {
        "0s",
        "0s, 0s",
    }


def test_the_home_page_is_quiet(page: Page, platform: Platform) -> None:
    page.goto(platform.origin)
    expect(page.get_by_role("heading", name="secureFlows")).to_be_visible()
    assert page.locator("script").count() == 0


def test_a_sign_out_that_leads_to_no_application_is_said(page: Page, platform: Platform) -> None:
    page.goto(f"{platform.origin}{landing(is_signed_out=True)}")
    expect(page.get_by_role("heading")).to_have_text("You are signed out")
    page.goto(f"{platform.origin}{landing(is_signed_out=False)}")
    expect(page.get_by_role("heading")).to_have_text("secureFlows")
