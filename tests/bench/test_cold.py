"""What a cold start loads, counted on the package as it is shipped: counts repeat, times do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import settings_of
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container
from infra.bench import cold, scene
from infra.bench.warm import PATH

pytestmark = pytest.mark.slow

MOST = 620  # modules
# Each is imported by something that is needed, and needed by nothing that a read does.
IDLE = {
    *("pydantic", "asyncio.events", "multiprocessing", "s3transfer", "boto3.session"),
    *("jsonschema_rs", "argon2", "email_validator", "zxcvbn", "OpenSSL"),
}
LOADED = "\nimport sys\nprint(json.dumps(sorted(sys.modules)))"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("shipped")
    cold.ship(folder)
    with scene.scene() as on, pytest.MonkeyPatch.context() as patch:
        environment = on.environment()
        # Another test of this process may have said where its tables are.
        patch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = settings_of(environment)
        stay = scene.stay(Container(settings, AwsAdapters(settings)), payload_bytes=262_144)
        event = scene.event("GET", PATH, token=stay.token)
        given = environment | {"BENCH_EVENT": json.dumps(event)}
        names: Any = cold.run(cold.REQUEST + LOADED, given, shipped=Path(folder / "code"))
    return set(names)


def test_the_first_read_loads_few_modules(loaded: set[str]) -> None:
    assert len(loaded) <= MOST


def test_the_first_read_loads_nothing_that_it_does_not_use(loaded: set[str]) -> None:
    assert IDLE & loaded == set()
    assert {"chalicelib.api.payload", "aws_encryption_sdk", "jwt"} <= loaded


def test_the_first_read_opens_one_door(loaded: set[str]) -> None:
    assert {"chalicelib.api.session", "chalicelib.api.exchange", "app"} & loaded == set()
