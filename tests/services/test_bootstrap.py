"""The command that makes an empty deployment ready may be repeated, and makes one operator."""

import io

import pytest

from chalicelib.domain.ids import CONSOLE
from infra import bootstrap
from tests.engines import Engine, dynamodb_local, engine, moto_cloud
from tests.services.deployments import PASSWORD, TABLES, Deployment

__all__ = ["dynamodb_local", "engine", "moto_cloud"]

EMAIL = "olivia@flows.example"


@pytest.fixture
def empty(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.dynamodb_endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return Deployment(engine, engine.fresh_stage())


def run(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, *more: str, typed: str = PASSWORD
) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    origin = deployment.settings.origin
    return bootstrap.main(["--stage", deployment.stage, "--origin", origin, *more])


def test_an_empty_deployment_gets_its_key_its_console_and_its_operator_once(
    empty: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not empty.services.tokens.jwks()["keys"]
    assert run(empty, monkeypatch, "--email", EMAIL, "--name", "Olivia") == 0
    services = empty.services
    assert len(services.tokens.jwks()["keys"]) == 1
    console = services.workspaces.named(CONSOLE)
    assert not console.open_signup
    operator = services.hosted.users.found(console.id, EMAIL)
    assert operator is not None
    assert services.adapters.passwords.fits(operator.password, PASSWORD)
    assert services.hosted.users.profile(operator).name == "Olivia"
    (application,) = services.adapters.applications.of(console.id)
    assert application.redirect_uris == ("https://flows.example/app/workspaces",)

    before = {table: empty.items(table) for table in TABLES}
    assert run(empty, monkeypatch, "--email", EMAIL, typed="another phrase of words") == 0
    assert {table: empty.items(table) for table in TABLES} == before


def test_a_password_that_cannot_be_used_makes_nobody(
    empty: Deployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(empty, monkeypatch) == 0
    before = {table: empty.items(table) for table in TABLES}
    assert run(empty, monkeypatch, "--email", EMAIL, typed="short") == 1
    assert "at least 15 characters" in capsys.readouterr().err
    assert {table: empty.items(table) for table in TABLES} == before
