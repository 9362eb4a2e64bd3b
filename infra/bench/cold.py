"""Cold starts: fresh processes with what would be shipped, beside one that only makes clients."""

import json
import re
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from infra.package import ROOT, compiled

_REPORT = """
import json, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
memory = status.get("VmHWM") or status["VmRSS"]
print(json.dumps([spent, len(sys.modules), int(memory.split()[0])]))
"""
# pyOpenSSL, which botocore takes along where it is installed, is no part of boto3.
_CLIENTS = """
import sys, time
sys.modules["urllib3.contrib.pyopenssl"] = None
began = time.process_time()
import boto3
session = boto3.session.Session()
session.client("dynamodb")
session.client("kms")
spent = time.process_time() - began
"""
REQUEST = """
import json, os, time
event = json.loads(os.environ.pop("BENCH_EVENT"))
class Context:
    aws_request_id = function_name = "bench"
    def get_remaining_time_in_millis(self):
        return 29_000
began = time.process_time()
from chalicelib.api.doors import answer
status = answer(event, Context())["statusCode"]
spent = time.process_time() - began
assert status == 200, status
for _ in range(200):
    answer(event, Context())
"""
_JOB = """
import time
began = time.process_time()
import {module}
from chalicelib.wiring.process import container
container().adapters.tables
spent = time.process_time() - began
"""


def ship(folder: Path, *, pins: str = "requirements.txt") -> int:
    """Put into a folder what a function gets, for this machine; answers the package's bytes."""
    code = folder / "code.zip"
    with zipfile.ZipFile(code, "w") as archive:
        for path, name in _files(pins):
            archive.write(path, name)
    compiled(code)
    with zipfile.ZipFile(code) as archive:
        archive.extractall(folder / "code")
    return code.stat().st_size


def measure(
    folder: Path,
    environment: Mapping[str, str],
    event: Mapping[str, Any],
    jobs: Mapping[str, str],
    *,
    rounds: int,
) -> list[Mapping[str, Any]]:
    """Answer a row for the clients, for the first request and for each job (name → module)."""
    programs = {"import boto3, two clients": _CLIENTS, "api: import, first read": REQUEST}
    programs |= {name: _JOB.format(module=module) for name, module in jobs.items()}
    with_event = dict(environment) | {"BENCH_EVENT": json.dumps(event)}
    seen: dict[str, list[Sequence[float]]] = {name: [] for name in programs}
    for number in range(rounds):
        print(f"cold: round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        for name, program in programs.items():
            shipped = None if program == _CLIENTS else folder / "code"
            seen[name].append(run(program + _REPORT, with_event, shipped=shipped))
    least = [spent for spent, *_ in seen["import boto3, two clients"]]
    return [
        {
            "what": name,
            "cpu_ms": round(statistics.median(run[0] for run in runs) * 1_000),
            "ratio": round(
                statistics.median(run[0] / base for run, base in zip(runs, least, strict=True)), 2
            ),
            "modules": runs[0][1],
            "memory_mb": round(statistics.median(run[2] for run in runs) / 1_000, 1),
        }
        for name, runs in seen.items()
    ]


def run(program: str, environment: Mapping[str, str], *, shipped: Path | None) -> Any:  # noqa: ANN401 - JSON
    """Answer the last line that a fresh process prints, which has what was shipped or our own."""
    # Without this machine's packages the folder has all that a function would find.
    bare = () if shipped is None else ("-S",)
    done = subprocess.run(
        [sys.executable, *bare, "-c", program],
        cwd=shipped or ROOT,
        env={**environment, "PYTHONPATH": str(shipped or ""), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _files(pinned: str) -> Iterator[tuple[Path, str]]:
    pins = (ROOT / pinned).read_text("utf-8")
    # Of Chalice a package holds these two.
    for name in ("chalice/__init__.py", "chalice/app.py"):
        yield Path(str(distribution("chalice").locate_file(name))), name
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", pins, re.MULTILINE):
        for file in distribution(name).files or ():
            path = Path(str(file.locate()))
            if ".." not in file.parts and "__pycache__" not in file.parts and path.is_file():
                yield path, file.as_posix()
    for path in [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]:
        yield path, path.relative_to(ROOT).as_posix()
