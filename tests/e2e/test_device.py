"""A command line signs in by a code: a library that is not ours waits, Chromium decides."""

import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import NODE
from tests.e2e.credentials import OPERATOR
from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.slow


@dataclass
class Shell:
    """The program of the library, while it waits."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any]

    def outcome(self) -> Any:
        said, wrong = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, wrong
        return json.loads(said)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def visitor(run: Run) -> Visitor:
    visitor = Visitor(run, "shell@demo.example", "seven quiet harbours at dusk")
    visitor.sign_up()
    return visitor


@pytest.fixture(scope="module")
def client_id(run: Run) -> str:
    member = run.token(OPERATOR, "notes", "--member")
    body = {
        "appId": f"shell-{secrets.token_hex(4)}",
        "displayName": "Harbor CLI",
        "redirectUris": ["http://127.0.0.1/back"],
        "kind": "native",
    }
    made = run.client.send("POST", "/api/v1/applications", token=member, body=body)
    assert made.status == 201, made
    return str(made.json()["clientId"])


def waiting(run: Run, library: Path, client_id: str, way: str) -> Shell:
    process = subprocess.Popen(
        [NODE / "node", "device.mjs", run.origin, "demo", client_id, way],
        cwd=library,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    return Shell(process, json.loads(line))


def typed(page: Page, shell: Shell) -> None:
    page.goto(shell.told["verification_uri"])
    page.get_by_label("Code").fill(shell.told["user_code"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Let Harbor CLI in?")).to_be_visible()


def sign_in(page: Page, visitor: Visitor) -> None:
    page.get_by_role("button", name="Sign in to decide").click()
    page.get_by_label("Email").fill(visitor.email)
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Password").fill(visitor.password)
    page.keyboard.press("Enter")
    not_now = page.get_by_role("button", name="Not now")
    decide = page.get_by_role("button", name="Let it in as")
    expect(not_now.or_(decide)).to_be_visible()
    if not_now.is_visible():
        not_now.click()
    expect(decide).to_be_visible()


@pytest.mark.parametrize("way", ["plain", "bound"])
def test_a_command_line_is_let_in(
    run: Run, library: Path, page: Page, visitor: Visitor, client_id: str, way: str
) -> None:
    shell = waiting(run, library, client_id, way)
    assert shell.told["at_once"] == "authorization_pending"
    typed(page, shell)
    sign_in(page, visitor)
    expect(page.get_by_role("definition").first).to_have_text(shell.told["user_code"])
    page.get_by_role("button", name="Let it in as").click()
    expect(page.get_by_role("heading", name="Your device is connected")).to_be_visible()
    assert shell.outcome() == {
        "tokenType": "dpop" if way == "bound" else "bearer",
        "email": visitor.email,
        "hasty": "slow_down",
    }


def test_a_command_line_is_sent_away(
    run: Run, library: Path, page: Page, visitor: Visitor, client_id: str
) -> None:
    shell = waiting(run, library, client_id, "plain")
    page.goto(shell.told["verification_uri_complete"])
    expect(page.get_by_label("Code")).to_have_value(shell.told["user_code"])
    page.get_by_role("button", name="Continue").click()
    sign_in(page, visitor)
    page.get_by_role("button", name="Do not let it in").click()
    expect(page.get_by_role("heading", name="The device was not let in")).to_be_visible()
    assert re.fullmatch(r".*/app/device/?\?workspace=demo", page.url)
    assert shell.outcome() == {"error": "access_denied"}
