"""One run of the product for all tests that only talk to it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.launch import ROOT, Run


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
