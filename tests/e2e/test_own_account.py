"""A person at their own account in a real browser, with no application between them and it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.launch import Run
from tests.site.pocket import AUTHENTICATOR

pytestmark = pytest.mark.slow

EMAIL = "home@example.org"
PASSWORD = "nine slow ferries at dawn"
HOME = re.compile(r"/app/self/?\?workspace=demo$")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from opened(browser)


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[Page]:
    yield from opened(browser)


def opened(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(10_000)
    # Without autofill of passkeys, so that nobody is in before a button is pressed.
    context.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    yield context.new_page()
    context.close()


def goes_home(run: Run, page: Page) -> None:
    """Open the account's own address, signed in or not."""
    page.goto(f"{run.origin}/app/self?workspace=demo")


def signs_in(page: Page) -> None:
    page.get_by_label("Email").fill(EMAIL)
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_person_comes_home_makes_a_passkey_and_ends_a_sign_in_elsewhere(
    run: Run, page: Page, elsewhere: Page
) -> None:
    goes_home(run, page)
    expect(page.get_by_text("You will return to")).to_contain_text(run.origin.partition("//")[2])
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label(re.compile("^Name")).fill("Hanna Home")
    page.get_by_label("Email", exact=True).fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account", exact=True).click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    page.get_by_label("Six-digit code").press_sequentially(run.client.mailed_code(EMAIL))
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()
    assert HOME.search(page.url)

    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Your passkey was added")).to_be_visible()
    expect(page.get_by_role("list", name="Passkeys").get_by_role("listitem")).to_have_count(1)

    goes_home(run, elsewhere)
    signs_in(elsewhere)
    expect(elsewhere.get_by_role("heading", name="Your account", exact=True)).to_be_visible()

    page.reload()
    rows = page.get_by_role("list", name="Where you are signed in").get_by_role("listitem")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed in here and nowhere else.")).to_be_visible()
    expect(rows).to_have_count(1)

    elsewhere.reload()
    expect(elsewhere.get_by_label("Email")).to_be_visible()
    assert "client_id=dashboard" in elsewhere.url

    # Out, and in again by the passkey, which is at home here as at any application.
    page.get_by_role("button", name=re.compile("^Sign out ")).last.click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert [c["name"] for c in page.context.cookies() if c["name"].startswith("__Host-sf-")] == []
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()
    expect(rows).to_contain_text("with a passkey")
