"""One run of the product for all tests that only talk to it, and clients of others' making."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.launch import ROOT, Run

RELYING = ROOT / "tests" / "e2e" / "relying"
NODE = ROOT / ".venv" / "bin"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out of the fast set what takes seconds only to be collected."""
    is_fast = config.getoption("markexpr") == "not slow"
    return True if is_fast and collection_path.name == "test_contract.py" else None


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The product with the embedded cloud, as a newcomer starts it."""
    subprocess.run([ROOT / "scripts" / "site"], check=True)
    started = Run(tmp_path_factory.mktemp("run") / "state")
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the relying parties' libraries, as their pins say."""
    folder = tmp_path_factory.mktemp("relying")
    for found in RELYING.iterdir():
        if found.is_file():
            shutil.copy(found, folder)
    fetched = subprocess.run(
        [NODE / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        pytest.skip("the package registry cannot be reached")
    return folder
