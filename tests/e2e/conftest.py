"""One run of the product for all tests that only talk to it."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.launch import ROOT, Run


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
