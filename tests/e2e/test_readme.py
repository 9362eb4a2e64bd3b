"""The README's integration works as it stands there, registered and served as it says."""

import json
import os
import re
import secrets
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.client import Client, wait_until
from tests.e2e.conftest import NODE
from tests.e2e.launch import ROOT, Run
from tests.engines import free_port

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text("utf-8")
WRITTEN_FOR = "http://localhost:8000"
HOME = "http://127.0.0.1:5173/"
PERSON = "jonah@demo.example"


def block(language: str, mentioning: str) -> str:
    """Answer the one block of a language that mentions something."""
    found = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    (one,) = [text for text in found if mentioning in text]
    return str(one)


@pytest.fixture
def page_server() -> Iterator[HTTPServer]:
    """An application of its own origin; `page` is set before anybody visits it."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.server.page.encode()  # type: ignore[attr-defined]
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_application_registers_and_integrates_as_the_readme_says(
    run: Run, browser: Browser, page_server: HTTPServer
) -> None:
    home = f"http://127.0.0.1:{page_server.server_port}/"
    client_id = registered(run, home)
    script = block("js", "grant_type").replace(WRITTEN_FOR, run.origin)
    assert "YOUR CLIENT ID" in script
    script = script.replace("YOUR CLIENT ID", client_id)
    page_server.page = (  # type: ignore[attr-defined]
        f'<!doctype html><link rel="icon" href="data:,"><script type="module">{script}</script>'
    )
    passwords = json.loads((run.state / "credentials.json").read_text("utf-8"))

    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(home)
    page.get_by_label("Email").fill(PERSON)
    page.get_by_role("button", name="Continue", exact=True).click()
    password = page.get_by_label("Password", exact=True)
    expect(password).to_be_visible()
    password.fill(passwords[PERSON])
    with page.expect_console_message() as written:
        password.press("Enter")
    assert [each.json_value() for each in written.value.args] == [{"color": "blue"}]
    assert said == []
    context.close()


@pytest.mark.parametrize(
    ("language", "uses", "start", "way"),
    [
        (
            "python",
            "authlib",
            [NODE / "flask", "--app", "{file}", "run", "--port", "{port}"],
            "login",
        ),
        ("js", "openid-client", [NODE / "node", "{file}"], ""),
    ],
)
def test_a_library_is_told_the_issuer_and_the_client_id_alone(
    run: Run, library: Path, language: str, uses: str, start: list[Any], way: str
) -> None:
    port = free_port()
    home = f"http://127.0.0.1:{port}/"
    client_id = registered(run, home)
    script = block(language, uses).replace(WRITTEN_FOR, run.origin)
    script = script.replace(HOME, home).replace("listen(5173)", f"listen({port})")
    assert "5173" not in script
    file = library / f"written-{port}.{'mjs' if language == 'js' else 'py'}"
    file.write_text(script.replace("YOUR CLIENT ID", client_id), "utf-8")
    words = [str(word).format(file=file, port=port) for word in start]
    with serving(words, port, library), httpx.Client() as browser:
        sent = browser.get(home + way)
        shown = browser.get(sent.headers["location"])
        back = signed_in(run, shown.headers["location"])
        answer = browser.get(back)
    assert (answer.status_code, answer.json()) == (200, {})


@contextmanager
def serving(words: list[str], port: int, folder: Path) -> Iterator[None]:
    """Run a program for as long as it is asked, and end it."""
    # What the environment calls node starts the real one: they end together.
    with subprocess.Popen(
        words, cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True
    ) as program:
        try:
            wait_until(Client(port).is_there, "the program of the README")
            yield
        finally:
            os.killpg(program.pid, signal.SIGTERM)


def signed_in(run: Run, page: str) -> str:
    """Sign a person in at the login; answers where they go then."""
    passwords = json.loads((run.state / "credentials.json").read_text("utf-8"))
    answer = run.client.send(
        "POST",
        "/api/v1/login/sign-in",
        body={
            "request": dict(parse_qsl(urlsplit(page).query)),
            "email": PERSON,
            "password": passwords[PERSON],
        },
        headers={"origin": run.origin, "x-secureflows": "1"},
    )
    assert answer.status == 200, answer
    return str(answer.json()["redirectTo"])


def registered(run: Run, home: str) -> str:
    """Register as the README's request does, at another address; answers the client id."""
    words = shlex.split(block("sh", "/applications").replace("\\\n", ""))
    assert words[:2] == ["curl", f"{WRITTEN_FOR}/api/v1/applications"]
    body = json.loads(words[words.index("-d") + 1])
    assert body["redirectUris"] == [HOME]
    body |= {"appId": f"mine-{secrets.token_hex(4)}", "redirectUris": [home]}
    answer = run.client.send(
        "POST",
        "/api/v1/applications",
        token=run.token("owner@demo.example", "notes", "--member"),
        body=body,
    )
    assert answer.status == 201
    return str(answer.json()["clientId"])
