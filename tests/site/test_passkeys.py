"""Passkeys on the hosted login: a real browser, its virtual authenticator, the real verifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import walks
from tests.site.pocket import Pocket
from tests.site.walks import PASSWORD, REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from chalicelib.domain.passkeys import Passkey
    from tests.site.platform import Platform

pytestmark = pytest.mark.slow

BUTTON = "Use a passkey"


@pytest.fixture
def pocket(page: Page, platform: Platform) -> Pocket:
    return Pocket(page, platform)


def holding(page: Page, pocket: Pocket) -> Passkey:
    """A passkey, made as it was offered; afterwards the page stands at the application."""
    walks.passkey_offer(page, pocket.platform)
    pocket.asks_to_make()
    page.get_by_role("button", name="Create a passkey").click()
    page.wait_for_url(pocket.platform.back)
    return pocket.made()


def test_one_that_was_offered_is_made_by_keyboard_alone(page: Page, pocket: Pocket) -> None:
    walks.passkey_offer(page, pocket.platform)
    assert pocket.platform.last("sign-in")["passkeyOffer"] is True
    expect(page.get_by_role("button", name="Create a passkey")).to_be_focused()
    pocket.asks_to_make()
    page.keyboard.press("Enter")
    page.wait_for_url(pocket.platform.back)
    assert pocket.platform.last("steps/passkey")["offer"] == "of-1"
    assert pocket.made().is_synced


def test_whoever_declines_goes_on_and_is_not_asked_again_here(page: Page, pocket: Pocket) -> None:
    platform = pocket.platform
    platform.answer("steps/passkey/skip", {"redirectTo": platform.back})
    walks.passkey_offer(page, platform)
    page.get_by_role("button", name="Not now").click()
    page.wait_for_url(platform.back)
    assert platform.last("steps/passkey/skip") == {"request": REQUEST, "offer": "of-1"}
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert "passkeyOffer" not in platform.last("sign-in")


def test_without_an_authenticator_none_is_offered(page: Page, platform: Platform) -> None:
    platform.answer("sign-in", {"redirectTo": platform.back})
    walks.password(page, platform)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(platform.back)
    assert "passkeyOffer" not in platform.last("sign-in")


def test_one_that_could_not_be_made_is_said_and_can_be_left(page: Page, pocket: Pocket) -> None:
    pocket.platform.answer("steps/passkey/skip", {"redirectTo": pocket.platform.back})
    walks.passkey_offer(page, pocket.platform)
    pocket.asks_to_make()
    pocket.tell("setUserVerified", isUserVerified=False)
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_text("No passkey was created.")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    page.wait_for_url(pocket.platform.back)


def test_an_offer_that_took_too_long_starts_again(page: Page, pocket: Pocket) -> None:
    pocket.platform.refuse("steps/passkey/options", 410, "challenge_ended")
    walks.passkey_offer(page, pocket.platform)
    page.get_by_role("button", name="Create a passkey").click()
    expect(page.get_by_text("That took too long. Sign in again.")).to_be_visible()


@pytest.mark.parametrize("walk", [walks.email, walks.password])
def test_the_button_signs_in_and_is_marked_as_last_used(
    page: Page, pocket: Pocket, walk: Callable[[Page, Platform], None]
) -> None:
    passkey = holding(page, pocket)
    # A browser without autofill of passkeys, so that nothing comes before the button is pressed.
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    walk(page, pocket.platform)
    pocket.asks_to_show()
    button = page.get_by_role("button", name=BUTTON)
    expect(button).to_contain_text("Last used")
    button.click()
    page.wait_for_url(pocket.platform.back)
    assert pocket.is_shown(passkey)
    assert pocket.platform.last("passkey")["request"] == REQUEST


def test_the_field_s_autofill_signs_in(page: Page, pocket: Pocket) -> None:
    passkey = holding(page, pocket)
    pocket.asks_to_show()
    walks.opened(page, pocket.platform)
    page.wait_for_url(pocket.platform.back)
    assert pocket.is_shown(passkey)
    assert pocket.platform.last("passkey")["request"] == REQUEST


def test_the_field_asks_for_passkeys_in_its_autofill(page: Page, platform: Platform) -> None:
    walks.email(page, platform)
    field = page.get_by_label("Email")
    expect(field).to_have_attribute("autocomplete", "username webauthn")


def test_nothing_is_said_of_passkeys_to_whoever_has_none(page: Page, pocket: Pocket) -> None:
    pocket.asks_to_show()
    walks.email(page, pocket.platform)
    expect(page.get_by_text("Last used")).to_have_count(0)
    expect(page.get_by_role("alert")).to_be_empty()


@pytest.mark.parametrize("failure", ["nobody is verified", "all are gone"])
def test_a_passkey_that_is_not_shown_leaves_the_password(
    page: Page, pocket: Pocket, failure: str
) -> None:
    holding(page, pocket)
    if failure == "nobody is verified":
        pocket.tell("setUserVerified", isUserVerified=False)
    else:
        pocket.tell("clearCredentials")
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_a_passkey_that_is_refused_is_said(page: Page, pocket: Pocket) -> None:
    holding(page, pocket)
    pocket.platform.refuse("passkey", 403, "signin_refused", triesLeft=4)
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("That passkey does not work here.")).to_be_visible()
    pocket.platform.refuse("passkey", 410, "challenge_ended")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_text("That took too long. Try again.")).to_be_visible()


def test_a_passkey_may_be_followed_by_another_step(page: Page, pocket: Pocket) -> None:
    holding(page, pocket)
    asked = {"step": {"kind": "totp", "challenge": "ch-2"}}
    pocket.platform.answer("passkey", asked)
    walks.password(page, pocket.platform)
    pocket.asks_to_show()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
