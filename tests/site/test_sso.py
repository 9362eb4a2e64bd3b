"""Sign-in by a provider elsewhere on the login's page: the way there, back, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site.platform import Platform
from tests.site.walks import (
    OFFERS,
    PASSWORD,
    REQUEST,
    came_back,
    emergency,
    opened,
    providers,
    routed,
    sso_alone,
    sso_required,
    sso_unknown,
    to_be_linked,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def steps(platform: Platform) -> list[str]:
    return [asked.step for asked in platform.asked]


def test_a_button_leads_to_its_provider(open_page: Callable[..., Page], platform: Platform) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": platform.back})
    providers(page, platform)
    page.get_by_role("button", name="Continue with Microsoft").click()
    page.wait_for_url(platform.back)
    assert platform.last("sso") == {"request": REQUEST, "provider": "microsoft"}


def test_the_provider_that_was_last_gone_to_is_marked(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": platform.back})
    providers(page, platform)
    assert page.get_by_text("Last used").count() == 0
    page.get_by_role("button", name="Continue with Microsoft").click()
    page.wait_for_url(platform.back)
    providers(page, platform)
    marked = page.locator("button", has=page.get_by_text("Last used"))
    assert marked.get_attribute("aria-label") == "Continue with Microsoft Last used"


def test_the_buttons_are_reached_by_keyboard(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": platform.back})
    providers(page, platform)
    page.get_by_label("Email").focus()
    # Past what leads on with the address, and the passkey.
    for _ in range(3):
        page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused == "Continue with Google"
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)


def test_the_domain_of_an_address_leads_to_its_provider_or_to_the_password(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": platform.back})
    routed(page, platform)
    assert platform.last("sso/route") == {"request": REQUEST, "email": "mira@lindqvist.se"}
    page.get_by_role("button", name="Use a password instead").click()
    page.get_by_label("Password", exact=True).wait_for()
    page.get_by_role("button", name="Change email").click()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("button", name="Continue with Acme").click()
    page.wait_for_url(platform.back)
    assert platform.last("sso") == {
        "request": REQUEST,
        "provider": "acme",
        "email": "mira@lindqvist.se",
    }


def test_an_address_of_no_provider_goes_on_to_the_password(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.context(routes=True, providers=OFFERS)
    platform.answer("sso/route", {"provider": None})
    came_back(page, platform, "unheard of")
    page.get_by_label("Email").fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).wait_for()


def test_whoever_is_back_is_let_in(open_page: Callable[..., Page], platform: Platform) -> None:
    page = open_page()
    platform.answer("sso/finish", {"redirectTo": platform.back})
    came_back(page, platform, "back")
    page.wait_for_url(platform.back)
    assert steps(platform) == ["context", "sso/finish"]


def test_a_second_factor_is_asked_after_it(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso/finish", {"step": {"kind": "totp", "challenge": "ch-2"}})
    came_back(page, platform, "back")
    page.get_by_role("heading", name="Enter your code").wait_for()


def test_the_account_is_proven_first_and_then_linked(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sign-in", {"redirectTo": platform.back})
    platform.answer("sso/link", {"linked": "Acme"})
    to_be_linked(page, platform)
    assert "sso/link" not in steps(platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert steps(platform) == ["context", "sso/finish", "sign-in", "sso/link"]


def test_no_address_that_runs_code_is_gone_to(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": "javascript:document.title='run'"})
    providers(page, platform)
    with page.expect_response("**/login/sso"):
        page.get_by_role("button", name="Continue with Google").click()
    page.locator(".providers button[aria-disabled]").first.wait_for(state="detached")
    assert page.title() != "run"


def test_where_a_provider_is_required_no_other_way_is_shown(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    sso_required(page, platform)
    for name in ("Use a passkey", "Create an account"):
        assert page.get_by_role("button", name=name).count() == 0
    sso_unknown(page, platform)
    assert page.get_by_label("Password", exact=True).count() == 0
    platform.answer("sso/route", {"provider": OFFERS[2]})
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("button", name="Continue with Acme").wait_for()
    assert page.get_by_role("button", name="Use a password instead").count() == 0
    # A hint leads to no password either.
    page.goto(f"{page.url}&login_hint=mira%40lindqvist.se")
    page.get_by_role("button", name="Emergency sign-in").wait_for()


def test_without_domains_only_the_providers_are_asked_for(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sso", {"redirectTo": platform.back})
    sso_alone(page, platform)
    assert page.get_by_label("Email").count() == 0
    page.get_by_role("button", name="Continue with Google").click()
    page.wait_for_url(platform.back)


def test_who_is_named_for_emergencies_finds_the_password(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.answer("sign-in", {"redirectTo": platform.back})
    emergency(page, platform)
    expect(page.get_by_label("Email")).to_be_focused()
    assert page.get_by_role("button", name="Continue with Google").count() == 0
    page.get_by_label("Email").fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert steps(platform)[-1] == "sign-in"
    assert "sso/route" not in steps(platform)


def test_an_address_that_the_application_names_is_led_to_its_provider(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.context(routes=True, loginHint="mira@acme.example")
    platform.answer("sso/route", {"provider": OFFERS[2]})
    opened(page, platform)
    expect(page.get_by_label("Email")).to_have_value("mira@acme.example")
    page.get_by_label("Email").press("Enter")
    expect(page.get_by_role("button", name="Continue with Acme and Daughters")).to_be_visible()


def test_encryption_is_named_as_what_to_switch_off(
    open_page: Callable[..., Page], platform: Platform
) -> None:
    page = open_page()
    platform.context(providers=OFFERS[:1])
    came_back(page, platform, "encrypted")
    page.get_by_text("Ask whoever runs it to switch that off.").wait_for()
