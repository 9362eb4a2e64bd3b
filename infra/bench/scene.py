"""The scene: a cloud with a stage on it, a recorder before it, and somebody who is signed in."""

import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Origin
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.ids import AppId, UserId, new_grant_id
from chalicelib.domain.registrations import Registration
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.workspaces import Workspace
from chalicelib.wiring.container import Container
from infra.local.provision import Provisioner
from infra.local.run.environment import STAGE, for_children, inherited

ORIGIN = "https://flows.example"
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the cloud answers, directly and by way of the recorder."""

    cloud: str
    recorder: str

    def environment(self, **more: str) -> dict[str, str]:
        """Answer the variables of a function on this scene."""
        made = for_children(
            inherited(),
            origin=ORIGIN,
            sample_origin="http://127.0.0.1",
            state=Path(),
            cloud_port=urlsplit(self.recorder).port,
            dynamodb_port=None,
        )
        return made | more

    def told(self, order: str) -> Any:  # noqa: ANN401 - JSON
        """Tell the recorder to be `still` or `open`, or `take` what it has noted."""
        with urllib.request.urlopen(f"{self.recorder}/_bench/{order}") as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def scene() -> Iterator[Scene]:
    """Start everything, and end it with the `with`."""
    with started("infra.local.cloud", "--port", "0", "--with-parent") as first:
        cloud = first.split()[-1]
        Provisioner(endpoint=cloud).everything(stage=STAGE)
        with started("infra.bench.recorder", "--upstream", cloud) as port:
            yield Scene(cloud, f"http://127.0.0.1:{port.strip()}")


@contextmanager
def started(module: str, *arguments: str) -> Iterator[str]:
    """Start a program of ours that ends with its standard input; answers its first line."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("a pipe is missing")
        try:
            yield process.stdout.readline()
        finally:
            process.stdin.close()
            process.terminate()


@dataclass(frozen=True, slots=True)
class Stay:
    """A person's session with one application, and the token to it."""

    workspace: Workspace
    application: Application
    user: UserId
    token: str


def stay(services: Container, *, payload_bytes: int) -> Stay:
    """Make a workspace, an application and a person, and sign the person in."""
    console = services.deployment.prepare()
    name = f"bench-{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(16)
    owner = services.deployment.person(
        console, email=f"{name}@demo.example", password=password, name="Olivia"
    )
    workspace = services.deployment.workspace(name, name="Bench", owner=owner)
    registration = Registration(
        id=AppId("notes"),
        name="Notes",
        redirect_uris=("https://notes.example/",),
        post_logout_uris=(),
        token_seconds=_DAY,
        payload_bytes=payload_bytes,
    )
    application = services.deployment.application(workspace, registration)
    user = services.deployment.person(
        workspace, email="mira@demo.example", password=password, name="Mira"
    )
    arrival = Arrival(
        slug=workspace.slug,
        application=application,
        user=user,
        email="mira@demo.example",
        sign_in=SignIn(auth_time=services.adapters.clock.now()),
        visit=Visit(Origin(agent="bench")),
    )
    head = services.sessions.enter(arrival, seed={})
    issued = services.grants.issue(arrival, head, grant=new_grant_id())
    return Stay(workspace, application, user, issued.text)


def event(method: str, path: str, *, token: str = "", body: str | None = None) -> dict[str, Any]:
    """Answer what API Gateway would hand to the function."""
    headers: Mapping[str, str] = {
        "host": "flows.example",
        "user-agent": "bench/1",
        **({"authorization": f"Bearer {token}"} if token else {}),
        **({} if body is None else {"content-type": "application/json"}),
    }
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": path,
            "path": path,
            "requestId": "req-1",
            "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
