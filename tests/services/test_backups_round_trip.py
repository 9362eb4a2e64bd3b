"""A deployment is exported, restored elsewhere, compared item by item, and opened whole."""

import base64
import gzip
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.adapters.dynamodb.attributes import Raw
from chalicelib.adapters.dynamodb.dump import DynamoDump
from chalicelib.domain.applications import Application
from chalicelib.domain.backups import DEPLOYMENT, BackupKind
from chalicelib.domain.callers import Arrival, SessionCaller, Visit
from chalicelib.domain.errors import DomainError, SessionEnded
from chalicelib.domain.ids import AppId, UserId, new_grant_id
from chalicelib.domain.payloads import Payload, seed_place, who_place
from chalicelib.domain.sessions import Head, Person, SessionRef
from chalicelib.domain.tokens import SignIn
from chalicelib.domain.workspaces import Workspace
from chalicelib.services.applications import Registration
from chalicelib.settings import Settings
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from infra import restore
from tests.builders import ORIGIN
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.packaging.rights import allows, needs

__all__ = ["dynamodb_local", "engine", "moto_cloud"]  # fixtures

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
    """A stage on an engine, its services, and every call they made to DynamoDB."""

    engine: Engine
    stage: str
    calls: list[tuple[str, Raw]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings(
            stage=self.stage,
            origin="https://flows.example",
            backup_bucket=self.bucket(BackupKind.DATA),
            key_backup_bucket=self.bucket(BackupKind.KEYS),
        )
        self.adapters = AwsAdapters(self.settings)
        self.services = Container(self.settings, self.adapters)
        self.adapters.tables.on_call = lambda *call: self.calls.append(call)
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


def canary() -> str:
    # Spaces and an umlaut, so that a URL-encoded or escaped form differs from the plain one.
    return f"canary {secrets.token_hex(8)} ü"


def tenants_of(services: Container) -> Iterator[Tenant]:
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
            )
            application = services.deployment.application(workspace, registration)
            email = f"canary{secrets.token_hex(8)}@{slug}.example"
            name = canary()
            user = services.deployment.person(workspace, email=email, password=PASSWORD, name=name)
            payload: Payload = {canary(): canary(), "list": [1, {"deep": canary()}]}
            yield Tenant(workspace, application, user, email, name, payload)


def sign_in(
    services: Container, tenant: Tenant, *, seeded: bool, ttl_seconds: int | None = None
) -> None:
    arrival = Arrival(
        slug=tenant.workspace.slug,
        application=tenant.application,
        user=tenant.user,
        email=tenant.email,
        sign_in=SignIn(auth_time=services.adapters.clock.now()),
        visit=Visit(ORIGIN),
    )
    if seeded:
        tenant.head = services.sessions.enter(arrival, seed=tenant.payload, ttl_seconds=ttl_seconds)
    else:
        tenant.head = services.sessions.create(arrival, tenant.payload)
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
            *more,
        ]

    def both(self, target: Deployment, *, data_bucket: str | None = None) -> list[str]:
        """Answer the arguments that restore data and keys."""
        chosen = ("--data", self.data, "--keys", self.keys)
        return self.into(target, *chosen, data_bucket=data_bucket)


@pytest.fixture(scope="module")
def environment(engine: Engine) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield


@pytest.fixture(scope="module")
def exported(engine: Engine, environment: None) -> Exported:
    """People with a seed that was not touched, a payload, one changed since, one destroyed."""
    del environment
    source = Deployment(engine, engine.fresh_stage())
    tenants = list(tenants_of(source.services))
    for number, tenant in enumerate(tenants):
        sign_in(source.services, tenant, seeded=number % 2 == 0)
    changed = tenants[0]
    changed.payload |= {"set later": canary()}
    source.services.payloads.replace(
        caller(source.services, changed), changed.payload, if_match=None
    )
    ended = Tenant(**{**vars(tenants[1]), "head": None, "token": ""})
    sign_in(source.services, ended, seeded=False)
    source.services.sessions.revoke(caller(source.services, ended))
    return Exported(
        source=source,
        tenants=tenants,
        seeding=list(source.calls),
        items={table: source.items(table) for table in TABLES},
        data=source.services.backups.export(BackupKind.DATA).id,
        keys=source.services.backups.export(BackupKind.KEYS).id,
        objects=source.objects(),
    )


