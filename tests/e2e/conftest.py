"""One run of the product for all tests that only talk to it, and a browser."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.launch import ROOT, Run

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


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
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if executable is None:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(_CHROMIUMS)})")
    # Chromium's sandbox refuses to run as root.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    args += ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=args)
        yield started
        started.close()
