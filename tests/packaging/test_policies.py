"""What each function may do, and above all what it may not."""

import json

import pytest

from chalicelib.adapters.dynamodb.workspaces import META_FIELDS
from tests.packaging.rights import CHALICE, Right, functions, rights

TABLES = ("directory", "sessions", "payloads", "login", "keys", "audit", "activity")
JOBS = sorted(set(functions()) - {"api_handler"})


def actions(function: str, table: str) -> set[str]:
    """Answer the verbs that a function has on a table, its indexes aside."""
    return {
        right.action.removeprefix("dynamodb:")
        for right in rights(function)
        if right.resource.endswith(f":table/secureflows-test-{table}")
    }


def buckets(function: str) -> set[tuple[str, str]]:
    """Answer the verbs that a function has on S3, each with where."""
    return {
        (right.action.removeprefix("s3:"), right.resource)
        for right in rights(function)
        if right.action.startswith("s3:")
    }


def is_get(right: Right, table: str) -> bool:
    return right.action == "dynamodb:GetItem" and right.resource.endswith(f"-{table}")


def test_each_function_has_a_policy_of_its_own() -> None:
    files = list(functions().values())
    assert len(set(files)) == len(files)
    assert {path.name for path in (CHALICE / "policies").iterdir()} == {p.name for p in files}


@pytest.mark.parametrize("function", functions())
def test_no_function_has_a_verb_or_a_resource_with_a_wildcard(function: str) -> None:
    for right in rights(function):
        assert "*" not in right.action
        # Names end in random letters and keys lie below a folder; whole kinds are never named.
        assert right.resource.count("*") <= 2
        assert not right.resource.startswith("*")
        assert ":table/*" not in right.resource


