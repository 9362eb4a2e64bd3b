"""People who come by a broken link, in a real browser, to the whole product."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.chromium import ARGUMENTS, executable
from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow

PAGE = re.compile(
    r"/app/sessions/login/?\?error=([a-z_]+)&request_id=[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
)
CANNOT = "This sign-in cannot continue"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def shown(page: Page, reason: str, heading: str) -> None:
    """The person reads a page, and nothing of JSON."""
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    found = PAGE.search(page.url)
    assert found is not None, page.url
    assert found[1] == reason
    assert "{" not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("path", "reason", "heading"),
    [
        ("/oidc/nowhere/authorize", "not_found", "This address leads nowhere"),
        ("/oidc/demo/authorize", "invalid_request", CANNOT),
        ("/oidc/demo/authorize?client_id=nobody", "not_found", "This address leads nowhere"),
        ("/oidc/demo/authorize?client_id=a&client_id=b", "invalid_request", CANNOT),
        (f"/oidc/demo/callback/acme?state={'A' * 43}&code=c", "not_begun_here", CANNOT),
        ("/oidc/nowhere/logout", "not_signed_out", "You are not signed out"),
        ("/api/v1/auth/logout?session_token=x", "not_signed_out", "You are not signed out"),
    ],
)
def test_a_link_that_leads_nowhere_leads_to_a_page(
    run: Run, page: Page, path: str, reason: str, heading: str
) -> None:
    page.goto(f"{run.origin}{path}")
    shown(page, reason, heading)


def test_an_address_that_is_not_registered_is_never_gone_to(run: Run, page: Page) -> None:
    page.goto(f"{run.sample}/")
    client = Visitor(run, "nobody@demo.example", "").query("login")["client_id"]
    query = f"client_id={client}&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code"
    went: list[str] = []
    page.on("request", lambda request: went.append(request.url))
    page.goto(f"{run.origin}/oidc/demo/authorize?{query}")
    shown(page, "redirect_uri_not_registered", CANNOT)
    assert not [address for address in went if "evil" in address and "redirect_uri=" not in address]
    # Back is where they came from.
    page.get_by_role("button", name="Go back").click()
    page.wait_for_url(f"{run.sample}/")


def test_a_provider_that_posts_what_nobody_asked_for(run: Run, page: Page) -> None:
    page.route(
        "https://idp.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{run.origin}/oidc/demo/saml/acme/acs">'
            '<input name="SAMLResponse" value="PHNhbWw+"><button>Go</button></form>',
        ),
    )
    page.goto("https://idp.example/")
    page.get_by_role("button", name="Go").click()
    shown(page, "not_begun_here", CANNOT)


def test_a_script_is_told_what_is_wrong(run: Run, page: Page) -> None:
    page.goto(f"{run.origin}/")
    found = page.evaluate(
        "() => fetch('/oidc/demo/authorize?client_id=nobody', {headers: {accept: 'text/html'}})"
        ".then(async a => [a.status, a.headers.get('content-type'), a.redirected, await a.json()])"
    )
    status, kind, redirected, problem = found
    assert (status, kind, redirected) == (404, "application/problem+json", False)
    assert problem["code"] == "not_found"


@pytest.fixture
def without_cookies(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """Chromium as its person set it: no site keeps anything."""
    profile = tmp_path / "profile" / "Default"
    profile.mkdir(parents=True)
    blocks = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(blocks))
    context = browser.browser_type.launch_persistent_context(
        profile.parent, executable_path=executable(), args=ARGUMENTS
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/app/self?workspace=demo",
        "/app/device?workspace=demo",
        "/app/sessions/login?workspace_name=demo&client_id=dashboard",
    ],
)
def test_where_cookies_are_blocked_nobody_is_led_in_a_circle(
    run: Run, without_cookies: BrowserContext, path: str
) -> None:
    page = without_cookies.new_page()
    page.goto(f"{run.origin}{path}")
    heading = page.get_by_role("heading", name="Your browser blocks cookies for this site")
    expect(heading).to_be_visible()
    assert page.url == f"{run.origin}{path}"


def test_a_sign_in_that_is_lost_on_its_way_is_not_begun_again_by_itself(
    run: Run, page: Page
) -> None:
    page.goto(f"{run.origin}/app/self?workspace=demo")
    expect(page.get_by_label("Email")).to_be_visible()
    page.goto(f"{run.origin}/app/self?workspace=demo")
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Email")).to_be_visible()
