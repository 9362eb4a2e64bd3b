"""The process's own container: the one global, and the one way to swap it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.settings import from_environment
from chalicelib.wiring.aws import AwsAdapters
from chalicelib.wiring.container import Container

# botocore imports pyOpenSSL, which only passkeys need, wherever it is installed, and takes from it
# what urllib3 has anyway. A job's cold start does without its 60 modules and 10 MB.
sys.modules.setdefault("urllib3.contrib.pyopenssl", None)  # type: ignore[arg-type]  # not there

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
