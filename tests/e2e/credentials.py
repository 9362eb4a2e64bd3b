"""Credentials of every kind for one run, made anew when a request has ended them."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.launch import Run
from tests.e2e.visitor import Visitor

PERSON = "jonah@demo.example"
OPERATOR = "owner@demo.example"
APP = "forms"
# An ID token is accepted for five minutes.
_FRESH_SECONDS = 200


@dataclass(slots=True)
class Credentials:
    """A person at an application of the demo workspace, and the operator of that workspace."""

    run: Run
    _held: dict[str, tuple[str, float]] = field(default_factory=dict)

    def headers(
        self, kind: str, *, at_console: bool = False, is_leaving: bool = False
    ) -> dict[str, str]:
        """What a caller of this kind sends to prove who they are."""
        if kind == "own_page":
            return {"origin": self.run.origin, "x-secureflows": "1"}
        if kind == "person" and is_leaving:
            return {"authorization": f"Bearer {self._newcomer().person_token()}"}
        if kind == "person":
            return {"authorization": f"Bearer {self.visitor().person_token()}"}
        name = "operator" if kind == "identity" and at_console else kind
        return {"authorization": f"Bearer {self.token(name)}"}

    def token(self, name: str) -> str:
        """Answer a token: of a `session`, an `identity`, an `operator` or a `member`."""
        held = self._held.get(name)
        if held is None or time.monotonic() - held[1] > _FRESH_SECONDS:
            held = (self._made(name), time.monotonic())
            self._held[name] = held
        return held[0]

    def forget(self, *, everywhere: bool) -> None:
        """Sign in anew before the next request."""
        self._held.clear()
        if everywhere:
            # A sign-in in the very second of a sign-out counts as one before it.
            time.sleep(1.1)

    def visitor(self, workspace: str = "demo", app: str = APP) -> Visitor:
        """The person at the login, or the operator at that of the console."""
        email = PERSON if workspace == "demo" else OPERATOR
        passwords = json.loads((self.run.state / "credentials.json").read_text("utf-8"))
        return Visitor(self.run, email, passwords[email], app, workspace=workspace)

    def _newcomer(self) -> Visitor:
        email = f"leaving-{secrets.token_hex(6)}@demo.example"
        visitor = Visitor(self.run, email, secrets.token_urlsafe(16), APP)
        visitor.sign_up()
        return visitor

    def _made(self, name: str) -> str:
        if name == "member":
            return self.run.token(OPERATOR, APP, "--member")
        at_console = name == "operator"
        visitor = self.visitor("console", "console") if at_console else self.visitor()
        tokens: dict[str, Any] = visitor.tokens()
        return str(tokens["access_token" if name == "session" else "id_token"])
