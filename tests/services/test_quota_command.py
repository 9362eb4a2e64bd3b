"""The command of who runs the deployment: what it shows, changes, records and refuses."""

import pytest

from chalicelib.domain.audit import ActorKind, AuditAction, AuditEvent, day_of
from chalicelib.domain.errors import SessionQuota
from chalicelib.domain.limits import DEFAULT_PAYLOAD_QUOTA, MAX_QUOTA
from infra import quota
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.services.deployments import Deployment, Tenant, deployment, sign_in, tenants_of

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]


@pytest.fixture
def tenant(deployment: Deployment) -> Tenant:
    tenant = next(tenants_of(deployment.services))
    sign_in(deployment.services, tenant, seeded=False)
    return tenant


def run(deployment: Deployment, *more: str) -> int:
    return quota.main(["--stage", deployment.stage, *more])


def changes(deployment: Deployment, tenant: Tenant) -> list[AuditEvent]:
    today = day_of(deployment.services.adapters.clock.now())
    return [
        event
        for event in deployment.services.adapters.audit.of_day(tenant.workspace.id, today)
        if event.action is AuditAction.WORKSPACE_SETTINGS_CHANGED
    ]


def test_without_a_number_it_shows_and_changes_nothing(
    deployment: Deployment, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(deployment, "acme") == 0
    shown = capsys.readouterr().out.splitlines()
    size = tenant.head.size if tenant.head else 0
    assert shown == [
        f"acme ({tenant.workspace.id})",
        "  live sessions: 100,000, 1 in use",
        f"  payload bytes: 10,737,418,240, {size:,} in use",
    ]
    assert changes(deployment, tenant) == []


def test_a_change_shows_before_and_after_and_is_recorded(
    deployment: Deployment, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(deployment, "acme", "--sessions", "0") == 0
    shown = capsys.readouterr().out
    assert "live sessions: 100,000 -> 0, 1 in use" in shown
    assert "payload bytes: 10,737,418,240, " in shown
    assert "acts within 5 seconds" in shown
    (event,) = changes(deployment, tenant)
    assert event.actor.kind is ActorKind.SYSTEM
    assert event.origin.agent == "scripts/quota"
    assert event.meta == {
        "sessionQuota": 0,
        "sessionQuotaBefore": 100_000,
        "payloadQuota": DEFAULT_PAYLOAD_QUOTA,
        "payloadQuotaBefore": DEFAULT_PAYLOAD_QUOTA,
    }
    fresh = deployment.again()
    with pytest.raises(SessionQuota):
        sign_in(fresh, Tenant(**{**vars(tenant), "head": None}), seeded=False)
    assert run(deployment, "acme", "--sessions", str(MAX_QUOTA), "--payload-bytes", "7") == 0
    stored = deployment.services.adapters.workspaces.get(tenant.workspace.id)
    assert stored is not None
    assert (stored.session_quota, stored.payload_quota) == (MAX_QUOTA, 7)
    assert len(changes(deployment, tenant)) == 2
    assert run(deployment, "acme", "--payload-bytes", "7") == 0
    assert len(changes(deployment, tenant)) == 2


@pytest.mark.parametrize("number", ["-1", "1.5", "many", "", "1e6", str(MAX_QUOTA + 1), "\u0663"])
def test_what_is_no_number_is_refused_before_anything_is_read(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        quota.main(["acme", "--stage", "test", f"--sessions={number}"])
    assert refused.value.code == 2
    assert f"a whole number from 0 to {MAX_QUOTA}" in capsys.readouterr().err


def test_an_unknown_workspace_or_stage_is_said_plainly(
    deployment: Deployment, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tenant
    for arguments in (["nobody", "--stage", deployment.stage], ["acme", "--stage", "elsewhere"]):
        assert quota.main([*arguments, "--sessions", "1"]) == 1
        error = capsys.readouterr().err
        assert error.startswith("scripts/quota: ")
        assert "Traceback" not in error
