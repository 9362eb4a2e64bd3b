"""Two servers on DynamoDB Local with a failing way to it, and people who may sign in there."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.domain.applications import Application
from chalicelib.domain.audit import Origin
from chalicelib.domain.callers import Arrival, Visit
from chalicelib.domain.ids import AppId, GrantId, SessionId, UserId, new_grant_id
from chalicelib.domain.limits import ID_TOKEN_SECONDS
from chalicelib.domain.payloads import Payload
from chalicelib.domain.registrations import Registration
from chalicelib.domain.sessions import Head
from chalicelib.domain.tokens import IdToken, SignIn
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.grants import Issued
from chalicelib.settings import settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from infra.local import dynamodb_local as amazon
from infra.local.provision import Provisioner
from infra.local.run.environment import STAGE, for_children, inherited
from tests.e2e.client import Client, wait_until
from tests.e2e.launch import ROOT
from tests.engines import free_port

SLUGS, APPS, USERS = ("acme", "globex"), ("notes", "forms"), ("mira", "nils")
_VISIT = Visit(Origin(agent="history"))


@dataclass(frozen=True, slots=True)
class Place:
    """One person at one application of one workspace."""

    slug: str
    application: Application
    user: UserId
    email: str

    @property
    def name(self) -> str:
        return f"{self.slug}/{self.application.id}/{self.email.partition('@')[0]}"


@dataclass(slots=True)
class Cluster:
    """What clients talk to, what ends and begins its servers, and what breaks its network."""

    services: Container
    tables: Tables
    places: list[Place]
    environment: Mapping[str, str]
    origin: str
    proxy_port: int
    folder: Path
    clients: list[Client] = field(default_factory=list)
    _servers: list[subprocess.Popen[bytes] | None] = field(default_factory=list)

    def start(self, count: int) -> None:
        """Start the servers; each has a log of its own in the folder."""
        for _ in range(count):
            self.clients.append(Client(free_port()))
            self._servers.append(None)
        for number in range(count):
            self.begin(number)
        for client in self.clients:
            wait_until(client.is_there, "the servers", seconds=60)

    def begin(self, number: int) -> None:
        """Start one server; it takes seconds until it answers."""
        command = [sys.executable, "-m", "infra.local.server", "--no-schedules"]
        options = ["--port", str(self.clients[number].port), "--origin", self.origin]
        with (self.folder / f"server-{number}.log").open("ab") as log:
            self._servers[number] = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def kill(self, number: int) -> None:
        """End one server at once, in the middle of whatever it does."""
        server, self._servers[number] = self._servers[number], None
        if server is not None:
            server.kill()
            server.wait()

    def stop(self) -> None:
        for number in range(len(self._servers)):
            self.kill(number)

    def break_network(self, rates: Mapping[str, float]) -> dict[str, int]:
        """Set the chances of faults; answers how often each came until now."""
        proxy = Client(self.proxy_port)
        counts: dict[str, int] = proxy.send("POST", "/-/faults", body=dict(rates)).json()
        return counts

    def id_token(self, place: Place, *, sid: SessionId, grant: GrantId | None = None) -> str:
        """Answer what a fresh sign-in of this person brings to an application."""
        now = self.services.adapters.clock.now()
        return self.services.tokens.id_token(
            IdToken(
                slug=place.slug,
                client_id=place.application.client_id,
                user=place.user,
                sid=sid,
                grant=grant or new_grant_id(),
                sign_in=SignIn(auth_time=now),
                iat=now,
                exp=now + ID_TOKEN_SECONDS,
                email=place.email,
            )
        )

    def sign_in(self, place: Place, seed: Payload, ttl: int | None) -> tuple[Head, Issued]:
        """Do what the hosted login does with a person who proved who they are."""
        now = self.services.adapters.clock.now()
        arrival = Arrival(
            slug=place.slug,
            application=place.application,
            user=place.user,
            email=place.email,
            sign_in=SignIn(auth_time=now),
            visit=_VISIT,
        )
        head = self.services.sessions.enter(arrival, seed=seed, ttl_seconds=ttl)
        return head, self.services.grants.issue(arrival, head, grant=new_grant_id())


@contextmanager
def cluster(folder: Path, *, seed: int, servers: int = 2) -> Iterator[Cluster]:
    """Start an embedded cloud, DynamoDB Local, the proxy and the servers; end them all."""
    if reason := amazon.available():
        pytest.skip(reason)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        cloud_port, database_port, proxy_port = free_port(), free_port(), free_port()
        stack.enter_context(
            _running("infra.local.cloud", "--port", str(cloud_port), "--with-parent")
        )
        wait_until(Client(cloud_port).is_there, "the cloud", seconds=60)
        database = stack.enter_context(amazon.start(database_port, None))
        stack.callback(database.kill)
        endpoint, database_at = _at(cloud_port), _at(database_port)
        Provisioner(endpoint=endpoint, dynamodb_endpoint=database_at).everything(stage=STAGE)
        proxy = ("--port", str(proxy_port), "--upstream", database_at, "--seed", str(seed))
        log = ("--log", str(folder / "writes.jsonl"))
        stack.enter_context(_running("tests.history.proxy", *proxy, *log))
        wait_until(Client(proxy_port).is_there, "the proxy", seconds=60)
        origin = f"http://localhost:{free_port()}"
        bare = {name: text for name, text in inherited().items() if not name.startswith("AWS_")}
        environment = for_children(
            bare,
            origin=origin,
            sample_origin="http://127.0.0.1:9",
            state=folder,
            cloud_port=cloud_port,
            dynamodb_port=proxy_port,
        )
        # What is only prepared takes the way that does not fail.
        variables = stack.enter_context(pytest.MonkeyPatch.context())
        for name, text in environment.items():
            variables.setenv(name, text)
        variables.setenv("AWS_ENDPOINT_URL_DYNAMODB", database_at)
        settings = settings_of(environment)
        adapters = AwsAdapters(settings)
        services = Container(settings, adapters)
        places = _prepared(services)
        made = Cluster(services, adapters.tables, places, environment, origin, proxy_port, folder)
        stack.callback(made.stop)
        made.start(servers)
        yield made


def _prepared(services: Container) -> list[Place]:
    console = services.deployment.prepare()
    owner = services.deployment.person(
        console, email="owner@demo.example", password=secrets.token_urlsafe(16), name="Olivia"
    )
    places: list[Place] = []
    for slug in SLUGS:
        workspace = services.deployment.workspace(slug, name=slug.title(), owner=owner)
        people = {
            name: services.deployment.person(
                workspace,
                email=f"{name}@example.org",
                password=secrets.token_urlsafe(16),
                name=name.title(),
            )
            for name in USERS
        }
        for app in APPS:
            application = _application(services, workspace, app)
            places += [
                Place(slug, application, user, f"{name}@example.org")
                for name, user in people.items()
            ]
    return places


def _application(services: Container, workspace: Workspace, app: str) -> Application:
    registration = Registration(
        id=AppId(app),
        name=app.title(),
        redirect_uris=(f"https://{app}.example/",),
        post_logout_uris=(),
    )
    return services.deployment.application(workspace, registration)


@contextmanager
def _running(module: str, *options: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", module, *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.kill()


def _at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def told(counts: Mapping[str, int]) -> str:
    """Answer the counts of faults for a person."""
    return json.dumps(dict(sorted(counts.items())), indent=1)
