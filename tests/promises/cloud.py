"""A platform with the real adapters on a stage of its own of an engine."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib.domain.applications import Application
from chalicelib.domain.ids import AppId
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.payloads import Payload
from chalicelib.domain.registrations import Registration
from chalicelib.domain.workspaces import Workspace
from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from chalicelib.wiring.process import installed
from infra.local.server.outbox import Outbox
from infra.local.template import LOCAL_ACCOUNT, resources
from tests.api.platform import OWN_ORIGIN, Answer, send
from tests.engines import Engine

PAGE = "https://notes.example"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Services on the real adapters, and a person's way through the login."""

    engine: Engine
    stage: str
    services: Container
    workspace: Workspace
    application: Application

    def mailed_code(self, email: str) -> str:
        mails = Outbox(self.engine.endpoint).mails()
        text = next(mail.text for mail in mails if email in mail.to)
        found = re.search(r"\b\d{6}\b", text)
        assert found is not None, text
        return found[0]

    def sign_up(self, email: str, password: str, name: str) -> dict[str, Any]:
        """Make an account; answers what the token endpoint gave."""
        verifier, request = self._request("create")
        given = {"email": email, "password": password, "name": name}
        begun = _good(self.step("sign-up", request, given)).json()
        given = {"challenge": begun["challenge"], "code": self.mailed_code(email)}
        return self._exchange(_good(self.step("sign-up/verify", request, given)), verifier)

    def begin_sign_up(self, email: str, password: str, name: str) -> None:
        """Ask for an account, and leave it at that."""
        given = {"email": email, "password": password, "name": name}
        _good(self.step("sign-up", self._request("create")[1], given))

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Answer what the token endpoint gave for a password."""
        verifier, request = self._request("login")
        given = {"email": email, "password": password}
        return self._exchange(_good(self.step("sign-in", request, given)), verifier)

    def bring(self, email: str, password: str, payload: Payload) -> None:
        """Sign in with first data for the session, and leave the code unused."""
        _, request = self._request("login", payload=json.dumps(payload))
        _good(self.step("sign-in", request, {"email": email, "password": password}))

    def try_password(self, email: str, password: str) -> Answer:
        """Answer the login's refusal."""
        return self.step(
            "sign-in", self._request("login")[1], {"email": email, "password": password}
        )

    @staticmethod
    def step(
        step: str, request: dict[str, str], given: dict[str, str], ip: str = "192.0.2.7"
    ) -> Answer:
        return send(
            "POST",
            f"/api/v1/login/{step}",
            body={"request": request, **given},
            headers={"origin": OWN_ORIGIN, "x-secureflows": "1"},
            ip=ip,
        )

    def request(self, prompt: str = "login") -> dict[str, str]:
        """What the login's page was opened with."""
        return self._request(prompt)[1]

    def _request(self, prompt: str, **wishes: str) -> tuple[str, dict[str, str]]:
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self.application.client_id,
            "redirect_uri": self.application.redirect_uris[0],
            "response_type": "code",
            "scope": "openid email profile",
            "state": "s-1",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "prompt": prompt,
            **wishes,
        }
        answer = send("GET", f"/oidc/{self.workspace.slug}/authorize?{urlencode(query)}")
        assert answer.status == 302, answer
        return verifier, _query(answer.headers["location"])

    def _exchange(self, left: Answer, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": _query(left.json()["redirectTo"])["code"],
            "redirect_uri": self.application.redirect_uris[0],
            "client_id": self.application.client_id,
            "code_verifier": verifier,
        }
        answer = send(
            "POST",
            f"/oidc/{self.workspace.slug}/token",
            raw=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        tokens: dict[str, Any] = _good(answer).json()
        return tokens


@contextmanager
def cloud_on(
    engine: Engine, adapters: Callable[[Settings], AwsAdapters] = AwsAdapters
) -> Iterator[Cloud]:
    """Make a stage, and serve from it for the time of a `with`."""
    stage = engine.fresh_stage()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", engine.endpoint)
        environment.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_REGION", "us-east-1")
        settings = Settings(
            stage=stage,
            origin=OWN_ORIGIN,
            mail_from="login@secureflows.example",
            payload_bucket=_bucket(stage, "ObjectsBucket"),
            backup_bucket=_bucket(stage, "BackupsBucket"),
            key_backup_bucket=_bucket(stage, "KeyBackupsBucket"),
        )
        services = Container(settings, adapters(settings))
        console = services.deployment.prepare()
        owner = services.deployment.person(
            console, email="owner@demo.example", password=secrets.token_urlsafe(16), name="Olivia"
        )
        workspace = services.deployment.workspace("demo", name="Demo", owner=owner)
        registration = Registration(
            id=AppId("notes"),
            name="Notes",
            redirect_uris=(f"{PAGE}/",),
            post_logout_uris=(),
            payload_bytes=MAX_PAYLOAD_BYTES,
        )
        application = services.deployment.application(workspace, registration)
        with installed(services):
            yield Cloud(engine, stage, services, workspace, application)


def _bucket(stage: str, name: str) -> str:
    variables = {"Stage": stage, "AWS::AccountId": LOCAL_ACCOUNT}
    made = resources(kind="AWS::S3::Bucket", variables=variables)
    (found,) = [str(each.properties["BucketName"]) for each in made if each.name == name]
    return found


def _good(answer: Answer) -> Answer:
    assert answer.status == 200, answer
    return answer


def _query(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