@pytest.mark.parametrize("function", functions())
def test_each_function_writes_only_its_own_log(function: str) -> None:
    camel = "APIHandler" if function == "api_handler" else function.title().replace("_", "")
    logs = [right for right in rights(function) if right.action.startswith("logs:")]
    assert {right.action for right in logs} == {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert {right.resource for right in logs} == {
        f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/secureflows-test-{camel}-*:*"
    }


@pytest.mark.parametrize("function", functions())
def test_nobody_can_change_or_remove_what_was_recorded(function: str) -> None:
    assert actions(function, "audit") <= {"PutItem", "Query", "Scan"}


@pytest.mark.parametrize("function", functions())
def test_nobody_can_change_tables_backups_or_keys_themselves(function: str) -> None:
    allowed = {
        "dynamodb": {
            "GetItem", "BatchGetItem", "Query", "Scan",
            "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem",
        },
        "kms": {"Decrypt", "GenerateDataKey", "Sign", "GetPublicKey"},
        "s3": {"PutObject", "GetObject", "GetObjectVersion", "DeleteObject", "ListBucket"},
        "ses": {"SendEmail"},
        "logs": {"CreateLogStream", "PutLogEvents"},
    }  # fmt: skip
    for right in rights(function):
        service, _, verb = right.action.partition(":")
        assert verb in allowed[service]


@pytest.mark.parametrize("table", TABLES)
def test_the_api_cannot_read_a_whole_table(table: str) -> None:
    assert "Scan" not in actions("api_handler", table)


def test_the_api_cannot_list_payloads_and_finds_sessions_by_two_indexes() -> None:
    assert "Query" not in actions("api_handler", "payloads")
    found = [r for r in rights("api_handler") if "sessions/index" in r.resource]
    assert {(r.action, r.resource.rpartition("/")[2]) for r in found} == {
        ("dynamodb:Query", "by_app"),
        ("dynamodb:Query", "by_sid"),
    }


def test_the_api_appends_to_the_trail_and_reads_it() -> None:
    assert actions("api_handler", "audit") == {"PutItem", "Query"}


def removals(function: str, table: str) -> set[str]:
    """Answer the partitions from which a function may remove items."""
    held = [
        right
        for right in rights(function)
        if right.action == "dynamodb:DeleteItem" and right.resource.endswith(f"-{table}")
    ]
    assert all(right.leading for right in held)
    return {pattern for right in held for pattern in right.leading}


def test_the_api_removes_no_head_and_of_keys_and_names_only_what_is_a_persons() -> None:
    assert "DeleteItem" not in actions("api_handler", "sessions")
    assert removals("api_handler", "keys") == {"W#*#U#*"}
    # A membership lies among a workspace's own things; of a person are all the others.
    assert removals("api_handler", "directory") == {
        *("W#*#U#*", "W#*#E#*", "W#*#X#*", "W#*#C#*"),
        *("OP#*", "W#w" + "?" * 20),
    }


def test_who_finishes_erasures_reaches_people_alone_and_reads_no_payload() -> None:
    job = "finish_erasures"
    assert not actions(job, "keys")
    assert removals(job, "directory") == {"W#*#U#*", "W#*#C#*", "W#*#X#*"}
    assert removals(job, "sessions") == removals(job, "payloads") == {"W#*#U#*"}
    seen = [r for r in rights(job) if r.action in {"dynamodb:GetItem", "dynamodb:Query"}]
    payloads = [right for right in seen if right.resource.endswith("-payloads")]
    assert {right.attributes for right in payloads} == {frozenset({"PK", "SK", "object"})}
    changes = [r for r in rights(job) if r.action == "dynamodb:UpdateItem"]
    (invite,) = [r for r in changes if r.leading == ("W#w" + "?" * 20,)]
    assert invite.attributes == {"PK", "SK", "address", "redeemedBy"}
    (index,) = [right for right in seen if right.resource.endswith("/by_time")]
    assert index.leading == ("ERASURES",)
    assert buckets(job) == {("DeleteObject", "ObjectsBucket.Arn/o/*")}


def test_who_forgets_guests_destroys_keys_and_reads_none_nor_any_address() -> None:
    job = "sweep_guests"
    assert actions(job, "sessions") == actions(job, "payloads") == set()
    assert actions(job, "keys") == {"GetItem", "DeleteItem"}
    (hold,) = [right for right in rights(job) if is_get(right, "keys")]
    assert hold.attributes == {"PK", "SK", "hold"}
    assert removals(job, "keys") == removals(job, "directory") == {"W#*#U#*"}
    assert actions(job, "login") == {"Query"}
    (index,) = [right for right in rights(job) if right.resource.endswith("/by_time")]
    assert index.leading == ("INVITES", "VISITORS#*")
    own = [right for right in rights(job) if right.leading == ("W#w" + "?" * 20,)]
    seen = [right.attributes for right in own if right.action == "dynamodb:BatchGetItem"]
    assert all(seen)
    assert not {"email", "settings", "secret"} & frozenset().union(*seen)
    assert {right.attributes for right in own if right.action == "dynamodb:UpdateItem"} == {
        frozenset({"PK", "SK", "address", "email", "status"})
    }
    assert not buckets(job)


def test_the_api_uses_the_root_key_for_the_known_purposes_only() -> None:
    found = [r for r in rights("api_handler") if r.resource == "RootKey.Arn"]
    assert {right.action for right in found} == {"kms:Decrypt", "kms:GenerateDataKey"}
    for right in found:
        assert right.condition == {
            "StringEquals": {"kms:EncryptionContext:sf:purpose": ["data", "identity", "lookup"]}
        }


def test_the_api_signs_in_two_ways_with_keys_of_one_name() -> None:
    named = {
        "ForAnyValue:StringLike": {
            "kms:ResourceAliases": {"Fn::Sub": "alias/secureflows-${Stage}-signing-*"}
        }
    }
    algorithms = ["ECDSA_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256"]
    how = {"StringEquals": {"kms:SigningAlgorithm": algorithms, "kms:MessageType": "RAW"}}
    found = {right.action: right.condition for right in rights("api_handler")}
    assert found["kms:Sign"] == {**how, **named}
    assert found["kms:GetPublicKey"] == named


def test_the_api_reaches_large_payloads_one_by_one_and_no_backup() -> None:
    assert buckets("api_handler") == {
        ("PutObject", "ObjectsBucket.Arn/o/*"),
        ("GetObjectVersion", "ObjectsBucket.Arn/o/*"),
        ("DeleteObject", "ObjectsBucket.Arn/o/*"),
    }


@pytest.mark.parametrize("function", functions())
def test_nobody_can_remove_a_version_that_a_recovered_row_would_point_to(function: str) -> None:
    assert not [verb for verb, _ in buckets(function) if verb.startswith("DeleteObjectVersion")]


@pytest.mark.parametrize("job", JOBS)
def test_no_job_can_open_sign_or_send_anything(job: str) -> None:
    held = [right for right in rights(job) if right.action.startswith(("kms:", "ses:"))]
    # S3 encrypts the key backups under their own key, on behalf of the job that writes them.
    through_s3 = {
        "StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"}}
    }
    assert [(right.action, right.resource, right.condition) for right in held] == (
        [("kms:GenerateDataKey", "KeyBackupsKey.Arn", through_s3)] if job == "export_keys" else []
    )


