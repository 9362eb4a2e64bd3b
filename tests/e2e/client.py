"""A client over real HTTP that sends what it is told, byte for byte."""

import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.promised import holds, template_of


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        if self.headers.get("content-type") != "application/problem+json":
            return None
        return str(self.json()["code"])


@dataclass(frozen=True, slots=True)
class Client:
    """Requests to one server; each has a connection of its own unless one is given."""

    port: int

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        connection: HTTPConnection | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("content-type", "application/json")
        used = connection or self.connection()
        try:
            used.request(method, path, body=raw, headers=sent)
            answer = used.getresponse()
            pairs = [(name.lower(), value) for name, value in answer.getheaders()]
            got = Answer(
                status=answer.status,
                headers=dict(pairs),
                cookies=tuple(value for name, value in pairs if name == "set-cookie"),
                body=answer.read(),
            )
        finally:
            if connection is None:
                used.close()
        route = template_of(method, path)
        if route is not None:
            holds(method, route, status=got.status, headers=got.headers, body=got.body)
        return got

    def connection(self) -> HTTPConnection:
        # The name, because it is in the address that the platform knows as its own.
        made = HTTPConnection("127.0.0.1", self.port, timeout=35)
        made.connect()
        return made

    def is_there(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def mailed_code(self, email: str) -> str:
        """The six digits of the newest mail to somebody, as the local outbox shows it."""
        host = {"host": f"localhost:{self.port}"}
        mails = self.send("GET", "/dev/outbox.json", headers=host).json()["mails"]
        text = next(str(mail["text"]) for mail in mails if email in mail["to"])
        found = re.search(r"\b\d{6}\b", text)
        assert found is not None, text
        return found[0]


def wait_until(claim: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
    """Wait for something that is about to become true."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)
