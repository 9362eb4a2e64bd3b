"""What a local stage has is what infra/resources.yaml says."""

from typing import Any

import pytest

from infra.local.template import LOCAL_ACCOUNT, Resource, resources
from tests.engines import Engine

TABLES = ["directory", "sessions", "payloads", "login", "keys", "audit", "activity"]


def test_the_template_has_the_seven_tables_in_every_stage() -> None:
    names = [table.properties["TableName"] for table in _declared("AWS::DynamoDB::Table", "abc")]
    assert names == [f"secureflows-abc-{table}" for table in TABLES]


def test_every_table_but_the_short_lived_is_kept_when_a_stack_goes() -> None:
    protected = {
        table.properties["TableName"].removeprefix("secureflows-abc-")
        for table in _declared("AWS::DynamoDB::Table", "abc")
        if table.properties["DeletionProtectionEnabled"]
    }
    assert protected == set(TABLES) - {"login", "activity"}


def test_lists_of_sessions_show_metadata_only() -> None:
    (sessions,) = (
        table.properties
        for table in _declared("AWS::DynamoDB::Table", "abc")
        if table.properties["TableName"].endswith("-sessions")
    )
    shown = [
        name
        for index in sessions["GlobalSecondaryIndexes"]
        for name in index["Projection"].get("NonKeyAttributes", [])
    ]
    assert shown
    assert not {"who", "seed", "rev", "dead"} & set(shown)
    assert all(
        i["Projection"]["ProjectionType"] != "ALL" for i in sessions["GlobalSecondaryIndexes"]
    )


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_as_declared(engine: Engine, stage: str, table: str) -> None:
    declared = _table(stage, table)
    found = engine.client("dynamodb").describe_table(TableName=declared["TableName"])["Table"]

    assert found["TableStatus"] == "ACTIVE"
    assert found["KeySchema"] == declared["KeySchema"]
    assert _by_name(found["AttributeDefinitions"]) == _by_name(declared["AttributeDefinitions"])
    assert found["BillingModeSummary"]["BillingMode"] == declared["BillingMode"]
    assert found["DeletionProtectionEnabled"] == declared["DeletionProtectionEnabled"]
    wanted = declared.get("GlobalSecondaryIndexes", [])
    assert _indexes(found.get("GlobalSecondaryIndexes", [])) == _indexes(wanted)
    stream = declared.get("StreamSpecification")
    expected = None if stream is None else {"StreamEnabled": True, **stream}
    assert found.get("StreamSpecification") == expected


@pytest.mark.parametrize("table", TABLES)
def test_rows_expire_where_declared(engine: Engine, stage: str, table: str) -> None:
    declared = _table(stage, table)
    told = engine.client("dynamodb").describe_time_to_live(TableName=declared["TableName"])
    found = told["TimeToLiveDescription"]
    if "TimeToLiveSpecification" in declared:
        assert found == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    else:
        assert found["TimeToLiveStatus"] == "DISABLED"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_can_be_recovered_as_long_as_declared(moto_cloud: Engine, table: str) -> None:
    stage = moto_cloud.fresh_tables()
    declared = _table(stage, table)
    told = moto_cloud.client("dynamodb").describe_continuous_backups(
        TableName=declared["TableName"]
    )
    found = told["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    wanted = declared.get("PointInTimeRecoverySpecification", {})
    assert found.get("RecoveryPeriodInDays") == wanted.get("RecoveryPeriodInDays")
    assert (found["PointInTimeRecoveryStatus"] == "ENABLED") == bool(wanted)


def test_the_keys_have_their_aliases_and_uses(moto_cloud: Engine) -> None:
    stage, kms = moto_cloud.fresh_stage(), moto_cloud.client("kms")
    root = kms.describe_key(KeyId=f"alias/secureflows-{stage}-root")["KeyMetadata"]
    signing = kms.describe_key(KeyId=f"alias/secureflows-{stage}-signing-1")["KeyMetadata"]
    assert (root["KeySpec"], root["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert (signing["KeySpec"], signing["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert kms.get_key_rotation_status(KeyId=root["KeyId"])["KeyRotationEnabled"]


def test_the_buckets_are_closed_and_backups_locked(moto_cloud: Engine) -> None:
    stage, s3 = moto_cloud.fresh_stage(), moto_cloud.client("s3")
    for kind in ("objects", "backups"):
        bucket = f"secureflows-{stage}-{kind}-{LOCAL_ACCOUNT}"
        closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert all(closed.values())
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lock = s3.get_object_lock_configuration(Bucket=f"secureflows-{stage}-backups-{LOCAL_ACCOUNT}")
    retention = lock["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", 35)


def test_provisioning_twice_changes_nothing(engine: Engine) -> None:
    stage = engine.fresh_stage()
    client, kms = engine.client("dynamodb"), engine.client("kms")
    name, alias = f"secureflows-{stage}-directory", f"alias/secureflows-{stage}-root"
    item = {"PK": {"S": "SLUG#demo"}, "SK": {"S": "CLAIM"}}
    client.put_item(TableName=name, Item=item)
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]

    engine.provisioner.everything(stage=stage)

    assert client.scan(TableName=name)["Items"] == [item]
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key


@pytest.mark.slow
def test_what_an_engine_cannot_do_is_named(dynamodb_local: Engine) -> None:
    done = dynamodb_local.provisioner.everything(stage="partial")
    assert done.not_supported == ("point-in-time recovery is not supported by this engine",)


@pytest.fixture(scope="module")
def stage(engine: Engine) -> str:
    return engine.fresh_tables()


def _declared(kind: str, stage: str) -> tuple[Resource, ...]:
    return resources(kind=kind, variables={"Stage": stage, "AWS::AccountId": LOCAL_ACCOUNT})


def _table(stage: str, table: str) -> dict[str, Any]:
    (found,) = (
        each.properties
        for each in _declared("AWS::DynamoDB::Table", stage)
        if each.properties["TableName"] == f"secureflows-{stage}-{table}"
    )
    return found


def _by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(definitions, key=lambda definition: definition["AttributeName"])


def _indexes(described: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        index["IndexName"]: (
            index["KeySchema"],
            index["Projection"]["ProjectionType"],
            sorted(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in described
    }
