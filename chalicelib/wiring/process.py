"""The process's own container: the one global, and the one way to swap it."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.settings import from_environment
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container

_installed: list[Container] = []


def container() -> Container:
    """Answer the process's container; the first call reads the environment."""
    if not _installed:
        settings = from_environment()
        _installed.append(Container(settings, AwsAdapters(settings)))
    return _installed[-1]


@contextmanager
def installed(other: Container) -> Iterator[Container]:
    """Put another container in the place of the process's own, for the time of a `with`."""
    _installed.append(other)
    try:
        yield other
    finally:
        _installed.remove(other)
