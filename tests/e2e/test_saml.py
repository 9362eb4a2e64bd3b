"""A SAML provider on another site, in a real browser: its POST brings no cookie and still leads in.

Nobody else's does.
"""

import base64
import re
from collections.abc import Iterator
from html import escape

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from chalicelib.adapters.clock import SystemClock
from chalicelib.domain.saml import description_of, entity_of, recipient_of
from tests.e2e.credentials import OPERATOR
from tests.e2e.launch import Run
from tests.openid.provider import started
from tests.saml import ISSUER, Identity

pytestmark = pytest.mark.slow

NAME = "elsewhere"
PROVIDER = f"/api/v1/identity-providers/{NAME}"
HOME = re.compile(r"/app/self/?\?workspace=demo$")


@pytest.fixture(scope="module", autouse=True)
def provider(run: Run) -> Iterator[None]:
    """The provider, on another site than ours, as the workspace has chosen it."""
    now = SystemClock().now()
    identity = Identity(since=now - 60, until=now + 86_400)
    place = (run.origin, "demo", NAME)
    ours = description_of(entity=entity_of(*place), recipient=recipient_of(*place))
    words = [ISSUER, ours, identity.secret.decode(), identity.pem, "assertion"]
    member = run.token(OPERATOR, "notes", "--member")
    with started("saml.mjs", *words) as site:
        body = {
            "kind": "saml",
            "displayName": "Elsewhere",
            "issuer": ISSUER,
            "ssoUrl": f"{site}/sso",
            "certificates": [identity.pem],
            "domains": ["acme.example"],
            "makesUsers": True,
        }
        chosen = run.client.send("PUT", PROVIDER, token=member, body=body)
        assert chosen.status == 200, chosen
        yield
        assert run.client.send("DELETE", PROVIDER, token=member).status == 200


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    yield from opened(browser)


@pytest.fixture
def attacker(browser: Browser) -> Iterator[Page]:
    yield from opened(browser)


def opened(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    yield context.new_page()
    context.close()


def goes_there(run: Run, page: Page, who: str) -> None:
    """Go as far as the provider's page, which holds the response that it signed."""
    page.goto(f"{run.origin}/app/self?workspace=demo")
    page.get_by_role("button", name="Continue with Elsewhere").click()
    page.get_by_label("Who").fill(who)
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=SAMLResponse]").wait_for(state="attached")


def comes_back(page: Page) -> list[Request]:
    """Press its button; answers the requests by which the browser is back."""
    sent: list[Request] = []

    def keep(request: Request) -> None:
        if "/oidc/demo/" in request.url and NAME in request.url:
            sent.append(request)

    page.on("request", keep)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/app/"))
    return sent


def posted(page: Page) -> dict[str, str]:
    names = ("SAMLResponse", "RelayState")
    return {name: page.locator(f"input[name={name}]").input_value() for name in names}


def is_known(context: BrowserContext) -> bool:
    """Tell whether somebody is signed in with this browser."""
    return any(each["name"].startswith("__Host-sf-") for each in context.cookies())


def lures(run: Run, page: Page, form: dict[str, str]) -> str:
    """Open a page of a third site that posts a form to us by itself; answers where that leads."""
    acs = recipient_of(run.origin, "demo", NAME)
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in form.items()
    )
    html = (
        f'<form method="POST" action="{acs}">{fields}</form>'
        "<script>document.forms[0].submit()</script>"
    )
    page.route(
        "http://lure.example/", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    with page.expect_response(acs) as answered:
        page.goto("http://lure.example/", wait_until="commit")
    assert answered.value.status == 303
    page.wait_for_url(re.compile("/app/sessions/login/?[?]"))
    return page.url


def test_a_post_without_a_cookie_leads_the_browser_that_set_out_in(run: Run, page: Page) -> None:
    goes_there(run, page, "nora")
    arriving, returning = comes_back(page)
    assert (arriving.method, returning.method) == ("POST", "GET")
    # SameSite=Lax: not with what another site posts, and with the GET that it is turned into.
    assert "cookie" not in arriving.all_headers()
    assert "__Host-sfo-" in returning.all_headers()["cookie"]
    expect(page.get_by_role("heading", name="Your account", exact=True)).to_be_visible()
    expect(page.get_by_text("nora@acme.example")).to_be_visible()
    assert HOME.search(page.url)


def test_a_response_of_an_attackers_own_signs_nobody_else_in(
    run: Run, page: Page, attacker: Page
) -> None:
    goes_there(run, attacker, "mallory")
    # It is read and believed, and counts only where its browser is.
    assert "?error=" in lures(run, page, posted(attacker))
    assert not is_known(page.context)
    page.goto(f"{run.origin}/app/self?workspace=demo")
    expect(page.get_by_label("Email")).to_be_visible()


def test_it_does_not_end_a_way_that_is_under_way(run: Run, page: Page, attacker: Page) -> None:
    goes_there(run, attacker, "mallory")
    goes_there(run, page, "nora")
    assert "?error=" in lures(run, page.context.new_page(), posted(attacker))
    assert not is_known(page.context)
    comes_back(page)
    expect(page.get_by_text("nora@acme.example")).to_be_visible()


def test_it_is_no_answer_to_what_another_asked(run: Run, page: Page, attacker: Page) -> None:
    goes_there(run, attacker, "mallory")
    goes_there(run, page, "nora")
    form = {**posted(attacker), "RelayState": posted(page)["RelayState"]}
    lures(run, page, form)
    expect(page.get_by_text("What the provider answered could not be trusted.")).to_be_visible()
    assert not is_known(page.context)


def test_what_was_altered_on_the_way_is_not_believed(run: Run, page: Page) -> None:
    goes_there(run, page, "nora")
    field = page.locator("input[name=SAMLResponse]")
    text = base64.b64decode(field.input_value()).decode()
    forged = base64.b64encode(text.replace(">nora<", ">owner<").encode()).decode()
    assert forged != field.input_value()
    field.evaluate("(field, text) => { field.value = text }", forged)
    comes_back(page)
    expect(page.get_by_text("What the provider answered could not be trusted.")).to_be_visible()
    assert not is_known(page.context)
