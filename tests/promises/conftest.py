"""Fixtures of the promises: what was logged meanwhile."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from chalicelib.logs import JsonLines, logger


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """All that is logged meanwhile: our own lines as they are written, everybody else's whole."""
    stream = StringIO()
    ours, others = logging.StreamHandler(stream), logging.StreamHandler(stream)
    ours.setFormatter(JsonLines())
    mine = [logger(name) for name in ("access", "api", "jobs")]
    for log in mine:
        log.addHandler(ours)
    logging.getLogger().addHandler(others)
    yield stream
    for log in mine:
        log.removeHandler(ours)
    logging.getLogger().removeHandler(others)
