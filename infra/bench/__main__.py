"""The bench: measures what a request, a start and a night's work cost, and prints one table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalice.app import ScheduledEventConfig

from app import app
from chalicelib.wiring.process import container
from infra.bench import cold, load, scene
from infra.bench.table import rendered
from infra.bench.warm import PATH
from infra.local import dynamodb_local

_SIZES = (1_000, 10_000, 100_000)
_FEW = 3
_ABOUT = """\
Prints ratios to a floor that is measured in the same run: a handler of less than 80 lines that
verifies the same token, sends the same requests and opens the same bytes (infra/bench/floor.py).
"""


def main() -> int:
    """Run the bench; it never fails a build."""
    parser = argparse.ArgumentParser(prog="./scripts/bench", description=_ABOUT)
    parser.add_argument("--json", type=Path, help="a file for the numbers")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer sessions")
    given = parser.parse_args()
    with scene.scene() as on:
        environment = on.environment()
        os.environ.update(environment)  # noqa: TID251 - this process is a function's neighbour
        found = _measured(on, environment, quick=given.quick)
    print(rendered(found))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    return 0


def _measured(on: scene.Scene, environment: Mapping[str, str], *, quick: bool) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="secureflows-bench-") as name:
        folder = Path(name)
        rounds = str(_FEW if quick else 9)
        warm = _child(folder, environment, "warm", on.cloud, on.recorder, rounds)
        _say("cold: packing what would be shipped")
        size = cold.ship(folder)
        stay = scene.stay(container(), payload_bytes=262_144)
        event = scene.event("GET", PATH, token=stay.token)
        starts = cold.measure(folder, environment, event, jobs(), rounds=_FEW if quick else 11)
        _say("load: the local server")
        requests = load.requests_per_second(environment, seconds=1 if quick else 4)
        with _database(on) as (engine, endpoint):
            sizes = _SIZES[:-1] if quick or endpoint == on.cloud else _SIZES
            beside = {
                **environment,
                "AWS_ENDPOINT_URL": on.cloud,
                "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
            }
            growth = _child(folder, beside, "growth", on.cloud, endpoint, *map(str, sizes))
    return {
        "warm": warm,
        "cold": starts,
        "growth": growth,
        "engine": engine,
        "package_mb": round(size / 1_000_000, 1),
        "requests_per_second": requests,
    }


def _child(folder: Path, environment: Mapping[str, str], name: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    out = folder / f"{name}.json"
    subprocess.run(
        [sys.executable, "-m", f"infra.bench.{name}", str(out), *arguments],
        env=dict(environment),
        check=True,
        stdout=subprocess.DEVNULL,  # a function's log
    )
    return json.loads(out.read_text("utf-8"))


def jobs() -> Mapping[str, str]:
    """Answer every function but the API's, with the module that it starts from."""
    handlers = [
        source.handler_string
        for source in app.event_sources
        if isinstance(source, ScheduledEventConfig)
    ]
    handlers += [function.handler_string for function in app.pure_lambda_functions]
    return {f"job {name}": module for module, _, name in (h.rpartition(".") for h in handlers)}


@contextmanager
def _database(on: scene.Scene) -> Iterator[tuple[str, str]]:
    if reason := dynamodb_local.available():
        _say(f"growth: on the embedded cloud, as {reason}")
        yield "embedded cloud", on.cloud
        return
    port = load.free_port()
    process = dynamodb_local.start(port, None)
    try:
        yield "DynamoDB Local", f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