@pytest.fixture
def target(engine: Engine, environment: None) -> Deployment:
    del environment
    return Deployment(engine, engine.fresh_tables())


def test_everything_comes_back_and_opens(
    exported: Exported, target: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(exported.both(target)) == 0
    assert "Done" in capsys.readouterr().out

    for table in TABLES:
        back = [item for item in target.items(table) if not is_about_the_deployment(table, item)]
        assert back == exported.items[table], table
        assert back, table
    recorded = target.services.adapters.audit.of_day(DEPLOYMENT, today(target))
    assert [event.action for event in recorded] == ["restore.done"] * len(BackupKind)

    services = target.services
    for tenant in exported.tenants:
        assert services.payloads.read(caller(services, tenant)).data == tenant.payload
        assert services.sessions.email_of(caller(services, tenant)) == tenant.email
        user = services.adapters.users.get(Person(tenant.workspace.id, tenant.user))
        assert user is not None
        assert services.users.profile(user).email == tenant.email
        assert services.users.profile(user).name == tenant.name
        assert services.users.found(tenant.workspace.id, tenant.email) == user
        assert services.adapters.passwords.fits(user.password, PASSWORD)
        head = services.adapters.sessions.head(tenant.ref)
        assert head is not None
        assert head.who is not None
        assert services.keys.open(who_place(tenant.ref), head.who).decode() == tenant.email
    seeds = [
        json.loads(services.keys.open(seed_place(tenant.ref), head.seed))
        for tenant in exported.tenants
        if (head := services.adapters.sessions.head(tenant.ref)) and head.seed
    ]
    assert seeds == [exported.tenants[2].payload]

    # Life goes on here, and only here.
    tenant = exported.tenants[0]
    services.payloads.replace(caller(services, tenant), {"new": 1}, if_match=None)
    assert services.payloads.read(caller(services, tenant)).data == {"new": 1}
    there = exported.source.services
    assert there.payloads.read(caller(there, tenant)).data == tenant.payload
    services.sessions.revoke(caller(services, tenant))
    with pytest.raises(SessionEnded):
        services.payloads.read(caller(services, tenant))


def test_without_keys_nothing_opens_and_with_them_everything(
    exported: Exported, target: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(exported.into(target, "--data", exported.data)) == 0
    assert "nothing in them opens" in capsys.readouterr().out
    assert target.items("sessions") == exported.items["sessions"]
    closed = target.again()
    for tenant in exported.tenants:
        with pytest.raises(DomainError):
            closed.payloads.read(caller(exported.source.services, tenant))
    assert restore.main(exported.into(target, "--keys", exported.keys)) == 0
    opened = target.again()
    for tenant in exported.tenants:
        assert opened.payloads.read(caller(opened, tenant)).data == tenant.payload


def test_no_backup_holds_anything_readable(exported: Exported) -> None:
    haystack = [form for body in exported.objects.values() for form in readable(body)]
    # The search does find what is there in plain: ids are.
    assert any(exported.tenants[0].workspace.id.encode() in form for form in haystack)
    hidden = [
        word
        for tenant in exported.tenants
        for word in (tenant.email, tenant.name, *words(tenant.payload))
        if "canary" in word
    ]
    assert len(hidden) >= 5 * len(exported.tenants)
    for word in hidden:
        for needle in disguises(word):
            assert not any(needle in form for form in haystack), word


@pytest.mark.parametrize("form", ["plain", "escaped", "hex", "url", "base64", "sealed"])
def test_the_search_finds_a_word_in_every_disguise(form: str) -> None:
    word = canary()
    body = {
        "plain": f"xx{word}xx".encode(),
        "escaped": json.dumps({"S": word}).encode(),
        "hex": word.encode().hex().encode(),
        "url": quote(word).encode(),
        "base64": base64.b64encode(f"x{word}xxx".encode()),
        "sealed": json.dumps({"ct": {"B": base64.b64encode(word.encode()).decode()}}).encode(),
    }[form]
    forms = list(readable(gzip.compress(body)))
    assert any(needle in found for needle in disguises(word) for found in forms)


@pytest.mark.parametrize("damage", ["flipped", "missing part", "no manifest", "in use"])
def test_a_restore_that_cannot_be_whole_writes_nothing(
    exported: Exported, target: Deployment, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = f"copy-{secrets.token_hex(6)}"
    client = target.engine.client("s3")
    client.create_bucket(Bucket=bucket)
    for name, body in exported.objects.items():
        if damage == "missing part" and "/sessions/" in name:
            continue
        if damage == "no manifest" and "/manifest-" in name:
            continue
        middle = len(body) // 2
        flipped = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        is_hit = damage == "flipped" and "/payloads/" in name
        client.put_object(Bucket=bucket, Key=name, Body=flipped if is_hit else body)
    if damage == "in use":
        target.dump.load("directory", exported.items["directory"][:1])
    before = {table: target.items(table) for table in TABLES}
    assert restore.main(exported.both(target, data_bucket=bucket)) == 1
    assert "Nothing was written." in capsys.readouterr().err
    assert {table: target.items(table) for table in TABLES} == before


def test_the_list_shows_every_complete_backup(
    exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(exported.into(exported.source, "--list")) == 0
    shown = capsys.readouterr().out
    assert f"{exported.data}  of stage {exported.source.stage}" in shown
    assert f"{exported.keys}  of stage {exported.source.stage}" in shown


def test_the_rights_of_the_functions_suffice(exported: Exported) -> None:
    source = exported.source
    services = source.services

    def check(function: str, calls: Sequence[tuple[str, Raw]]) -> None:
        assert calls
        for operation, arguments in calls:
            for need in needs(operation, arguments):
                assert allows(function, need), need

    def asked(function: str, work: Callable[[], object]) -> None:
        source.calls.clear()
        work()
        check(function, source.calls)

    check("api_handler", exported.seeding)
    # The first person was never at this application, so the session is a new one.
    lone = Tenant(**{**vars(exported.tenants[1]), "user": exported.tenants[0].user})
    sign_in(services, lone, seeded=True, ttl_seconds=1)
    services.adapters.clock.pause(2)
    asked("expire_sessions", lambda: services.expiry.sweep(limit=10))
    assert any(operation == "TransactWriteItems" for operation, _ in source.calls)
    asked("export_backup", lambda: services.backups.export(BackupKind.DATA))
    asked("export_keys", lambda: services.backups.export(BackupKind.KEYS))
    with pytest.raises(AssertionError):
        asked("export_keys", lambda: services.backups.export(BackupKind.DATA))


def is_about_the_deployment(table: str, item: Any) -> bool:
    return table == "audit" and item["PK"]["S"].startswith(f"W#{DEPLOYMENT}#")


def today(deployment: Deployment) -> str:
    (page,) = {
        item["PK"]["S"].split("#")[2]
        for item in deployment.items("audit")
        if is_about_the_deployment("audit", item)
    }
    return str(page)


def words(value: Any) -> Iterator[str]:
    """Answer every key and text of a payload."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    elif isinstance(value, str):
        yield value


def readable(body: bytes) -> Iterator[bytes]:
    """Answer an object as it is, unpacked, and every binary value in it."""
    yield body
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
        yield body
    for line in body.splitlines():
        try:
            yield from binaries(json.loads(line))
        except ValueError:
            continue


def binaries(value: Any) -> Iterator[bytes]:
    match value:
        case {"B": str(text), **rest} if not rest:
            yield base64.b64decode(text)
        case dict():
            for inner in value.values():
                yield from binaries(inner)
        case list():
            for inner in value:
                yield from binaries(inner)


def disguises(word: str) -> Iterator[bytes]:
    """Answer the forms in which a word could lie somewhere."""
    raw = word.encode()
    yield raw
    yield json.dumps(word)[1:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield quote(word).encode()
    for shift in range(3):
        # What stands around a word decides its first and last characters; the middle is the same.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + raw)[4 if shift else 0 : -4]
