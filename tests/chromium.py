"""The browser of a test module: the system's Chromium, driven by playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    *("--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    # Chromium's sandbox refuses to run as root.
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


# Of a module, not of the whole run: playwright's event loop would run on beside later tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium without a window; skips with the reason where there is none."""
    path = executable()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


def executable() -> str:
    """Answer where Chromium is; skips where there is none."""
    found = next(filter(None, map(shutil.which, _CHROMIUMS)), None)
    if found is None:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(_CHROMIUMS)})")
    return found
