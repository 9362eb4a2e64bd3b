"""A person at the hosted login without a browser: the same requests that the page makes."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.e2e.client import Answer, Client
from tests.e2e.launch import Run


@dataclass
class Visitor:
    """Signs up and in at one application of a workspace."""

    run: Run
    email: str
    password: str
    app: str = "notes"
    workspace: str = "demo"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def sign_up(self) -> str:
        """Make an account with the code that was mailed; answers a sessionToken."""
        request = self.request("create")
        given = {"email": self.email, "password": self.password, "name": "Nora"}
        challenge = self._step("sign-up", request, given)["challenge"]
        code = self.run.client.mailed_code(self.email)
        left = self._step("sign-up/verify", request, {"challenge": challenge, "code": code})
        answer = _good(self.exchange(_query(left["redirectTo"])["code"]))
        return str(answer.json()["access_token"])

    def sign_in(self) -> str:
        """Answer a sessionToken for the password."""
        return str(self.tokens()["access_token"])

    def tokens(self) -> dict[str, Any]:
        """Answer all that the token endpoint gives for the password."""
        tokens: dict[str, Any] = _good(self.exchange(self.code())).json()
        return tokens

    def code(self) -> str:
        """Answer a fresh authorisation code."""
        given = {"email": self.email, "password": self.password}
        return _query(self._step("sign-in", self.request("login"), given)["redirectTo"])["code"]

    def person_token(self) -> str:
        """Answer a fresh token for the person's own account, by the cookie of a sign-in."""
        given = {"email": self.email, "password": self.password}
        answer = self._post("login/sign-in", {"request": self.request("login"), **given})
        cookie = answer.cookies[0].partition(";")[0]  # the first is the sign-in
        home = self._post("self/member-token", {"workspaceName": self.workspace}, cookie=cookie)
        return str(home.json()["memberToken"])

    def exchange(self, code: str, *, at: Client | None = None) -> Answer:
        """Take a code to the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client["redirectUri"],
            "client_id": self._client["clientId"],
            "code_verifier": self.verifier,
        }
        return (at or self.run.client).send(
            "POST",
            f"/oidc/{self.workspace}/token",
            raw=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )

    @property
    def redirect_uri(self) -> str:
        """Answer where the login sends people back to."""
        return self._client["redirectUri"]

    def request(self, prompt: str) -> dict[str, str]:
        """Answer what the login's page is sent with, and sends along at every step."""
        query = urlencode(self.query(prompt))
        answer = self.run.client.send("GET", f"/oidc/{self.workspace}/authorize?{query}")
        assert answer.status == 302, answer
        return _query(answer.headers["location"])

    def query(self, prompt: str) -> dict[str, str]:
        """Answer the parameters of an authorisation request."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "client_id": self._client["clientId"],
            "redirect_uri": self._client["redirectUri"],
            "response_type": "code",
            "scope": "openid email",
            "state": secrets.token_urlsafe(16),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "prompt": prompt,
        }

    @property
    def _client(self) -> dict[str, str]:
        clients = json.loads((self.run.state / "clients.json").read_text())["clients"]
        found: dict[str, str] = clients[f"{self.workspace}/{self.app}"]
        return found

    def _step(self, step: str, request: dict[str, str], given: dict[str, str]) -> Any:
        return self._post(f"login/{step}", {"request": request, **given}).json()

    def _post(self, path: str, body: dict[str, Any], **headers: str) -> Answer:
        answer = self.run.client.send(
            "POST",
            f"/api/v1/{path}",
            body=body,
            headers={"origin": self.run.origin, "x-secureflows": "1", **headers},
        )
        return _good(answer)


def _good(answer: Answer) -> Answer:
    assert answer.status == 200, answer
    return answer


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