def test_the_expiry_job_reads_no_payload_and_only_gives_back_quota() -> None:
    assert actions("expire_sessions", "payloads") == {"DeleteItem", "GetItem"}
    (get,) = [r for r in rights("expire_sessions") if is_get(r, "payloads")]
    assert get.attributes == {"PK", "SK", "object"}
    assert buckets("expire_sessions") == {("DeleteObject", "ObjectsBucket.Arn/o/*")}
    assert actions("expire_sessions", "directory") == {"UpdateItem"}
    (quota,) = [r for r in rights("expire_sessions") if r.resource.endswith("-directory")]
    assert quota.leading == ("W#*#Q#sessions#*", "W#*#Q#bytes#*")
    assert not actions("expire_sessions", "keys")


def test_the_sweep_removes_objects_and_reads_no_row_but_where_one_lies() -> None:
    assert buckets("sweep_objects") == {
        ("ListBucket", "ObjectsBucket.Arn"),
        ("GetObject", "ObjectsBucket.Arn/o/*"),
        ("DeleteObject", "ObjectsBucket.Arn/o/*"),
    }
    (listing,) = [r for r in rights("sweep_objects") if r.action == "s3:ListBucket"]
    assert listing.condition == {"StringEquals": {"s3:prefix": "o/"}}
    assert {table for table in TABLES if actions("sweep_objects", table)} == {"payloads"}
    (get,) = [r for r in rights("sweep_objects") if r.action.startswith("dynamodb:")]
    assert is_get(get, "payloads")
    assert get.attributes == {"PK", "SK", "object"}


def test_the_recount_sees_no_person_and_changes_nothing_but_counters() -> None:
    held = [r for r in rights("recount_usage") if r.resource.endswith("-directory")]
    (scan,) = [right for right in held if right.action == "dynamodb:Scan"]
    assert scan.condition["StringEquals"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
    seen = scan.condition["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert set(seen) == {"PK", "SK", *META_FIELDS}
    rest = [right for right in held if right is not scan]
    assert {right.action for right in rest} == {"dynamodb:BatchGetItem", "dynamodb:UpdateItem"}
    assert {right.leading for right in rest} == {("W#*#Q#sessions#*", "W#*#Q#bytes#*")}
    assert actions("recount_usage", "sessions") == {"BatchGetItem"}
    assert {table for table in TABLES if actions("recount_usage", table)} == {
        "directory",
        "sessions",
    }


def test_who_copies_data_cannot_reach_keys_and_the_reverse() -> None:
    assert not actions("export_backup", "keys")
    assert {t for t in TABLES if "Scan" in actions("export_keys", t)} == {"keys"}
    for job in ("export_backup", "export_keys"):
        (put,) = [right for right in rights(job) if right.action == "s3:PutObject"]
        assert put.resource == (
            "BackupsBucket.Arn/data/*" if job == "export_backup" else "KeyBackupsBucket.Arn/keys/*"
        )
    read = {("GetObjectVersion", "ObjectsBucket.Arn/o/*")}
    assert {each for each in buckets("export_backup") if each[0] != "PutObject"} == read
    assert {verb for verb, _ in buckets("export_keys")} == {"PutObject"}


def test_backups_hold_neither_logins_nor_activity() -> None:
    for table in ("login", "activity"):
        assert not actions("export_backup", table)


def test_a_backup_job_records_only_for_the_deployment() -> None:
    for job in ("export_backup", "export_keys"):
        (put,) = [right for right in rights(job) if right.action == "dynamodb:PutItem"]
        assert put.leading == ("W#DEPLOYMENT#*",)
        assert put.resource.endswith("-audit")


def test_who_counts_requests_reaches_activity_alone_and_removes_nothing() -> None:
    assert actions("record_activity", "activity") == {"BatchGetItem", "PutItem", "UpdateItem"}
    for table in set(TABLES) - {"activity"}:
        assert not actions("record_activity", table)


def test_the_api_only_reads_activity() -> None:
    assert actions("api_handler", "activity") == {"Query"}


def test_every_stage_packages_the_same_functions() -> None:
    config = json.loads((CHALICE / "config.json").read_text("utf-8"))
    assert set(config["stages"]) == {"dev", "prod"}
    assert config["autogen_policy"] is False
