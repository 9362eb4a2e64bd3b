"""Objects that recovered rows point to come back, whoever stops or writes meanwhile."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.audit import AuditAction, day_of
from chalicelib.domain.backups import DEPLOYMENT
from chalicelib.domain.errors import AuditUnavailable
from chalicelib.domain.limits import MAX_PAYLOAD_BYTES
from chalicelib.domain.payloads import Payload
from chalicelib.services.audit import Trail
from chalicelib.services.reclaims import Reclaims, Tally
from chalicelib.services.wishes import Terms
from chalicelib.wiring.container import Container
from infra import reclaim
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.fakes.surroundings import FakeClock
from tests.services.deployments import Deployment, Tenant, caller, sign_in, tenants_of
from tests.services.stopping import AtAnotherTime, Stopped

__all__ = ["dynamodb_local", "engine", "moto_cloud"]


def large() -> Payload:
    return {secrets.token_hex(4): secrets.token_hex(300_000)}


@dataclass
class Scene:
    """A deployment whose table can be set back to what it held, with its bucket as it is now."""

    deployment: Deployment
    tenants: list[Tenant] = field(default_factory=list)

    def __post_init__(self) -> None:
        for tenant in tenants_of(self.deployment.services, payload_bytes=MAX_PAYLOAD_BYTES):
            tenant.payload = large()
            sign_in(self.deployment.services, tenant, seeded=False)
            self.tenants.append(tenant)
        self.then = self.rows()

    def rows(self) -> list[Any]:
        """Answer the rows of payloads as DynamoDB gives them."""
        dynamodb = self.deployment.engine.client("dynamodb")
        found: list[Any] = dynamodb.scan(TableName=self.table, ConsistentRead=True)["Items"]
        return found

    @property
    def table(self) -> str:
        return f"secureflows-{self.deployment.stage}-payloads"

    @property
    def bucket(self) -> dict[str, str]:
        return {"Bucket": self.deployment.settings.payload_bucket}

    def recover(self) -> None:
        """Set the table back, as a point-in-time recovery does."""
        dynamodb = self.deployment.engine.client("dynamodb")
        for row in self.then:
            dynamodb.put_item(TableName=self.table, Item=row)

    def put(self, tenant: Tenant, payload: Payload) -> None:
        services = self.deployment.services
        services.writes.replace(caller(services, tenant), payload, Terms())

    def read(self, tenant: Tenant) -> Payload:
        services = self.deployment.again()
        return services.payloads.read(caller(services, tenant)).data

    def all_come_back(self) -> bool:
        return all(self.read(tenant) == tenant.payload for tenant in self.tenants)

    def forget_deleted(self) -> None:
        """Remove what was deleted for good, as the bucket does after some weeks."""
        s3 = self.deployment.engine.client("s3")
        listed = s3.list_object_versions(**self.bucket)
        current = {each["Key"] for each in listed["Versions"] if each["IsLatest"]}
        for each in (*listed["Versions"], *listed.get("DeleteMarkers", ())):
            if each["Key"] not in current:
                s3.delete_object(**self.bucket, Key=each["Key"], VersionId=each["VersionId"])

    def deletions(self) -> int:
        listed = self.deployment.engine.client("s3").list_object_versions(**self.bucket)
        return len(listed.get("DeleteMarkers", ()))

    def records(self) -> list[dict[str, object]]:
        audit = self.deployment.adapters.audit
        today = day_of(self.deployment.adapters.clock.now())
        return [
            dict(event.meta)
            for event in audit.of_day(DEPLOYMENT, today)
            if event.action is AuditAction.RESTORE_DONE
        ]

    def reclaims(self, **changes: Any) -> Reclaims:
        ports = self.deployment.adapters
        given = {name: getattr(ports, name) for name in ("dump", "objects", "payloads", "audit")}
        return Reclaims(**{**given, **changes}, trail=Trail(ports.clock))

    def mend(self, **changes: Any) -> Tally:
        return self.reclaims(**changes).run(mends=True, report=lambda _: None)


@pytest.fixture
def scene(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return Scene(Deployment(engine, engine.fresh_stage()))


@pytest.fixture
def recovered(scene: Scene) -> Scene:
    """Everybody wrote something else, the first one twice, and then the table was set back."""
    for tenant in (*scene.tenants, scene.tenants[0]):
        scene.put(tenant, large())
    scene.recover()
    return scene


def run(scene: Scene, *more: str) -> int:
    bucket = ("--objects-bucket", scene.deployment.settings.payload_bucket)
    return reclaim.main(["--stage", scene.deployment.stage, *bucket, *more])


def test_what_was_replaced_or_deleted_outlives_its_time_after_it_was_brought_back(
    recovered: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(recovered, "--mend") == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "looked at 4 rows, 4 with an object"
    assert shown[-1].endswith("4 brought back, 0 lost")
    recovered.forget_deleted()
    assert recovered.all_come_back()
    assert recovered.records() == [{"objects": 4}]


def test_without_being_told_to_it_changes_nothing(
    recovered: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (recovered.rows(), recovered.deletions())
    assert run(recovered) == 0
    assert "4 to bring back; --mend does it" in capsys.readouterr().out
    assert (recovered.rows(), recovered.deletions()) == before
    assert recovered.records() == []


def test_it_can_be_repeated_and_changes_no_row(recovered: Scene) -> None:
    rows = recovered.rows()
    assert recovered.mend().deleted == 4
    again = recovered.mend()
    assert (again.objects, again.deleted, again.moved, again.lost) == (4, 0, 0, [])
    assert recovered.rows() == rows
    assert recovered.records() == [{"objects": 4}]


def test_a_healthy_deployment_needs_nothing(scene: Scene) -> None:
    scene.put(scene.tenants[0], large())
    scene.put(scene.tenants[1], {"small": 1})
    tally = scene.mend()
    assert (tally.rows, tally.objects, tally.deleted, tally.lost) == (4, 3, 0, [])
    assert scene.records() == []


def test_what_is_gone_for_good_is_named_and_the_rest_comes_back(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, *others = scene.tenants
    scene.put(lost, large())
    scene.forget_deleted()
    for tenant in others:
        scene.put(tenant, large())
    scene.recover()
    for arguments in ((), ("--mend",)):
        assert run(scene, *arguments) == 1
        error = capsys.readouterr().err.splitlines()
        partition = lost.ref.partition
        named = f"{partition.workspace} {partition.app} {partition.user} {lost.ref.sid}"
        assert [line.strip() for line in error[2:]] == [named]
    assert all(scene.read(tenant) == tenant.payload for tenant in others)


def test_a_row_follows_the_same_bytes_to_another_version(scene: Scene) -> None:
    tenant = scene.tenants[0]
    objects, dump = scene.deployment.adapters.objects, scene.deployment.dump
    pointed = dict(filter(None, map(dump.object_of, items(scene))))
    sealed = pointed[tenant.ref]
    body = objects.get(tenant.ref, sealed)
    objects.delete(sealed.key)
    version = objects.put(tenant.ref, sealed.key, body)
    tally = scene.mend()
    assert (tally.deleted, tally.moved, tally.lost) == (0, 1, [])
    (found,) = [
        each for ref, each in filter(None, map(dump.object_of, items(scene))) if ref == tenant.ref
    ]
    assert found.object_version == version != sealed.object_version
    assert scene.all_come_back()
    assert scene.mend().moved == 0


def items(scene: Scene) -> list[Any]:
    return scene.deployment.items("payloads")


@dataclass
class Watched:
    """Does something at a step of a port: the name of the step, and which time it is met."""

    port: Any
    step: str
    time: int
    act: Callable[[], None]
    met: int = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: object, **more: object) -> object:
            self._reach(f"before {name}")
            answer = getattr(self.port, name)(*arguments, **more)
            self._reach(f"after {name}")
            return answer

        return call

    def _reach(self, step: str) -> None:
        self.met += step == self.step
        if step == self.step and self.met == self.time:
            self.act()


def stop() -> None:
    raise Stopped


@pytest.mark.parametrize(("step", "done"), [("before uncover", 1), ("after uncover", 2)])
def test_whoever_stops_in_between_finishes_later(recovered: Scene, step: str, done: int) -> None:
    objects = recovered.deployment.adapters.objects
    with pytest.raises(Stopped):
        recovered.mend(objects=Watched(objects, step, 2, stop))
    assert recovered.mend().deleted == 4 - done
    recovered.forget_deleted()
    assert recovered.all_come_back()


@pytest.mark.parametrize(
    "step", ["before describe", "after describe", "before uncover", "after uncover"]
)
@pytest.mark.parametrize("size", ["large", "small"])
def test_a_write_meanwhile_stands_and_leaves_nothing_behind(
    recovered: Scene, step: str, size: str
) -> None:
    payload: Payload = large() if size == "large" else {"small": 1}

    def write() -> None:
        for tenant in recovered.tenants:
            recovered.put(tenant, payload)

    objects = Watched(recovered.deployment.adapters.objects, step, 1, write)
    assert recovered.mend(objects=objects).lost == []
    assert all(recovered.read(tenant) == payload for tenant in recovered.tenants)
    # What was brought back although nobody points to it any more goes as every orphan does.
    clock = FakeClock(recovered.deployment.adapters.clock.now() + 2 * 86_400)
    adapters: Any = AtAnotherTime(recovered.deployment.adapters, clock)
    later = Container(recovered.deployment.settings, adapters)
    later.upkeep.orphans.sweep(limit=100, seconds=60)
    left = {each.key for page in objects.pages(after="") for each in page}
    assert len(left) == (4 if size == "large" else 0)
    assert all(recovered.read(tenant) == payload for tenant in recovered.tenants)


def test_without_a_record_nothing_is_brought_back(recovered: Scene) -> None:
    class Closed:
        def append(self, event: object) -> None:
            del event
            raise AuditUnavailable("The trail does not answer.")

    before = recovered.deletions()
    with pytest.raises(AuditUnavailable):
        recovered.mend(audit=Closed())
    assert recovered.deletions() == before


def test_an_unknown_stage_or_bucket_is_said_plainly(
    recovered: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = ("--stage", recovered.deployment.stage)
    for arguments in ([*stage, "--objects-bucket", "elsewhere"], ["--stage", "elsewhere"]):
        assert reclaim.main([*arguments, "--mend"]) == 1
        error = capsys.readouterr().err
        assert error.startswith("scripts/reclaim: ")
        assert "Traceback" not in error
