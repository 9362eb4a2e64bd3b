"""Both stages package, and what comes out is what CloudFormation and Lambda accept."""

import json
import os
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.api import doors
from infra import package
from tests.packaging.rights import functions

pytestmark = pytest.mark.slow

STAGES = ("dev", "prod")
LIMIT = 250_000_000  # bytes that a function may have unpacked
SMALL = 50_000_000  # bytes that can be uploaded without a bucket


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    targets = {stage: tmp_path_factory.mktemp(stage) for stage in STAGES}
    for stage, target in targets.items():
        package.package(stage, target)
    return targets


@pytest.fixture(scope="module", params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def template(packaged: dict[str, Path], stage: str) -> Any:
    return yaml.safe_load((packaged[stage] / package.TEMPLATE).read_text("utf-8"))


def resources(template: Any, kind: str) -> dict[str, Any]:
    return {
        name: body["Properties"]
        for name, body in template["Resources"].items()
        if body["Type"] == kind
    }


def logical(function: str) -> str:
    return "APIHandler" if function == "api_handler" else function.title().replace("_", "")


def test_the_template_passes_cfn_lint(packaged: dict[str, Path], stage: str) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [linter, packaged[stage] / package.TEMPLATE], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_there_is_one_function_for_the_api_and_one_per_job(template: Any) -> None:
    assert set(resources(template, "AWS::Serverless::Function")) == set(map(logical, functions()))


def test_the_api_starts_where_doors_open_on_demand(template: Any) -> None:
    handler = resources(template, "AWS::Serverless::Function")["APIHandler"]["Handler"]
    assert handler == f"{doors.__name__}.{doors.answer.__name__}"


def test_each_function_has_a_role_of_its_own_with_exactly_its_policy(template: Any) -> None:
    made = resources(template, "AWS::Serverless::Function")
    roles = resources(template, "AWS::IAM::Role")
    names = [made[logical(function)]["Role"]["Fn::GetAtt"][0] for function in functions()]
    assert len(set(names)) == len(names) == len(roles)
    for name, file in zip(names, functions().values(), strict=True):
        (policy,) = roles[name]["Policies"]
        assert policy["PolicyDocument"] == json.loads(file.read_text("utf-8"))
        assert not roles[name].get("ManagedPolicyArns")


def test_every_function_knows_its_stage_and_logs_where_its_policy_lets_it(template: Any) -> None:
    groups = resources(template, "AWS::Logs::LogGroup")
    named = {group["LogGroupName"]["Fn::Sub"] for group in groups.values()}
    for name, function in resources(template, "AWS::Serverless::Function").items():
        variables = function["Environment"]["Variables"]
        assert variables["SECUREFLOWS_STAGE"] == {"Ref": "Stage"}
        assert variables["SECUREFLOWS_ORIGIN"] == {"Ref": "Origin"}
        assert f"/aws/lambda/${{{name}}}" in named
    assert len(named) == len(groups) == len(functions())


def test_jobs_find_their_vaults(template: Any) -> None:
    made = resources(template, "AWS::Serverless::Function")
    data, keys = (made[name]["Environment"]["Variables"] for name in ("ExportBackup", "ExportKeys"))
    assert data["SECUREFLOWS_BACKUP_BUCKET"] == {"Ref": "BackupsBucket"}
    assert keys["SECUREFLOWS_KEY_BACKUP_BUCKET"] == {"Ref": "KeyBackupsBucket"}
    assert not {"SECUREFLOWS_KEY_BACKUP_BUCKET"} & set(data)
    assert not {"SECUREFLOWS_BACKUP_BUCKET", "SECUREFLOWS_PAYLOAD_BUCKET"} & set(keys)
    for name in ("APIHandler", "ExpireSessions", "FinishErasures", "ExportBackup", "SweepObjects"):
        variables = made[name]["Environment"]["Variables"]
        assert variables["SECUREFLOWS_PAYLOAD_BUCKET"] == {"Ref": "ObjectsBucket"}


def test_every_function_is_watched(template: Any) -> None:
    alarms = resources(template, "AWS::CloudWatch::Alarm").values()
    watched = {(alarm["MetricName"], alarm["Dimensions"][0]["Value"]["Ref"]) for alarm in alarms}
    for function in functions():
        assert ("Errors", logical(function)) in watched
        # What is called by a schedule is missed; what is fed may rest, and must not give up.
        silence = "AsyncEventsDropped" if function == "record_activity" else "Invocations"
        assert function == "api_handler" or (silence, logical(function)) in watched


def test_the_log_of_the_api_feeds_the_function_that_counts(template: Any) -> None:
    (lines,) = resources(template, "AWS::Logs::SubscriptionFilter").values()
    (right,) = [
        each
        for each in resources(template, "AWS::Lambda::Permission").values()
        if each["Principal"] == "logs.amazonaws.com"
    ]
    assert lines["DestinationArn"]["Fn::GetAtt"][0] == right["FunctionName"]["Ref"]
    assert lines["DestinationArn"]["Fn::GetAtt"][0] == logical("record_activity")
    group = template["Resources"][lines["LogGroupName"]["Ref"]]["Properties"]["LogGroupName"]
    assert group == {"Fn::Sub": "/aws/lambda/${APIHandler}"}
    assert right["SourceArn"]["Fn::GetAtt"] == [lines["LogGroupName"]["Ref"], "Arn"]


def test_the_stage_is_in_the_template(template: Any, stage: str) -> None:
    assert template["Parameters"]["Stage"]["Default"] == stage
    lock = template["Parameters"]["BackupLockMode"]["Default"]
    assert lock == {"dev": "GOVERNANCE", "prod": "COMPLIANCE"}[stage]


def test_the_gateway_speaks_problem_documents(template: Any) -> None:
    (api,) = resources(template, "AWS::Serverless::Api").values()
    assert {"THROTTLED", "REQUEST_TOO_LARGE", "DEFAULT_5XX"} <= set(api["GatewayResponses"])
    assert api["EndpointConfiguration"] == "REGIONAL"


def test_the_template_needs_no_alias_which_cloudformation_does_not_read(
    packaged: dict[str, Path], stage: str
) -> None:
    text = (packaged[stage] / package.TEMPLATE).read_text("utf-8")
    assert not [token for token in yaml.scan(text) if isinstance(token, yaml.AliasToken)]


def test_the_code_fits_and_holds_no_development_tool(packaged: dict[str, Path], stage: str) -> None:
    code = packaged[stage] / package.CODE
    assert code.stat().st_size < SMALL
    with zipfile.ZipFile(code) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < LIMIT
        top = {name.split("/")[0] for name in archive.namelist()}
    assert {"app.py", "chalice", "chalicelib", "cryptography", "pynamodb"} <= top
    assert not {"infra", "tests", "moto", "localstack_client", "pip", "setuptools", "yaml"} & top


def test_native_code_is_for_the_architecture_of_the_functions(
    packaged: dict[str, Path], stage: str, template: Any
) -> None:
    for function in resources(template, "AWS::Serverless::Function").values():
        assert function["Architectures"] == ["x86_64"]
    with zipfile.ZipFile(packaged[stage] / package.CODE) as archive:
        libraries = [name for name in archive.namelist() if name.endswith(".so")]
        machines = {struct.unpack("<H", archive.read(name)[18:20])[0] for name in libraries}
    assert libraries
    assert machines == {62}  # EM_X86_64


def test_modules_are_compiled_and_never_looked_at_again(
    packaged: dict[str, Path], stage: str
) -> None:
    suffix = f".cpython-{sys.version_info.major}{sys.version_info.minor}.pyc"
    with zipfile.ZipFile(packaged[stage] / package.CODE) as archive:
        sources = [n for n in archive.namelist() if n.startswith("chalicelib/") and n[-3:] == ".py"]
        assert len(sources) > 50
        for source in sources:
            folder, _, name = source.rpartition("/")
            compiled = archive.read(f"{folder}/__pycache__/{name[:-3]}{suffix}")
            assert struct.unpack("<I", compiled[4:8])[0] == 0b01  # hashed and unchecked (PEP 552)


def test_the_same_sources_give_the_same_bytes(packaged: dict[str, Path], tmp_path: Path) -> None:
    first, second = (packaged[stage] / package.CODE for stage in STAGES)
    assert first.read_bytes() == second.read_bytes()
    copy = tmp_path / package.CODE
    copy.write_bytes(first.read_bytes())
    with zipfile.ZipFile(copy, "a") as archive:
        # As Chalice finds them beside the sources when somebody works there.
        for left in ("gone.cpython-311.pyc", "app.cpython-399.pyc", "ids.cpython-311.pyc.140231"):
            archive.writestr(f"chalicelib/__pycache__/{left}", b"left")
    package.compiled(copy)
    assert copy.read_bytes() == first.read_bytes()


def test_another_python_than_the_compiler_s_is_refused(template: Any) -> None:
    other = {"Parameters": template["Parameters"], "Resources": {"F": {"Properties": {}}}}
    other["Resources"]["F"]["Properties"] = {"Runtime": "python3.8"}
    with pytest.raises(SystemExit, match=r"python3\.8"):
        package.complete(other, "dev")


def test_the_application_imports_from_the_package_alone(
    packaged: dict[str, Path], tmp_path: Path
) -> None:
    """Our own sources need nothing beyond what is packed and what Lambda has."""
    with zipfile.ZipFile(packaged["dev"] / package.CODE) as archive:
        ours = [n for n in archive.namelist() if n == "app.py" or n.startswith("chalicelib/")]
        archive.extractall(tmp_path, ours)
    rooms = ", ".join(
        f"chalicelib.jobs.{room}" for room in ("expiry", "backups", "objects", "usage")
    )
    program = f"import app, {rooms}; print(app.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=dict(os.environ) | {"PYTHONPATH": str(tmp_path)},  # noqa: TID251 - for a child
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path))


def test_the_package_describes_the_services_that_are_called_and_no_other(
    packaged: dict[str, Path], tmp_path: Path
) -> None:
    with zipfile.ZipFile(packaged["dev"] / package.CODE) as archive:
        theirs = [n for n in archive.namelist() if n.startswith("botocore/")]
        archive.extractall(tmp_path, theirs)
    source = (package.ROOT / "chalicelib/wiring/aws.py").read_text("utf-8")
    called = set(re.findall(r'\.client\("([a-z0-9]+)"\)', source)) | {"dynamodb"}
    described = {p.name for p in (tmp_path / "botocore/data").iterdir() if p.is_dir()}
    assert called == described == package.SERVICES
    program = f"""
import botocore.session
assert botocore.__file__.startswith({str(tmp_path)!r})
for name in {sorted(called)}:
    print(botocore.session.Session().create_client(name).meta.endpoint_url)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(tmp_path), "AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("eu-central-1.amazonaws.com") == len(called)
