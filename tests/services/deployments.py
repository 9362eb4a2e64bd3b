"""Deployments on an engine, with tenants whose every secret is known."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.attributes import Raw
from chalicelib.adapters.dynamodb.dump import DynamoDump
from chalicelib.domain.applications import Application
from chalicelib.domain.backups import BackupKind
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.ids import AppId, UserId, new_grant_id
from chalicelib.domain.limits import DEFAULT_PAYLOAD_BYTES
from chalicelib.domain.payloads import Payload
from chalicelib.domain.registrations import Registration
from chalicelib.domain.sessions import Head, SessionRef
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.workspaces import Workspace
from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from tests.builders import ORIGIN
from tests.engines import Engine

TABLES = (*BackupKind.DATA.tables, *BackupKind.KEYS.tables)
ACCOUNT = "000000000000"
PASSWORD = "a few words in a row"


@dataclass
class Tenant:
    """A person at an application, with what was stored of them and the token that reads it."""

    workspace: Workspace
    application: Application
    user: UserId
    email: str
    name: str
    payload: Payload
    head: Head | None = None
    token: str = ""

    @property
    def ref(self) -> SessionRef:
        assert self.head is not None
        return self.head.ref


@dataclass
class Deployment:
    """A stage on an engine, its services, and every call they made to tables and objects."""

    engine: Engine
    stage: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings(
            stage=self.stage,
            origin="https://flows.example",
            payload_bucket=f"secureflows-{self.stage}-objects-{ACCOUNT}",
            backup_bucket=self.bucket(BackupKind.DATA),
            key_backup_bucket=self.bucket(BackupKind.KEYS),
        )
        self.adapters = AwsAdapters(self.settings)
        self.services = Container(self.settings, self.adapters)
        self.adapters.tables.on_call = lambda *call: self.calls.append(call)
        self.adapters.objects.on_call = lambda *call: self.calls.append(call)
        self.dump = DynamoDump(self.adapters.tables)

    def again(self) -> Container:
        """Answer the services as a new process would have them: nothing is remembered."""
        return Container(self.settings, AwsAdapters(self.settings))

    def bucket(self, kind: BackupKind) -> str:
        name = {BackupKind.DATA: "backups", BackupKind.KEYS: "key-backups"}[kind]
        return f"secureflows-{self.stage}-{name}-{ACCOUNT}"

    def items(self, table: str) -> list[Any]:
        found: list[Any] = [item for page in self.dump.pages(table) for item in page]
        return sorted(found, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))

    def objects(self) -> dict[str, bytes]:
        return {
            name: vault.get(name)
            for vault in self.adapters.vaults.values()
            for name in vault.names("")
        }


@pytest.fixture
def deployment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A stage of its own, which commands find through the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return Deployment(engine, engine.fresh_stage())


def canary() -> str:
    # Spaces and an umlaut, so that a URL-encoded or escaped form differs from the plain one.
    return f"canary {secrets.token_hex(8)} ü"


def tenants_of(
    services: Container, *, payload_bytes: int = DEFAULT_PAYLOAD_BYTES
) -> Iterator[Tenant]:
    console = services.deployment.prepare()
    for slug in ("acme", "globex"):
        owner = services.deployment.person(
            console, email=f"owner@{slug}.example", password=PASSWORD, name="Owner"
        )
        workspace = services.deployment.workspace(slug, name=slug.title(), owner=owner)
        for app_id in ("notes", "forms"):
            registration = Registration(
                id=AppId(app_id),
                name=app_id.title(),
                redirect_uris=("https://notes.example/",),
                post_logout_uris=(),
                payload_bytes=payload_bytes,
            )
            application = services.deployment.application(workspace, registration)
            email = f"canary{secrets.token_hex(8)}@{slug}.example"
            name = canary()
            user = services.deployment.person(workspace, email=email, password=PASSWORD, name=name)
            payload: Payload = {canary(): canary(), "list": [1, {"deep": canary()}]}
            yield Tenant(workspace, application, user, email, name, payload)


def sign_in(
    services: Container,
    tenant: Tenant,
    *,
    seeded: bool,
    ttl_seconds: int | None = None,
    key: str | None = None,
) -> None:
    arrival = Arrival(
        slug=tenant.workspace.slug,
        application=tenant.application,
        user=tenant.user,
        email=tenant.email,
        sign_in=SignIn(auth_time=services.adapters.clock.now()),
        visit=Visit(ORIGIN),
        key=key,
    )
    if seeded:
        tenant.head = services.sessions.enter(arrival, seed=tenant.payload, ttl_seconds=ttl_seconds)
    else:
        tenant.head = services.sessions.create(arrival, tenant.payload).head
    tenant.token = services.grants.issue(arrival, tenant.head, grant=new_grant_id()).text


def caller(services: Container, tenant: Tenant) -> SessionCaller:
    return SessionCaller(
        token=services.tokens.read_session_token(tenant.token), visit=Visit(ORIGIN)
    )


@dataclass(frozen=True)
class Exported:
    """A deployment with people in it, what its tables held, and its two backups of then."""

    source: Deployment
    tenants: Sequence[Tenant]
    seeding: Sequence[tuple[str, Raw]]
    items: dict[str, list[Any]]
    data: str
    keys: str
    objects: dict[str, bytes]

    def into(self, target: Deployment, *more: str, data_bucket: str | None = None) -> list[str]:
        """Answer the arguments of the command."""
        return [
            *("--stage", target.stage),
            *("--data-bucket", data_bucket or self.source.bucket(BackupKind.DATA)),
            *("--keys-bucket", self.source.bucket(BackupKind.KEYS)),
            *("--objects-bucket", target.settings.payload_bucket),
            *more,
        ]

    def both(self, target: Deployment, *, data_bucket: str | None = None) -> list[str]:
        """Answer the arguments that restore data and keys."""
        chosen = ("--data", self.data, "--keys", self.keys)
        return self.into(target, *chosen, data_bucket=data_bucket)
