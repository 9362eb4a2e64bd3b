"""The bench is fair: a small floor that does the work, and a table whose command is there."""

import json
import re
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from infra.bench import floor, load, scene
from infra.bench.__main__ import jobs
from infra.bench.table import rendered
from tests.architecture.house import ROOT

FLOOR = 80  # lines
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20270115/us-east-1/dynamodb/aws4_request"


def test_the_floor_is_short() -> None:
    assert len(Path(floor.__file__).read_text("utf-8").splitlines()) < FLOOR


def test_the_readme_has_the_table_and_the_command_that_makes_it() -> None:
    section = (ROOT / "README.md").read_text("utf-8").split("## Performance")[1].split("\n## ")[0]
    assert re.search(r"^\./scripts/bench\b", section, re.MULTILINE)
    for head in ("| warm | calls |", "| cold | CPU |", "| sessions (", "Package "):
        assert head in section


def test_the_start_of_every_function_is_measured() -> None:
    config = json.loads((ROOT / ".chalice/config.json").read_text("utf-8"))
    measured = {name.removeprefix("job ") for name in jobs()}
    assert measured == set(config["lambda_functions"]) - {"api_handler"}


def test_the_table_says_what_could_not_be_measured() -> None:
    found = {
        "warm": [{"size": "1 MB", "what": "read", "status": 503}],
        "cold": [],
        "growth": [],
        "engine": "x",
        "package_mb": 1.0,
        "requests_per_second": 1,
    }
    assert "| read 1 MB | status 503 |" in rendered(found)


@pytest.mark.slow
def test_the_recorder_answers_again_what_it_has_heard_and_counts_nothing_then() -> None:
    with scene.scene() as on, ExitStack() as cleanup:
        host, port = on.recorder.removeprefix("http://").split(":")
        store = HTTPConnection(host, int(port))
        cleanup.callback(store.close)

        def asked(limit: int) -> dict[str, object]:
            target = {"X-Amz-Target": "DynamoDB_20120810.ListTables"}
            target |= {"Content-Type": "application/x-amz-json-1.0", "Authorization": SIGNED}
            store.request("POST", "/", json.dumps({"Limit": limit}), target)
            said: dict[str, object] = json.loads(store.getresponse().read())
            return said

        on.told("open")
        first = asked(1)
        (call,) = on.told("take")
        assert (call["kind"], call["path"]) == ("ListTables", "/")
        on.told("still")
        assert asked(1) == first
        assert on.told("take") == []


@pytest.mark.slow
def test_the_local_server_can_be_loaded() -> None:
    with scene.scene() as on:
        assert load.requests_per_second(on.environment(), seconds=0.2) > 0
