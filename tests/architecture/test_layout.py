"""The template and the stores speak of the same tables."""

from typing import Any

import pytest

from chalicelib.adapters.dynamodb import layout
from chalicelib.adapters.dynamodb.layout import TABLES, Table
from chalicelib.settings import Settings
from infra.local.template import resources

STAGE = "test"
MADE: dict[str, dict[str, Any]] = {
    resource.properties["TableName"]: resource.properties
    for resource in resources(kind="AWS::DynamoDB::Table", variables={"Stage": STAGE})
}
# Days of recovery. A longer one for keys would undo the destruction of a key.
RECOVERY = {
    "directory": 35,
    "sessions": 35,
    "payloads": 35,
    "login": None,
    "keys": 1,
    "audit": 35,
    "activity": None,
}


def made(table: Table) -> dict[str, Any]:
    return MADE[f"secureflows-{STAGE}-{table.name}"]


def named(table: Table) -> str:
    return table.name


def keys(schema: list[dict[str, str]]) -> dict[str, str]:
    return {each["KeyType"]: each["AttributeName"] for each in schema}


def test_the_template_has_the_tables_that_the_stores_use_and_no_other() -> None:
    assert set(MADE) == {f"secureflows-{STAGE}-{table.name}" for table in TABLES}
    in_code = {each for each in vars(layout).values() if isinstance(each, Table)}
    assert in_code == set(TABLES)


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_table_has_the_keys_and_indexes_that_the_stores_use(table: Table) -> None:
    properties = made(table)
    assert keys(properties["KeySchema"]) == {"HASH": "PK", "RANGE": "SK"}
    assert {
        index["IndexName"]: keys(index["KeySchema"])
        for index in properties.get("GlobalSecondaryIndexes", [])
    } == {index.name: {"HASH": index.pk, "RANGE": index.sk} for index in table.indexes}
    assert {each["AttributeType"] for each in properties["AttributeDefinitions"]} == {"S"}


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_table_is_swept_as_the_stores_expect(table: Table) -> None:
    swept = {"AttributeName": "ttl", "Enabled": True} if table.has_ttl else None
    assert made(table).get("TimeToLiveSpecification") == swept


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_table_can_be_recovered_for_as_long_as_is_promised(table: Table) -> None:
    properties = made(table)
    recovery = properties.get("PointInTimeRecoverySpecification", {})
    assert recovery.get("RecoveryPeriodInDays") == RECOVERY[table.name]
    assert properties["DeletionProtectionEnabled"] is (RECOVERY[table.name] is not None)
    assert properties["SSESpecification"] == {"SSEEnabled": True}


def test_no_list_of_sessions_shows_what_is_sealed_or_who_it_is() -> None:
    for index in made(layout.SESSIONS)["GlobalSecondaryIndexes"]:
        shown = set(index["Projection"].get("NonKeyAttributes", []))
        assert not shown & {"who", "seed", "dead", "rev"}
        assert index["Projection"]["ProjectionType"] != "ALL"


def test_no_index_of_the_trail_or_of_keys_copies_more_than_keys() -> None:
    for table in (layout.KEYS, layout.AUDIT):
        for index in made(table)["GlobalSecondaryIndexes"]:
            assert index["Projection"]["ProjectionType"] == "KEYS_ONLY"


def test_the_template_has_the_keys_that_the_settings_name() -> None:
    settings = Settings(stage=STAGE, origin="https://flows.example")
    found = resources(kind="AWS::KMS::Alias", variables={"Stage": STAGE})
    assert {alias.properties["AliasName"] for alias in found} == {
        settings.root_key,
        settings.first_signing_key,
        # Only the bucket of key backups names this one.
        f"alias/secureflows-{STAGE}-key-backups",
    }
