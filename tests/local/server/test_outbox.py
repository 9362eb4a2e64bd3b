"""The page that shows mails on this machine."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from infra.local.server.outbox import Outbox
from tests.local.server.wire import request_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES = [
    {
        "Id": str(number),
        "Destination": {"ToAddresses": ["mira@demo.example"]},
        "Subject": f"Code <{number}>",
        "Body": {
            "text_part": f"<script>{number}</script>",
            "html_part": "<script>alert(1)</script><p>Hi</p>" if number else None,
        },
        "Timestamp": time,
    }
    for number, time in enumerate(["2026-01-01T10:00:00", "2026-01-01T10:00:01", "2025-01-01"])
]
HOST = ("host", "localhost:8000")


class Cloud(BaseHTTPRequestHandler):
    """Answers as the embedded cloud does."""

    def do_GET(self) -> None:
        assert self.path == "/_aws/ses"
        body = json.dumps({"messages": MESSAGES}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library names it
        pass


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Cloud) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Outbox(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()
        thread.join()


def test_mails_are_listed_newest_first(outbox: Outbox) -> None:
    answer = outbox.answer(request_of("GET", "/dev/outbox.json", "", HOST))
    mails = json.loads(answer.body)["mails"]
    assert [mail["id"] for mail in mails] == ["1", "0", "2"]
    assert mails[0] == {
        "id": "1",
        "to": ["mira@demo.example"],
        "subject": "Code <1>",
        "time": "2026-01-01T10:00:01",
        "text": "<script>1</script>",
        "html": "<script>alert(1)</script><p>Hi</p>",
    }


def test_the_page_escapes_what_a_mail_says(outbox: Outbox) -> None:
    answer = outbox.answer(request_of("GET", "/dev/outbox", "", HOST))
    assert b"&lt;script&gt;1&lt;/script&gt;" in answer.body
    assert b"<script>" not in answer.body
    assert "default-src 'none'" in dict(answer.headers)["content-security-policy"]


def test_a_mail_with_two_forms_shows_both(outbox: Outbox) -> None:
    page = outbox.answer(request_of("GET", "/dev/outbox", "", HOST)).body.decode()
    frames = re.findall(r"<iframe[^>]*>", page)
    assert frames == [
        f'<iframe sandbox loading="lazy" src="/dev/outbox/{number}.html"'
        f' title="Code &lt;{number}&gt;">'
        for number in (1, 2)
    ]
    assert page.count("<pre>") == 3


def test_the_html_of_a_mail_may_do_nothing_at_all(outbox: Outbox) -> None:
    answer = outbox.answer(request_of("GET", "/dev/outbox/1.html", "", HOST))
    assert (answer.status, answer.body) == (200, b"<script>alert(1)</script><p>Hi</p>")
    policy = dict(answer.headers)["content-security-policy"].split("; ")
    assert policy[:2] == ["sandbox", "default-src 'none'"]
    assert "frame-ancestors 'self'" in policy


@pytest.mark.parametrize("name", ["0", "9", "%2e%2e", "1.html"])
def test_what_has_no_html_is_not_there(outbox: Outbox, name: str) -> None:
    answer = outbox.answer(request_of("GET", f"/dev/outbox/{name}.html", "", HOST))
    assert (answer.status, answer.body) == (404, b"")


def test_the_outbox_has_its_own_paths_and_no_others() -> None:
    own = ["/dev/outbox", "/dev/outbox.json", "/dev/outbox/1.html"]
    others = ["/dev/outbox/", "/dev/outbox/1/2.html", "/dev/outboxes", "/app/dev/outbox"]
    assert [path for path in own + others if Outbox.has(path)] == own


@pytest.mark.parametrize("path", ["/dev/outbox", "/dev/outbox.json", "/dev/outbox/1.html"])
def test_another_method_is_refused(outbox: Outbox, path: str) -> None:
    assert outbox.answer(request_of("POST", path, "", HOST)).status == 405


@pytest.mark.parametrize("path", ["/dev/outbox.json", "/dev/outbox/1.html"])
@pytest.mark.parametrize("host", ["evil.example:8000", "localhost.evil.example:8000", ""])
def test_a_foreign_name_for_this_machine_reads_nothing(
    outbox: Outbox, host: str, path: str
) -> None:
    answer = outbox.answer(request_of("GET", path, "", ("host", host)))
    assert (answer.status, answer.body) == (403, b"")


def test_without_a_cloud_the_page_says_so() -> None:
    answer = Outbox("http://127.0.0.1:9").answer(request_of("GET", "/dev/outbox", "", HOST))
    assert answer.status == 502
    assert b"no mails" in answer.body
