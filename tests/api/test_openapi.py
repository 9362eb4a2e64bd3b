import json
import subprocess

import pytest

from chalicelib.api.problems import STATUS
from tests.api.platform import OWN_ORIGIN, Platform, send
from tests.architecture.house import ROOT

PATH = "/api/v1/openapi.json"


def test_the_contract_is_answered_to_anybody(platform: Platform) -> None:
    platform.tenant()
    answer = send("GET", PATH, headers={"origin": "https://anywhere.example"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["servers"] == [{"url": OWN_ORIGIN}]
    assert PATH in answer.json()["paths"]


@pytest.mark.parametrize("wrapped", ["{}", "W/{}", '"other", {}', "*"])
def test_a_client_that_has_it_gets_nothing_again(platform: Platform, wrapped: str) -> None:
    platform.tenant()
    etag = send("GET", PATH).headers["etag"]
    answer = send("GET", PATH, headers={"if-none-match": wrapped.format(etag)})
    assert (answer.status, answer.body) == (304, "")
    assert answer.headers["etag"] == etag


@pytest.mark.parametrize("other", ['"1"', "", '"'])
def test_a_client_that_has_another_gets_it(platform: Platform, other: str) -> None:
    platform.tenant()
    answer = send("GET", PATH, headers={"if-none-match": other})
    assert answer.status == 200
    assert answer.json()["openapi"] == "3.1.0"


def test_the_script_prints_what_is_served_without_an_environment(platform: Platform) -> None:
    platform.tenant()
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "infra.openapi", "--origin", OWN_ORIGIN],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == send("GET", PATH).json()


def test_the_script_prints_a_line_for_every_error() -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/python", "-m", "infra.openapi", "--errors"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    for code, (status, _) in STATUS.items():
        assert f"| {status} | `{code}` | " in done.stdout
