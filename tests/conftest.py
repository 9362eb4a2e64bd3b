"""Fixtures that every floor may use."""

from collections.abc import Iterator

import pytest

from chalicelib.wiring.process import installed
from tests.api.platform import Platform

pytest_plugins = ["tests.chromium", "tests.engines"]


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform in memory, installed for the time of the test."""
    fresh = Platform()
    with installed(fresh.services):
        yield fresh
