"""Where a person is signed in, and their passkeys, as they meet them at their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import homes
from tests.site.homes import DEVICES, GRANTS, HERE, OFFICE, PASSKEYS, PHONE, PROVIDERS
from tests.site.pocket import Pocket

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow


def steps(platform: Platform) -> list[str]:
    return [one.step for one in platform.asked if not one.step.startswith("GET")]


def test_every_browser_is_told_with_when_and_how(page: Page, platform: Platform) -> None:
    homes.everywhere(page, platform)
    rows = page.get_by_role("list", name="Where you are signed in").get_by_role("listitem")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("This browser")
    expect(rows.nth(0)).to_contain_text("Signed in just now with a password")
    expect(rows.nth(1)).to_contain_text("Signed in 5 hours ago with a passkey")
    expect(rows.nth(2)).to_contain_text("Signed in 3 days ago with a password and a code")
    expect(rows.nth(2).locator("[title$=GMT]")).to_have_count(1)
    grants = page.get_by_role("list", name="Applications that stay signed in")
    expect(grants.get_by_role("listitem")).to_contain_text(
        "Harbor NotesLast used 1 hour ago · Safari on iPhone"
    )


def test_one_browser_is_signed_out_by_keyboard_after_a_question(
    page: Page, platform: Platform
) -> None:
    homes.everywhere(page, platform)
    platform.answer("DELETE self/sign-ins/si-3", {"signIns": [HERE, PHONE]})
    button = page.get_by_role("button", name="Sign out Edge on Windows, signed in 3 days ago")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sign out Edge on Windows?").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert steps(platform) == ["POST self/member-token"]
    page.keyboard.press("Enter")
    platform.answer("GET self/sign-ins", {"signIns": [HERE, PHONE]})
    page.get_by_role("dialog").get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Edge on Windows was signed out.")).to_be_visible()
    expect(button).to_have_count(0)
    assert steps(platform)[1:] == ["DELETE self/sign-ins/si-3"]


def test_everything_but_this_browser_is_signed_out(page: Page, platform: Platform) -> None:
    homes.signing_out_others(page, platform)
    platform.answer("POST self/sign-ins/end-others", {"signIns": [HERE]})
    homes.home(platform)
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed in here and nowhere else.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)


def test_who_signs_out_here_is_told_and_sees_no_more(page: Page, platform: Platform) -> None:
    homes.left(page, platform)
    expect(page.get_by_role("heading")).to_be_focused()
    expect(page.get_by_text("mira@lindqvist.se")).to_have_count(0)


def test_what_is_gone_already_is_said_in_the_dialog(page: Page, platform: Platform) -> None:
    gone = "There is no such sign-in."
    platform.refuse("DELETE self/sign-ins/si-3", 404, "not_found", detail=gone)
    homes.signing_out_one(page, platform)
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog").get_by_text(gone)).to_be_visible()


def test_an_application_is_ended(page: Page, platform: Platform) -> None:
    homes.everywhere(page, platform)
    platform.answer("DELETE self/grants/gr-1", {"grants": []})
    page.get_by_role("button", name="End Harbor Notes").click()
    platform.answer("GET self/grants", {"grants": []})
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Harbor Notes was signed out.")).to_be_visible()
    expect(page.get_by_text(GRANTS[0]["application"]["name"], exact=True)).to_have_count(0)


def test_a_browser_is_forgotten_at_once(page: Page, platform: Platform) -> None:
    homes.known_browsers(page, platform)
    platform.answer("DELETE self/devices/de-2", {"devices": DEVICES[:1]})
    platform.answer("GET self/devices", {"devices": DEVICES[:1]})
    page.get_by_role("button", name="Forget Safari on iPhone").click()
    expect(page.get_by_text("Safari on iPhone was forgotten.")).to_be_visible()
    expect(page.get_by_text("One browser is known as yours")).to_be_visible()


def test_a_passkey_is_made_by_the_browser_and_named_here(page: Page, platform: Platform) -> None:
    homes.opened(page, platform)
    pocket = Pocket(page, platform, make="POST self/passkeys")
    pocket.asks_to_make()
    platform.answer("POST self/passkeys", PASSKEYS[0], status=201)
    platform.answer("GET self/passkeys", {"passkeys": PASSKEYS[:1]})
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey was added, and other browsers")).to_be_visible()
    pocket.made()
    rows = page.get_by_role("list", name="Passkeys").get_by_role("listitem")
    expect(rows).to_contain_text("iCloud Keychain")
    expect(rows).to_contain_text("last used 2 days ago · on several devices")
    platform.answer("PATCH self/passkeys/pk-1", {**PASSKEYS[0], "name": "Laptop"})
    platform.answer("GET self/passkeys", {"passkeys": [{**PASSKEYS[0], "name": "Laptop"}]})
    page.get_by_role("button", name="Rename iCloud Keychain").click()
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("iCloud Keychain")
    field.fill("  ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a name.")).to_be_visible()
    field.fill("Laptop")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your passkey was renamed.")).to_be_visible()
    assert platform.last("PATCH self/passkeys/pk-1") == {"name": "Laptop"}
    expect(rows).to_contain_text("Laptop")


def test_a_browser_that_makes_none_is_asked_again(page: Page, platform: Platform) -> None:
    homes.opened(page, platform)
    pocket = Pocket(page, platform, make="POST self/passkeys")
    pocket.asks_to_make()
    pocket.tell("setUserVerified", isUserVerified=False)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("No passkey was made. Try again.")).to_be_visible()
    assert "POST self/passkeys" not in steps(platform)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "signin_refused", "That passkey could not be accepted. Try again."),
        (409, "duplicate", "This passkey is yours already."),
        (410, "challenge_ended", "This took too long. Try again."),
    ],
)
def test_a_passkey_that_is_refused_is_said(
    page: Page, platform: Platform, status: int, code: str, said: str
) -> None:
    homes.opened(page, platform)
    pocket = Pocket(page, platform, make="POST self/passkeys")
    pocket.asks_to_make()
    platform.refuse("POST self/passkeys", status, code)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text(said)).to_be_visible()


def test_a_passkey_is_removed_after_a_question(page: Page, platform: Platform) -> None:
    homes.removing_passkey(page, platform)
    platform.answer("DELETE self/passkeys/pk-2", {"passkeys": PASSKEYS[:1]})
    platform.answer("GET self/passkeys", {"passkeys": PASSKEYS[:1]})
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Your passkey was removed, and other browsers")).to_be_visible()
    expect(page.get_by_text("Blue key on my ring")).to_have_count(0)


def test_the_last_way_in_stays_and_the_reason_is_said(page: Page, platform: Platform) -> None:
    homes.removing_last_passkey(page, platform)
    page.keyboard.press("Escape")
    expect(page.get_by_role("list", name="Passkeys").get_by_role("listitem")).to_have_count(2)


def test_a_provider_is_removed_after_a_question_and_a_proof(page: Page, platform: Platform) -> None:
    homes.removing_provider(page, platform)
    platform.refuse("DELETE self/identity-providers/ip-1", 403, "step_up_required")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_role("textbox", name="Password").fill("plain words are long")
    platform.answer("POST self/step-up", {"memberToken": "fresh", "expiresIn": 600})
    platform.answer("DELETE self/identity-providers/ip-1", {"identityProviders": PROVIDERS[1:]})
    platform.answer("GET self/identity-providers", {"identityProviders": PROVIDERS[1:]})
    page.keyboard.press("Enter")
    expect(page.get_by_text("Google was removed, and other browsers")).to_be_visible()
    expect(page.get_by_role("button", name="Remove Google")).to_have_count(0)
    expect(page.get_by_text("Linked some time ago")).to_be_visible()


def test_the_last_provider_stays_and_the_reason_is_said(page: Page, platform: Platform) -> None:
    homes.removing_last_provider(page, platform)
    page.keyboard.press("Escape")
    ways = page.get_by_role("list", name="Other ways to sign in")
    expect(ways.get_by_role("listitem")).to_have_count(2)


def test_no_list_has_a_name_in_it_that_the_page_reads_as_code(
    page: Page, platform: Platform
) -> None:
    homes.home(platform)
    nasty = "<img src=x onerror=alert(1)>"
    platform.answer("GET self/passkeys", {"passkeys": [{**PASSKEYS[0], "name": nasty}]})
    platform.answer("GET self/sign-ins", {"signIns": [HERE, {**OFFICE, "agent": nasty}]})
    named = {**PROVIDERS[0], "displayName": nasty}
    platform.answer("GET self/identity-providers", {"identityProviders": [named]})
    homes.at_home(page, platform)
    expect(page.get_by_text(nasty)).to_have_count(3)
    expect(page.locator("img")).to_have_count(0)
