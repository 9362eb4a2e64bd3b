"""A newcomer in a real browser: account, note, sign-out, sign-in, and nothing lying about."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

from tests.e2e.launch import ROOT, Run
from tests.promises.traces import found_in

pytestmark = pytest.mark.slow

SHOTS = ROOT / "build" / "e2e"
PASSWORD = "seven quiet harbours at dusk"
NOTE = "The blue boat leaves at ten past four"
EXPECTED = ("/api/v1/sessions/get/notes", "/api/v1/login/sign-in")
REPORT = """addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))"""
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"


@dataclass
class Walk:
    """One browser window; remembers what it complained of, where it was, what it was given."""

    run: Run
    page: Page
    shots: Path
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.add_init_script(REPORT)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("framenavigated", lambda frame: self.addresses.append(frame.url))
        self.page.on("response", self._keep_tokens)

    def shoot(self, name: str) -> None:
        self.count += 1
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=self.shots / f"{self.count:02}-{name}.png", full_page=True)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def stored(self) -> str:
        """What both storages of this origin hold."""
        return str(self.page.evaluate(STORED))

    def sees_note(self) -> None:
        expect(self.page.get_by_role("list", name="Notes")).to_contain_text(NOTE)

    def signs_out(self, sample: str) -> None:
        # The page looks the same before it leaves for the login and after it is back.
        with self.page.expect_response(lambda answer: answer.url == sample):
            self.click("Sign out")

    def history(self) -> list[str]:
        session = self.page.context.new_cdp_session(self.page)
        entries = session.send("Page.getNavigationHistory")["entries"]
        session.detach()
        return [str(entry["url"]) for entry in entries]

    def _listen(self, message: ConsoleMessage) -> None:
        # A key that was never written and a wrong password are refused by contract; Chromium
        # reports every such answer as an error.
        is_expected = message.location.get("url", "").endswith(EXPECTED)
        if message.type in {"error", "warning"} and not is_expected:
            self.complaints.append(message.text)

    def _keep_tokens(self, response: Response) -> None:
        if response.url.endswith("/token") and response.request.method == "POST":
            answer = response.json()
            self.tokens += [answer["access_token"], answer["id_token"]]


@pytest.fixture(params=["light", "dark"])
def walk(request: pytest.FixtureRequest, browser: Browser, run: Run) -> Iterator[Walk]:
    scheme: Literal["light", "dark"] = request.param
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield Walk(run, context.new_page(), SHOTS / scheme)
    context.close()


def test_a_newcomer_keeps_a_note_and_finds_it_again(walk: Walk) -> None:
    page, sample = walk.page, f"{walk.run.sample}/"
    email = f"newcomer-{walk.shots.name}@example.org"

    page.goto(sample)
    expect(page.get_by_role("button", name="Create account")).to_be_visible()
    walk.shoot("sample")

    walk.click("Create account")
    expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    page.get_by_label(re.compile("^Name")).fill("Nora Newcomer")
    walk.fill("Email", email)
    walk.fill("Password", PASSWORD)
    walk.shoot("create-account")
    walk.click("Create account")

    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    walk.shoot("code")
    assert walk.stored() == "[{},{}]"
    code_field = page.get_by_label("Six-digit code")
    code_field.press_sequentially(walk.run.client.mailed_code(email))

    expect(page.get_by_role("heading", name="Your notes")).to_be_visible()
    assert page.url == sample
    expect(page.locator("#identity")).to_contain_text(email)
    walk.fill("New note", NOTE)
    walk.click("Add note")
    walk.sees_note()
    walk.shoot("note-written")
    assert walk.stored() == "[{},{}]"

    page.reload()
    # The token was in the page's memory only; the login remembers this browser.
    walk.click("Sign in")
    expect(page.get_by_role("button", name="Continue as Nora Newcomer")).to_be_visible()
    walk.shoot("continue-as")
    walk.click("Continue as Nora Newcomer")
    walk.sees_note()
    walk.shoot("note-read-back")

    walk.signs_out(sample)
    expect(page.get_by_role("button", name="Create account")).to_be_visible()
    assert page.url == sample
    walk.shoot("signed-out")
    # What stays says that this browser is known, and signs nobody in.
    assert not any(c["name"].startswith("__Host-sf-") for c in page.context.cookies())

    walk.click("Sign in")
    walk.fill("Email", email)
    walk.shoot("email")
    walk.click("Continue")
    walk.fill("Password", "not the right words at all")
    walk.click("Sign in")
    expect(page.get_by_text("do not match")).to_be_visible()
    walk.shoot("wrong-password")
    walk.fill("Password", PASSWORD)
    walk.click("Sign in")
    walk.sees_note()
    walk.shoot("signed-in-again")

    _nothing_lies_about(walk, secrets=[*walk.tokens, PASSWORD, NOTE])


def _nothing_lies_about(walk: Walk, *, secrets: list[str]) -> None:
    assert len(walk.tokens) == 6
    assert walk.stored() == "[{},{}]"
    written = json.dumps(walk.page.context.storage_state()["origins"])
    for place in (*walk.addresses, *walk.history(), written):
        assert [secret for secret in secrets if secret in place] == [], place
    # A code works once and for its verifier only; in the history it has no business even so.
    assert [url for url in walk.history() if "code=" in url] == []
    assert walk.complaints == []
    # What the run keeps on disk is no exception; the passwords of its demo people are.
    for file in (f for f in walk.run.state.rglob("*") if f.is_file()):
        content = file.read_bytes()
        assert [secret for secret in secrets if found_in(content, secret)] == [], file
