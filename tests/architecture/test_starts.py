"""What a cold start loads: a door loads no vendor of AWS, a job never loads the doors."""

import json
import re
from pathlib import Path

import pytest
from chalice.app import ScheduledEventConfig

from app import app
from chalicelib.api.doors import DOORS
from infra.bench.scene import event
from tests.architecture.house import ROOT, in_fresh_interpreter, modules

HEAVY = ("boto3", "botocore", "pynamodb", "aws_encryption_sdk", "cryptography", "argon2", "jwt")
JOBS = {
    source.name: source.handler_string
    for source in app.event_sources
    if isinstance(source, ScheduledEventConfig)
} | {function.name: function.handler_string for function in app.pure_lambda_functions}
REQUESTS = """
import json, os, sys
os.environ |= {"SECUREFLOWS_STAGE": "test", "SECUREFLOWS_ORIGIN": "https://flows.example"}
os.environ |= {"AWS_DEFAULT_REGION": "us-east-1"}
from chalicelib.api.doors import answer
for event in json.loads(sys.argv[1]):
    answered = answer(event, None)
print(answered["statusCode"], *sys.modules)
"""
DECLARED = [
    f"{Path(module.path).with_suffix('').as_posix().replace('/', '.')}.{function}"
    for module in modules("chalicelib/jobs")
    for function in re.findall(r"\n@(?:job|consumer)\ndef (\w+)\(", module.text)
]


def after(*requests: tuple[str, str]) -> tuple[int, set[str]]:
    """Answer the last status, and what a fresh interpreter has loaded then."""
    given = json.dumps([event(method, path) for method, path in requests])
    program = f"import sys; sys.argv.append({given!r})\n{REQUESTS}"
    status, *loaded = in_fresh_interpreter(program).splitlines()[-1].split()
    return int(status), set(loaded)


def test_the_application_loads_nothing_of_aws() -> None:
    loaded = in_fresh_interpreter("import app, sys; print(*sys.modules)").split()
    assert "chalicelib.api.session" in loaded
    assert set(HEAVY) & set(loaded) == set()


def test_a_request_opens_its_door_and_none_behind_it() -> None:
    status, loaded = after(("GET", "/api/v1/sessions"))
    assert status == 401
    assert {door for door in DOORS if f"chalicelib.api.{door}" in loaded} == {DOORS[0]}
    # Plain JSON needs no model; pydantic would be a sixth of the start.
    assert {"pydantic", "jsonschema_rs", "argon2"} & loaded == set()


def test_doors_open_until_one_has_the_route() -> None:
    status, loaded = after(("GET", "/api/v1/sessions"), ("GET", "/api/v1/openapi.json"))
    assert status == 200
    assert {f"chalicelib.api.{door}" for door in DOORS} <= loaded


def test_the_application_reads_no_setting_when_it_is_imported() -> None:
    program = """
import os
for name in [name for name in os.environ if name.startswith(("SECUREFLOWS_", "AWS_"))]:
    del os.environ[name]
import app
print("started")
"""
    assert in_fresh_interpreter(program).strip() == "started"


def test_a_token_that_is_bound_to_nothing_loads_nothing_of_proofs() -> None:
    program = """
import sys
from tests.api.platform import Platform, send
from chalicelib.wiring.process import installed
platform = Platform()
with installed(platform.services):
    answer = send("GET", "/api/v1/sessions", token=platform.token(platform.tenant()))
print(answer.status, *sys.modules)
"""
    *_, line = in_fresh_interpreter(program).strip().splitlines()
    status, *loaded = line.split()
    assert status == "200"
    assert "chalicelib.services.admission" in loaded
    assert "chalicelib.services.dpop" not in loaded


@pytest.mark.parametrize("handler", DECLARED)
def test_a_job_starts_without_the_application(handler: str) -> None:
    module, _, function = handler.rpartition(".")
    program = f"import sys, {module} as m; print(callable(m.{function}), *sys.modules)"
    is_callable, *loaded = in_fresh_interpreter(program).split()
    assert is_callable == "True"
    assert "app" not in loaded
    assert [each for each in loaded if each.startswith("chalicelib.api")] == []
    assert set(HEAVY) & set(loaded) == set()


def test_every_job_is_called_by_somebody_and_has_a_function_with_a_policy() -> None:
    assert sorted(JOBS.values()) == sorted(DECLARED)
    assert DECLARED
    config = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))
    assert set(config["lambda_functions"]) - {"api_handler"} == set(JOBS)
