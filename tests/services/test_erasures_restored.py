"""Whoever was erased does not come back with a backup, nor with a recovered table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from chalicelib.adapters.dynamodb.layout import person_pk
from chalicelib.domain.audit import Actor, ActorKind
from chalicelib.domain.backups import BackupKind
from chalicelib.domain.callers import Visit
from chalicelib.domain.denials import SigninRefused
from chalicelib.domain.errors import DomainError
from chalicelib.domain.limits import SECOND_PASS_SECONDS
from chalicelib.domain.sessions import Person
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from infra import restore
from tests.builders import ORIGIN
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.fakes.surroundings import FakeClock
from tests.services.deployments import (
    PASSWORD,
    TABLES,
    Deployment,
    Exported,
    Tenant,
    caller,
    deployment,
    sign_in,
    tenants_of,
)
from tests.services.stopping import AtAnotherTime

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]  # fixtures


@dataclass
class Scene:
    """A deployment of which backups were made before one of its people was erased."""

    source: Deployment
    tenants: Sequence[Tenant]
    exported: Exported

    @property
    def gone(self) -> Tenant:
        return self.tenants[0]

    @property
    def person(self) -> Person:
        return Person(self.gone.workspace.id, self.gone.user)


@pytest.fixture
def scene(deployment: Deployment) -> Scene:
    services = deployment.services
    tenants = list(tenants_of(services))
    for tenant in tenants:
        sign_in(services, tenant, seeded=False)
    exported = Exported(
        source=deployment,
        tenants=tenants,
        seeding=(),
        items={table: deployment.items(table) for table in TABLES},
        data=services.upkeep.backups.export(BackupKind.DATA).id,
        keys=services.upkeep.backups.export(BackupKind.KEYS).id,
        objects={},
    )
    made = Scene(deployment, tenants, exported)
    erase(made)
    return made


def erase(scene: Scene) -> None:
    person = scene.person
    scene.source.services.erasing.erasures.erase(
        person, actor=Actor(ActorKind.USER, person.user), origin=ORIGIN
    )
    finish(scene.source)


def finish(deployment: Deployment) -> None:
    """What the job does, after two minutes."""
    clock = FakeClock(deployment.adapters.clock.now() + SECOND_PASS_SECONDS)
    later = cast("Adapters", AtAnotherTime(deployment.adapters, clock))
    Container(deployment.settings, later).erasing.remnants.finish(limit=9)


def naming(deployment: Deployment, person: Person) -> dict[str, list[Any]]:
    """Every item with the number of a person, but for those of the trail."""
    needle = str(person.user)
    found = {table: deployment.items(table) for table in TABLES if table != "audit"}
    return {
        table: [item for item in items if needle in str(item)]
        for table, items in found.items()
        if any(needle in str(item) for item in items)
    }


def is_out(deployment: Deployment, tenant: Tenant) -> bool:
    services = deployment.again()
    users = services.hosted.users
    try:
        services.hosted.guard.sign_ins.authenticate(
            tenant.workspace.id,
            email=tenant.email,
            password=PASSWORD,
            visit=Visit(ORIGIN),
            app=None,
        )
    except SigninRefused:
        address = users.address_of(tenant.workspace.id, tenant.email)
        return users.holder(tenant.workspace.id, address) is None
    return False


def reads(deployment: Deployment, tenant: Tenant) -> object:
    services = deployment.again()
    try:
        return services.payloads.read(caller(services, tenant)).data
    except DomainError as error:
        return error.code


def test_after_an_erasure_only_the_trail_knows_the_number(scene: Scene) -> None:
    assert naming(scene.source, scene.person) == {}
    needle = str(scene.person.user)
    (record,) = [
        item
        for item in scene.source.items("audit")
        if item["PK"]["S"].startswith("SHRED#") and needle in str(item)
    ]
    assert set(record) == {"PK", "SK", "wid", "uid", "at"}
    assert reads(scene.source, scene.tenants[1]) == scene.tenants[1].payload


def test_a_restore_of_both_brings_nobody_back(
    scene: Scene, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Deployment(engine, engine.fresh_stage())
    source = ("--trail-of", scene.source.stage)
    assert restore.main([*scene.exported.both(target), *source]) == 0
    assert "erased again: 1 of 1" in capsys.readouterr().out
    assert target.services.adapters.keys.of_user(scene.person) is None
    assert is_out(target, scene.gone)
    assert reads(target, scene.gone) == "session_ended"
    finish(target)
    assert naming(target, scene.person) == {}
    for other in scene.tenants[1:]:
        assert reads(target, other) == other.payload


def test_without_a_trail_of_then_a_restore_says_whom_it_knew(
    scene: Scene, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Deployment(engine, engine.fresh_stage())
    assert restore.main(scene.exported.both(target)) == 0
    assert "erased again: 0 of 0" in capsys.readouterr().out
    assert reads(target, scene.gone) == scene.gone.payload
    arguments = ("--stage", target.stage, "--erased-since", "2020-01-01")
    assert restore.main([*arguments, "--trail-of", scene.source.stage]) == 0
    assert is_out(target, scene.gone)
    assert target.services.adapters.keys.of_user(scene.person) is None


def test_tables_that_were_recovered_are_brought_up_to_the_trail(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = person_pk(scene.person)
    for table in ("directory", "sessions", "payloads", "keys"):
        back = [
            item
            for item in scene.exported.items[table]
            if item["PK"]["S"] == mine or item.get("uid") == {"N": str(scene.person.user)}
        ]
        scene.source.dump.load(table, back)
    arguments = ("--stage", scene.source.stage, "--erased-since", "2020-01-01")
    assert restore.main(arguments) == 0
    assert "erased again: 1 of 1" in capsys.readouterr().out
    assert is_out(scene.source, scene.gone)
    finish(scene.source)
    assert naming(scene.source, scene.person) == {}
    assert restore.main(arguments) == 0
    assert "erased again: 0 of 1" in capsys.readouterr().out
