"""A person with a browser, and the client that sent them: the whole way over HTTP."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from chalicelib.domain.audit import AuditAction
from chalicelib.domain.users import User, UserStatus
from chalicelib.domain.workspaces import Workspace
from tests.api.platform import OWN_ORIGIN, Answer, Platform, Tenant, send
from tests.builders import some_event

PASSWORD = "plain words are long"
OWN_PAGE = {"origin": OWN_ORIGIN, "x-secureflows": "1"}


@dataclass
class Visitor:
    """One browser at one application's login."""

    platform: Platform
    tenant: Tenant
    cookies: dict[str, str] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    ip: str = "192.0.2.7"
    agent: str = ""

    @property
    def slug(self) -> str:
        return self.tenant.workspace.slug

    @property
    def redirect_uri(self) -> str:
        return self.tenant.application.redirect_uris[0]

    def params(self, **changes: str | None) -> dict[str, str]:
        """An authorisation request; `None` leaves a parameter out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        words: dict[str, str | None] = {
            "client_id": self.tenant.application.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid email profile",
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in words.items() if value is not None}

    def authorize(self, **changes: str | None) -> Answer:
        return self.get(f"/oidc/{self.slug}/authorize?{urlencode(self.params(**changes))}")

    def get(self, path: str, **headers: str) -> Answer:
        return self._kept(send("GET", path, headers={**self._cookie(), **headers}))

    def step(self, step: str, /, *, request: dict[str, str] | None = None, **body: Any) -> Answer:
        """What the login's page posts."""
        named = {"workspace_name": self.slug, "app_id": self.tenant.application.id}
        sent = {"request": request or {**named, **self.params()}, **body}
        headers = {**OWN_PAGE, **self._cookie()}
        if self.agent:
            headers["user-agent"] = self.agent
        path = f"/api/v1/login/{step}"
        return self._kept(send("POST", path, body=sent, headers=headers, ip=self.ip))

    def sign_out(self) -> Answer:
        """What the page posts when the person wants to be signed out."""
        return self.step("sign-out", request={"workspace_name": self.slug})

    def sign_in(self, email: str | None = None, password: str = PASSWORD) -> Answer:
        return self.step("sign-in", email=email or self.tenant.email, password=password)

    def sign_up(self, email: str, password: str = PASSWORD, name: str | None = None) -> Answer:
        return self.step("sign-up", email=email, password=password, name=name)

    def code(self, **changes: str | None) -> str:
        """A fresh authorisation code."""
        named = {"workspace_name": self.slug, "app_id": self.tenant.application.id}
        request = {**named, **self.params(**changes)}
        words = {"email": self.tenant.email, "password": PASSWORD}
        return code_of(self.step("sign-in", request=request, **words).json()["redirectTo"])

    def exchange(
        self,
        code: str,
        *,
        at: str | None = None,
        headers: Any = None,  # a mapping; dictionaries of changes are spread beside it
        **changes: str | None,
    ) -> Answer:
        words: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.tenant.application.client_id,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        form = {name: value for name, value in words.items() if value is not None}
        return post_form(f"/oidc/{at or self.slug}/token", form, **(headers or {}))

    def typed_code(self) -> str:
        """The six digits of the newest mail."""
        found = re.search(r"\b\d{6}\b", self.platform.adapters.mailer.sent[-1].text)
        assert found is not None
        return found[0]

    def _cookie(self) -> dict[str, str]:
        if not self.cookies:
            return {}
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _kept(self, answer: Answer) -> Answer:
        for line in answer.cookies:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return answer


def account(
    platform: Platform,
    workspace: Workspace,
    email: str,
    *,
    status: UserStatus = UserStatus.ACTIVE,
    password: str | None = None,
) -> User:
    """A stored user; `password` is the hash to store in place of today's."""
    users = platform.services.hosted.users
    draft = users.draft(workspace.id, email=email, password=PASSWORD, name="Mira")
    user = User(
        person=draft.person,
        status=status,
        profile=draft.profile,
        password=password or draft.password,
        created_at=platform.adapters.clock.now(),
    )
    event = some_event(workspace.id, action=AuditAction.USER_CREATED)
    platform.adapters.users.create(user, address=draft.address, keys=draft.keys, event=event)
    return user


def post_form(path: str, form: dict[str, str], **headers: str) -> Answer:
    sent = {"content-type": "application/x-www-form-urlencoded", **headers}
    return send("POST", path, raw=urlencode(form).encode(), headers=sent)


def query_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_of(location: str) -> str:
    return query_of(location)["code"]
