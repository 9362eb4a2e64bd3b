"""The environment that the children of a run are given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from infra.local.template import LOCAL_ACCOUNT, resources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STAGE = "local"
MAIL_FROM = "no-reply@secureflows.example"
# Whatever could lead a local run to a real account, or send loopback traffic elsewhere.
_DANGEROUS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION")


def inherited() -> dict[str, str]:
    """What this process was started with."""
    return dict(os.environ)  # noqa: TID251 - the launcher has no settings but its arguments


def given_endpoint(environment: Mapping[str, str]) -> str | None:
    """The endpoint of a cloud that somebody else runs, if one is given."""
    return environment.get("AWS_ENDPOINT_URL") or None


def for_children(
    environment: Mapping[str, str],
    *,
    origin: str,
    sample_origin: str,
    state: Path,
    cloud_port: int | None,
    dynamodb_port: int | None,
) -> dict[str, str]:
    """Settings of the application, and credentials that open nothing but an emulator."""
    made = dict(environment)
    if cloud_port is not None:
        for name in (*_DANGEROUS, *(n for n in made if n.startswith("AWS_ENDPOINT_URL"))):
            made.pop(name, None)
        made["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{cloud_port}"
        made["AWS_ACCESS_KEY_ID"] = made["AWS_SECRET_ACCESS_KEY"] = "test"  # noqa: S105 - no secret
        made["AWS_DEFAULT_REGION"] = made["AWS_REGION"] = "us-east-1"
    if dynamodb_port is not None:
        made["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{dynamodb_port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        made.setdefault(name, value)
    bypassed = [made.get("NO_PROXY") or made.get("no_proxy") or "", "127.0.0.1", "localhost"]
    made["NO_PROXY"] = made["no_proxy"] = ",".join(filter(None, bypassed))
    return made | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
        "SECUREFLOWS_STAGE": STAGE,
        "SECUREFLOWS_ORIGIN": origin,
        "SECUREFLOWS_MAIL_FROM": MAIL_FROM,
        "SECUREFLOWS_PAYLOAD_BUCKET": bucket("ObjectsBucket"),
        "SECUREFLOWS_BACKUP_BUCKET": bucket("BackupsBucket"),
        "SECUREFLOWS_KEY_BACKUP_BUCKET": bucket("KeyBackupsBucket"),
        "SECUREFLOWS_CONSOLE_OPEN": "true",
        "SECUREFLOWS_LOCAL_STATE": str(state),
        "SECUREFLOWS_SAMPLE_ORIGIN": sample_origin,
    }


def bucket(resource: str) -> str:
    """The name that the template gives to a bucket on this stage."""
    variables = {"Stage": STAGE, "AWS::AccountId": LOCAL_ACCOUNT}
    made = resources(kind="AWS::S3::Bucket", variables=variables)
    (name,) = [each.properties["BucketName"] for each in made if each.name == resource]
    return str(name)
