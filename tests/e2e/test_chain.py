"""The whole chain in a browser: a client's page, our login, a provider elsewhere, and back.

Page and provider are by libraries that are not ours.
"""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.credentials import OPERATOR
from tests.e2e.launch import Run
from tests.openid.provider import provider_for

pytestmark = pytest.mark.slow

SCRIPT = "oidc-client-ts.min.js"
PROVIDER = "chain"


@dataclass
class Site:
    """The client's page on an origin of its own."""

    server: ThreadingHTTPServer
    library: Path
    settings: str = ""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def body(self, path: str) -> tuple[bytes, str]:
        if path == f"/{SCRIPT}":
            script = self.library / "node_modules" / "oidc-client-ts" / "dist" / "browser" / SCRIPT
            return script.read_bytes(), "text/javascript"
        page = (self.library / "page.html").read_text("utf-8")
        return page.replace("SETTINGS", self.settings).encode(), "text/html"


@pytest.fixture(scope="module")
def site(library: Path) -> Iterator[Site]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = found.body(self.path)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    found = Site(ThreadingHTTPServer(("127.0.0.1", 0), Door), library)
    found.server.daemon_threads = True
    threading.Thread(target=found.server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="module")
def page(run: Run, site: Site, browser: Browser) -> Iterator[Page]:
    """A window of somebody who was never here, at a client that just came to be."""
    member, secret = run.token(OPERATOR, "notes", "--member"), secrets.token_urlsafe(32)
    body = {
        "appId": f"chain-{secrets.token_hex(4)}",
        "displayName": "Chain",
        "redirectUris": [f"{site.origin}/"],
        "postLogoutRedirectUris": [f"{site.origin}/"],
    }
    made = run.client.send("POST", "/api/v1/applications", token=member, body=body)
    assert made.status == 201, made
    authority = f"{run.origin}/oidc/demo"
    site.settings = urlencode({"authority": authority, "clientId": made.json()["clientId"]})
    with provider_for(f"{authority}/callback/{PROVIDER}", secret) as issuer:
        choice = {
            "displayName": "Upstream",
            "issuer": issuer,
            "clientId": "secureflows",
            "clientSecret": secret,
            "makesUsers": True,
        }
        path = f"/api/v1/identity-providers/{PROVIDER}"
        chosen = run.client.send("PUT", path, token=member, body=choice)
        assert chosen.status == 200, chosen
        context = browser.new_context()
        context.set_default_timeout(15_000)
        yield context.new_page()
        context.close()
        assert run.client.send("DELETE", path, token=member).status == 200


def test_a_person_comes_from_a_provider_elsewhere_and_reads_their_own(
    run: Run, site: Site, page: Page
) -> None:
    page.goto(site.origin)
    page.evaluate("void bound.signinRedirect()")
    page.get_by_role("button", name="Continue with Upstream").click()
    page.locator("input[name=login]").fill("chloe")
    page.locator("input[name=password]").fill("x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{site.origin}/?*")
    person = {"email": "chloe@acme.example", "name": "Nora"}
    user = page.evaluate("bound.signinCallback().then(told)")
    assert user == {**person, "type": "DPoP", "refreshes": True}
    identity = _read(run, page)
    assert identity["email"] == person["email"]
    # A refresh token that is bound to a key brings fresh tokens without a window.
    assert page.evaluate("bound.signinSilent().then(told)") == user
    assert _read(run, page) == identity


def test_the_browser_is_known_next_time_until_it_signs_out(
    run: Run, site: Site, page: Page
) -> None:
    page.goto(site.origin)
    page.evaluate("void party.signinRedirect()")
    page.get_by_role("button", name="Continue as Nora").click()
    page.wait_for_url(f"{site.origin}/?*")
    user: dict[str, Any] = page.evaluate("party.signinCallback().then(told)")
    assert user == {
        "email": "chloe@acme.example",
        "name": "Nora",
        "type": "Bearer",
        "refreshes": False,
    }
    page.evaluate("void party.signoutRedirect()")
    page.wait_for_url(lambda url: url.startswith(site.origin) and "code=" not in url)
    page.evaluate("void party.signinRedirect()")
    expect(page.get_by_role("button", name="Continue with Upstream")).to_be_visible()
    expect(page.get_by_role("button", name="Continue as Nora")).to_be_hidden()
    assert page.url.startswith(run.origin)


def _read(run: Run, page: Page) -> Any:
    return page.evaluate("(address) => read(address)", f"{run.origin}/api/v1/sessions/identity")
