"""A cluster for the tests that need the real servers."""

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.history.cluster import Cluster, cluster

# What failed is tried again by HISTORY_SEED=… and looked at by python -m tests.history --check.
SEED = int(os.environ.get("HISTORY_SEED", secrets.randbelow(2**32)))  # noqa: TID251 - of a test


@pytest.fixture(scope="session")
def seed() -> int:
    return SEED


# Afresh for each module: a trial knows every session from its beginning.
@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("history"), seed=SEED) as made:
        yield made
