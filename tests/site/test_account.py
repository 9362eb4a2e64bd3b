"""A person's own account as they meet it: every change, every refusal, under the real headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.site import homes
from tests.site.homes import ACCOUNT, CODES, PASSKEYS, SELF, TWOFOLD
from tests.site.platform import LOGIN
from tests.site.pocket import Pocket
from tests.site.walks import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.site.platform import Platform

pytestmark = pytest.mark.slow


def test_the_token_comes_by_the_cookie_and_stays_in_memory(page: Page, platform: Platform) -> None:
    homes.opened(page, platform)
    expect(page.get_by_text("mira@lindqvist.se")).to_be_visible()
    entered, *asked = platform.asked
    assert (entered.step, entered.body) == ("POST self/member-token", {"workspaceName": "demo"})
    assert (entered.headers["X-SecureFlows"], entered.headers["Origin"]) == ("1", platform.origin)
    assert sorted(one.step for one in asked) == [
        "GET self",
        "GET self/devices",
        "GET self/factors",
        "GET self/grants",
        "GET self/identity-providers",
        "GET self/passkeys",
        "GET self/sign-ins",
    ]
    assert {one.headers["Authorization"] for one in asked} == {"Bearer t0ken"}
    assert "t0ken" not in page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )


def test_a_token_that_is_over_is_fetched_again_unseen(page: Page, platform: Platform) -> None:
    homes.home(platform)
    platform.refuse("GET self", 401, "token_expired")
    platform.then("GET self", SELF)
    homes.at_home(page, platform)
    assert [one.step for one in platform.asked].count("POST self/member-token") == 2


def test_who_is_not_signed_in_is_led_to_the_login_and_comes_back(
    page: Page, platform: Platform
) -> None:
    platform.refuse("POST self/member-token", 401, "token_missing")
    page.goto(f"{platform.origin}{ACCOUNT}")
    page.wait_for_url(f"{platform.origin}{LOGIN}?workspace_name=demo&client_id=dashboard")
    page.get_by_label("Email").fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    homes.home(platform)
    platform.answer("sign-in", {"redirectTo": f"{platform.origin}{ACCOUNT}"})
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()
    request = {"workspace_name": "demo", "client_id": "dashboard"}
    assert platform.last("sign-in")["request"] == request


def test_a_sign_in_that_ends_under_way_is_said_and_begun_anew(
    page: Page, platform: Platform
) -> None:
    homes.signed_out(page, platform)
    expect(page.get_by_role("heading")).to_be_focused()
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{platform.origin}{LOGIN}?workspace_name=demo&client_id=dashboard")


def test_whoever_signed_out_here_signs_in_again(page: Page, platform: Platform) -> None:
    homes.left(page, platform)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{platform.origin}{LOGIN}?workspace_name=demo&client_id=dashboard")


def test_who_has_neither_password_nor_passkey_signs_in_again(
    page: Page, platform: Platform
) -> None:
    homes.proving_again(page, platform)
    button = page.get_by_role("dialog").get_by_role("button", name="Sign in again")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    anew = "workspace_name=demo&client_id=dashboard&prompt=login"
    page.wait_for_url(f"{platform.origin}{LOGIN}?{anew}")


@pytest.mark.parametrize("beside", ["nothing", "a password"])
def test_a_passkey_proves_who_it_is(page: Page, platform: Platform, beside: str) -> None:
    homes.opened(page, platform)
    pocket = Pocket(page, platform, make="POST self/passkeys", show="POST self/step-up/passkey")
    pocket.asks_to_make()
    platform.answer("POST self/passkeys", PASSKEYS[0], status=201)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey was added")).to_be_visible()
    passkey = pocket.made()
    homes.proving_passkey(page, platform)
    if beside == "a password":
        platform.answer("GET self/factors", homes.ALONE)
        page.reload()
        page.get_by_role("button", name="Set up").click()
        expect(page.get_by_role("textbox", name="Password")).to_be_focused()
    pocket.asks_to_show()
    platform.refuse("POST self/step-up/passkey", 403, "signin_refused", triesLeft=4)
    button = page.get_by_role("dialog").get_by_role("button", name="Use a passkey")
    button.click()
    expect(page.get_by_text("That passkey is not one of yours here.")).to_be_visible()
    platform.answer("POST self/step-up/passkey", {"memberToken": "fresh", "expiresIn": 600})
    platform.answer("POST self/totp", homes.SETUP)
    pocket.asks_to_show()
    button.click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert pocket.is_shown(passkey)
    assert platform.last("POST self/step-up/passkey")["workspaceName"] == "demo"
    asked = [one for one in platform.asked if one.step == "POST self/totp"]
    assert asked[-1].headers["Authorization"] == "Bearer fresh"


def test_an_authenticator_is_set_up_and_its_codes_are_shown_once(
    page: Page, platform: Platform
) -> None:
    homes.codes_shown(page, platform)
    assert platform.last("POST self/totp/confirm") == {"challenge": "ch-1", "code": "482913"}
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_text(CODES)
    page.keyboard.press("Escape")
    expect(page.get_by_text(CODES[0])).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_text().split() == CODES
    platform.answer("GET self/factors", TWOFOLD)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Your account is well protected")).to_be_visible()
    expect(page.get_by_text(CODES[0])).to_have_count(0)


def test_all_codes_are_copied_at_once(page: Page, platform: Platform) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    homes.codes_shown(page, platform)
    page.get_by_role("button", name="Copy all").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split() == CODES


def test_a_change_goes_on_after_the_proof_that_it_wants(page: Page, platform: Platform) -> None:
    homes.proving_code(page, platform)
    assert platform.last("POST self/step-up") == {"workspaceName": "demo", "password": PASSWORD}
    platform.answer("POST self/step-up/totp", {"memberToken": "fresh", "expiresIn": 600})
    platform.answer("DELETE self/totp", homes.ALONE)
    platform.answer("GET self/factors", homes.ALONE)
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("Two-step codes are off, and other browsers")).to_be_visible()
    proof = {"workspaceName": "demo", "challenge": "ch-2", "code": "482913"}
    assert platform.last("POST self/step-up/totp") == proof
    removed = [one for one in platform.asked if one.step == "DELETE self/totp"]
    assert [one.headers["Authorization"] for one in removed] == ["Bearer t0ken", "Bearer fresh"]
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_recovery_code_proves_as_well(page: Page, platform: Platform) -> None:
    homes.proving_recovery(page, platform)
    expect(page.get_by_role("textbox", name="Recovery code")).to_be_focused()
    platform.answer("POST self/step-up/recovery", {"memberToken": "fresh", "expiresIn": 600})
    platform.answer("DELETE self/totp", homes.ALONE)
    page.get_by_role("textbox", name="Recovery code").fill(" abcd1-fghj1 ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Two-step codes are off, and other browsers")).to_be_visible()
    assert platform.last("POST self/step-up/recovery")["code"] == "abcd1-fghj1"


def test_who_would_rather_not_prove_changes_nothing(page: Page, platform: Platform) -> None:
    homes.proving(page, platform)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Prove that it is you")).to_have_count(0)
    expect(page.get_by_role("heading", name="Turn off two-step codes?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Turn off")).to_be_focused()
    assert [one.step for one in platform.asked].count("DELETE self/totp") == 1


def test_the_password_is_changed_by_who_knows_it(page: Page, platform: Platform) -> None:
    platform.answer("POST self/password", {"changed": True})
    homes.password(page, platform)
    page.get_by_role("dialog").get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Enter your password.")).to_be_visible()
    expect(page.get_by_text("Use 15 characters or more.")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("other words, and longer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password was changed, and other browsers")).to_be_visible()
    sent = {"password": PASSWORD, "newPassword": "other words, and longer"}
    assert platform.last("POST self/password") == sent


def test_a_refused_password_is_said_beside_the_field(page: Page, platform: Platform) -> None:
    fault = {"pointer": "/newPassword", "detail": "This password is on lists."}
    platform.refuse("POST self/password", 400, "invalid_input", errors=[fault])
    homes.password(page, platform)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("password password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This password is on lists.")).to_be_visible()
    expect(page.get_by_label("New password")).to_be_focused()


def test_another_address_counts_when_its_code_was_typed(page: Page, platform: Platform) -> None:
    homes.address_code(page, platform)
    assert platform.last("POST self/email") == {"email": "mira@new.example"}
    platform.answer("POST self/email/confirm", {"email": "mira@new.example"})
    platform.answer("GET self", {**SELF, "email": "mira@new.example"})
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("Your email was changed")).to_be_visible()
    expect(page.get_by_text("mira@new.example")).to_be_visible()
    assert platform.last("POST self/email/confirm") == {"challenge": "ch-3", "code": "482913"}


def test_a_code_that_is_over_leads_back_to_the_address(page: Page, platform: Platform) -> None:
    homes.address_code(page, platform)
    platform.refuse("POST self/email/confirm", 410, "challenge_ended")
    page.get_by_label("Six-digit code").press_sequentially("482913")
    expect(page.get_by_text("That code is no longer valid.")).to_be_visible()
    expect(page.get_by_label("New email")).to_be_visible()


def test_an_account_is_deleted_by_who_types_its_address(page: Page, platform: Platform) -> None:
    homes.leaving_mistyped(page, platform)
    assert "DELETE self" not in [one.step for one in platform.asked]
    field = page.get_by_label("Type mira@lindqvist.se")
    expect(field).to_be_focused()
    platform.answer("DELETE self", homes.ERASED)
    field.fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_focused()
    expect(page.get_by_text("gone by 23 January 2027")).to_be_visible()
    expect(page.get_by_text("mira@lindqvist.se")).to_have_count(0)
    assert [one.step for one in platform.asked].count("DELETE self") == 1


def test_a_deletion_wants_a_proof_first(page: Page, platform: Platform) -> None:
    homes.leaving(page, platform)
    platform.refuse("DELETE self", 403, "step_up_required")
    page.get_by_label("Type mira@lindqvist.se").fill("mira@lindqvist.se")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    platform.answer("POST self/step-up", {"memberToken": "fresh", "expiresIn": 600})
    platform.answer("DELETE self", homes.ERASED)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    assert platform.last("POST self/step-up")["password"] == PASSWORD


def test_nobody_tries_again_for_a_workspace_that_is_not_there(
    page: Page, platform: Platform
) -> None:
    platform.refuse("POST self/member-token", 404, "not_found")
    page.goto(f"{platform.origin}/app/self/?workspace=nowhere")
    expect(page.get_by_role("heading", name="There is no such workspace")).to_be_focused()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_who_thinks_again_keeps_the_account(page: Page, platform: Platform) -> None:
    homes.leaving(page, platform)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete account")).to_be_focused()
    assert "DELETE self" not in [one.step for one in platform.asked]


LINES = """() => [...document.querySelectorAll('[aria-label=Passkeys] .about')].flatMap(row => {
  const [text] = row.childNodes
  return [...text.data.matchAll('\u00b7')].map(({index}) => {
    const range = document.createRange()
    range.setStart(text, index)
    range.setEnd(text, index + 1)
    return range.getBoundingClientRect().left - row.getBoundingClientRect().left
  })
})"""


def test_no_line_of_a_passkeys_story_begins_with_a_dot(page: Page, platform: Platform) -> None:
    homes.with_passkeys(page, platform)
    for width in range(320, 480, 8):
        page.set_viewport_size({"width": width, "height": 780})
        dots = page.evaluate(LINES)
        assert len(dots) == 3
        assert min(dots) > 8, width
