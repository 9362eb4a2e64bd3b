"""A deployment is exported, restored elsewhere, compared item by item, and opened whole."""

import base64
import gzip
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast
from urllib.parse import quote

import pytest

from chalicelib.adapters.dynamodb.attributes import Raw
from chalicelib.adapters.dynamodb.dump import DynamoDump
from chalicelib.domain.backups import DEPLOYMENT, BackupKind, Item
from chalicelib.domain.denials import SessionEnded
from chalicelib.domain.errors import DomainError
from chalicelib.domain.limits import FLUSH_BYTES, MAX_PAYLOAD_BYTES, ORPHAN_SECONDS
from chalicelib.domain.objects import new_object_key
from chalicelib.domain.payloads import seed_place, who_place
from chalicelib.domain.sessions import Person, SessionStatus
from chalicelib.services.wishes import Terms
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from infra import restore
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.fakes.surroundings import FakeClock
from tests.packaging.rights import allows, needs
from tests.services.deployments import (
    PASSWORD,
    TABLES,
    Deployment,
    Exported,
    Tenant,
    caller,
    canary,
    sign_in,
    tenants_of,
)
from tests.services.disguises import disguises, readable, words
from tests.services.stopping import AtAnotherTime

__all__ = ["dynamodb_local", "engine", "moto_cloud"]  # fixtures


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
    """People with an untouched seed, a payload, one changed, one of 3 MiB, one destroyed."""
    del environment
    source = Deployment(engine, engine.fresh_stage())
    tenants = list(tenants_of(source.services, payload_bytes=MAX_PAYLOAD_BYTES))
    for number, tenant in enumerate(tenants):
        sign_in(source.services, tenant, seeded=number % 2 == 0)
    changed = tenants[0]
    changed.payload |= {"set later": canary()}
    source.services.writes.replace(caller(source.services, changed), changed.payload, Terms())
    large = tenants[3]
    large.payload |= {canary(): secrets.token_hex(3 * 1024 * 1024 // 2)}
    source.services.writes.replace(caller(source.services, large), large.payload, Terms())
    ended = Tenant(**{**vars(tenants[1]), "head": None, "token": ""})
    sign_in(source.services, ended, seeded=False)
    source.services.sessions.revoke(caller(source.services, ended))
    return Exported(
        source=source,
        tenants=tenants,
        seeding=list(source.calls),
        items={table: source.items(table) for table in TABLES},
        data=source.services.upkeep.backups.export(BackupKind.DATA).id,
        keys=source.services.upkeep.backups.export(BackupKind.KEYS).id,
        objects=source.objects(),
    )


@pytest.fixture
def target(engine: Engine, environment: None) -> Deployment:
    del environment
    return Deployment(engine, engine.fresh_stage())


def test_everything_comes_back_and_opens(
    exported: Exported, target: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(exported.both(target)) == 0
    assert "Done" in capsys.readouterr().out

    for table in TABLES:
        back = [item for item in target.items(table) if not is_about_the_deployment(table, item)]
        assert elsewhere(back) == elsewhere(exported.items[table]), table
        assert back, table
    recorded = target.services.adapters.audit.of_day(DEPLOYMENT, today(target))
    assert [event.action for event in recorded] == ["restore.done"] * len(BackupKind)

    services = target.services
    for tenant in exported.tenants:
        assert services.payloads.read(caller(services, tenant)).data == tenant.payload
        assert services.sessions.email_of(caller(services, tenant)) == tenant.email
        user = services.adapters.users.get(Person(tenant.workspace.id, tenant.user))
        assert user is not None
        assert services.hosted.users.profile(user).email == tenant.email
        assert services.hosted.users.profile(user).name == tenant.name
        assert services.hosted.users.found(tenant.workspace.id, tenant.email) == user
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

    # The large one has come with its object, into a bucket of its own.
    assert objects_of(target) == objects_of(exported.source)
    assert len(objects_of(target)) == 1
    assert services.upkeep.orphans.sweep(limit=10, seconds=10)["removed"] == 0

    # Life goes on here, and only here.
    tenant = exported.tenants[3]
    services.writes.replace(caller(services, tenant), {"new": 1}, Terms())
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


def test_a_session_that_ended_during_the_backup_is_over_after_its_restore(
    exported: Exported, target: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    source = exported.source
    torn, whole, empty = (Tenant(**vars(tenant)) for tenant in exported.tenants[:3])
    for tenant in (torn, whole, empty):
        sign_in(source.services, tenant, seeded=tenant is empty)

    class Torn(DynamoDump):
        def pages(self, table: str) -> Iterator[Sequence[Item]]:
            if table == "payloads":
                source.services.sessions.revoke(caller(source.services, torn))
            yield from super().pages(table)

    class During(AtAnotherTime):
        dump = Torn(source.adapters.tables)

    during = During(source.adapters, source.adapters.clock)
    services = Container(source.settings, cast("Adapters", during))
    data = services.upkeep.backups.export(BackupKind.DATA).id
    assert restore.main(exported.into(target, "--data", data, "--keys", exported.keys)) == 0
    assert "as they ended while the backup was made: 1" in capsys.readouterr().out

    there = target.services
    for tenant in (whole, empty):
        assert there.payloads.read(caller(there, tenant)).data == tenant.payload
    with pytest.raises(SessionEnded):
        there.payloads.read(caller(there, torn))
    head = there.adapters.sessions.head(torn.ref)
    assert head is not None
    assert (head.status, head.ended_by) == (SessionStatus.REVOKED, "restore")
    # The trail tells who ended it, and when; the job finds nothing to end.
    assert there.holdings.expiry.sweep(limit=10)["found"] == 0
    # Restoring the same again meets what it wrote itself.
    again = exported.into(target, "--data", data, "--keys", exported.keys, "--resume")
    before = target.items("sessions")
    restore.main(again)
    assert "differs" not in capsys.readouterr().err
    assert target.items("sessions") == before


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

    large = {"a": "x" * 400_000}

    def live() -> None:
        mine = Tenant(**{**vars(exported.tenants[3]), "user": exported.tenants[2].user})
        mine.payload = {}
        for is_seeded in (True, False):
            sign_in(services, mine, seeded=is_seeded)
            for payload in ({"a": 1}, large, {"a": 2}, large):
                services.writes.patch(caller(services, mine), dict(payload), Terms())
            services.sessions.email_of(caller(services, mine))
            services.grants.log_out_everywhere(caller(services, mine))
        sign_in(services, mine, seeded=False)
        services.sessions.revoke(caller(services, mine))

    check("api_handler", exported.seeding)
    asked("api_handler", live)
    # The first person was never at this application, so the session is a new one.
    lone = Tenant(**{**vars(exported.tenants[1]), "user": exported.tenants[0].user})
    lone.payload = {}
    sign_in(services, lone, seeded=True, ttl_seconds=2)
    services.writes.replace(caller(services, lone), dict(large), Terms())
    services.adapters.clock.pause(3)
    asked("expire_sessions", lambda: services.holdings.expiry.sweep(limit=10))
    assert {"TransactWriteItems", "delete_object"} <= {operation for operation, _ in source.calls}
    services.holdings.usage.hold(lone.workspace.id, FLUSH_BYTES)
    asked("api_handler", services.holdings.usage.settle)
    tomorrow = FakeClock(services.adapters.clock.now() + 86_400)
    then = Container(source.settings, cast("Adapters", AtAnotherTime(source.adapters, tomorrow)))
    asked("recount_usage", lambda: then.upkeep.recounts.run(seconds=60))
    assert {"Scan", "UpdateItem"} <= {operation for operation, _ in source.calls}
    asked("export_backup", lambda: services.upkeep.backups.export(BackupKind.DATA))
    clock = FakeClock(services.adapters.clock.now() + ORPHAN_SECONDS + 60)
    later = Container(source.settings, cast("Adapters", AtAnotherTime(source.adapters, clock)))
    services.adapters.objects.put(lone.ref, new_object_key(), b"left over")
    asked("sweep_objects", lambda: later.upkeep.orphans.sweep(limit=10, seconds=10))
    assert "delete_object" in {operation for operation, _ in source.calls}
    asked("export_keys", lambda: services.upkeep.backups.export(BackupKind.KEYS))
    with pytest.raises(AssertionError):
        asked("export_keys", lambda: services.upkeep.backups.export(BackupKind.DATA))


def objects_of(deployment: Deployment) -> list[str]:
    objects = deployment.services.adapters.objects
    return [listed.key for page in objects.pages(after="") for listed in page]


def elsewhere(items: list[Any]) -> list[Any]:
    """Answer items without the versions of objects, which every bucket makes by itself."""
    return [
        {**item, "object": {"M": {**item["object"]["M"], "version": {}}}}
        if "object" in item
        else item
        for item in items
    ]


def is_about_the_deployment(table: str, item: Any) -> bool:
    return table == "audit" and item["PK"]["S"].startswith(f"W#{DEPLOYMENT}#")


def today(deployment: Deployment) -> str:
    (page,) = {
        item["PK"]["S"].split("#")[2]
        for item in deployment.items("audit")
        if is_about_the_deployment("audit", item)
    }
    return str(page)
