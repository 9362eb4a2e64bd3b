"""What was deleted does not stay in the snapshots of the embedded cloud for ever."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from infra.local.cloud.lifecycle import forget_deleted
from tests.contracts import cloud


@pytest.fixture(params=[False, True], ids=["plain", "locked"])
def s3(request: pytest.FixtureRequest) -> Iterator[tuple[Any, bool]]:
    with cloud.client("s3") as client:
        client.create_bucket(
            Bucket="objects",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
            ObjectLockEnabledForBucket=request.param,
        )
        client.put_bucket_versioning(
            Bucket="objects", VersioningConfiguration={"Status": "Enabled"}
        )
        yield client, request.param


def test_what_was_deleted_a_minute_ago_is_forgotten_and_nothing_else(s3: tuple[Any, bool]) -> None:
    client, is_locked = s3
    for key in ("kept", "deleted", "deleted just now", "written again"):
        client.put_object(Bucket="objects", Key=key, Body=b"sealed")
    for key in ("deleted", "deleted just now", "written again"):
        client.delete_object(Bucket="objects", Key=key)
    client.put_object(Bucket="objects", Key="written again", Body=b"newer")
    keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets["objects"].keys
    for key in ("deleted", "written again"):
        for version in keys.getlist(key):
            version.last_modified -= timedelta(seconds=61)
    forget_deleted()
    found = client.list_object_versions(Bucket="objects")["Versions"]
    there = {"kept", "deleted just now", "written again"} | ({"deleted"} if is_locked else set())
    assert {version["Key"] for version in found} == there
    assert len([version for version in found if version["Key"] == "written again"]) == 2
    assert client.get_object(Bucket="objects", Key="kept")["Body"].read() == b"sealed"
    # What was forgotten may be written anew.
    client.put_object(Bucket="objects", Key="deleted", Body=b"anew")
    assert client.get_object(Bucket="objects", Key="deleted")["Body"].read() == b"anew"
