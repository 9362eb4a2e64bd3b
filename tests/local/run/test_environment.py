"""What the children of a run are told."""

from __future__ import annotations

from pathlib import Path

from infra.local.run.environment import for_children, given_endpoint


def made(
    environment: dict[str, str], *, cloud_port: int | None = 4566, dynamodb_port: int | None = None
) -> dict[str, str]:
    return for_children(
        environment,
        origin="http://localhost:8000",
        sample_origin="http://127.0.0.1:8001",
        state=Path("/state"),
        cloud_port=cloud_port,
        dynamodb_port=dynamodb_port,
    )


def test_with_the_embedded_cloud_no_real_account_can_be_reached() -> None:
    real = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ACCESS_KEY_ID": "real",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_ENDPOINT_URL_KMS": "https://kms.example",
        "AWS_REGION": "eu-central-1",
        "PATH": "/bin",
    }
    told = made(real)
    assert "real" not in told.values()
    assert "AWS_PROFILE" not in told
    assert [name for name in told if name.startswith("AWS_ENDPOINT_URL")] == ["AWS_ENDPOINT_URL"]
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert told["AWS_REGION"] == told["AWS_DEFAULT_REGION"] == "us-east-1"
    assert told["PATH"] == "/bin"


def test_a_given_endpoint_keeps_its_credentials() -> None:
    given = {
        "AWS_ENDPOINT_URL": "http://localstack:4566",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_SECRET_ACCESS_KEY": "theirs",
    }
    assert given_endpoint(given) == "http://localstack:4566"
    told = made(given, cloud_port=None)
    assert told["AWS_ENDPOINT_URL"] == "http://localstack:4566"
    assert told["AWS_ACCESS_KEY_ID"] == "theirs"
    assert told["AWS_DEFAULT_REGION"] == "us-east-1"


def test_an_empty_endpoint_is_none() -> None:
    assert given_endpoint({"AWS_ENDPOINT_URL": ""}) is None
    assert given_endpoint({}) is None


def test_dynamodb_local_serves_only_dynamodb() -> None:
    told = made({}, dynamodb_port=4567)
    assert told["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:4567"
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"


def test_this_machine_is_never_reached_through_a_proxy() -> None:
    told = made({"HTTP_PROXY": "http://proxy", "no_proxy": "intern"})
    assert told["NO_PROXY"] == told["no_proxy"] == "intern,127.0.0.1,localhost"


def test_the_application_is_told_what_the_template_made() -> None:
    told = made({})
    assert told["SECUREFLOWS_BACKUP_BUCKET"] == "secureflows-local-backups-000000000000"
    assert told["SECUREFLOWS_STAGE"] == "local"
    assert told["SECUREFLOWS_ORIGIN"] == "http://localhost:8000"
    assert told["SECUREFLOWS_MAIL_FROM"].endswith("@secureflows.example")
