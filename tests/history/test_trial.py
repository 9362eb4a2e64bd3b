"""Concurrent clients at two servers whose network and processes fail: nothing is lost."""

import os
import secrets
from collections.abc import Iterator

import pytest

from tests.history.cluster import Cluster, cluster
from tests.history.operations import Kind
from tests.history.proxy import Fault
from tests.history.trial import trial

pytestmark = pytest.mark.slow

SECONDS = 40.0
# What failed is tried again by HISTORY_SEED=… and looked at by python -m tests.history --check.
SEED = int(os.environ.get("HISTORY_SEED", secrets.randbelow(2**32)))  # noqa: TID251 - of a test


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("history"), seed=SEED) as made:
        yield made


def test_what_clients_saw_is_explained_by_some_order_of_single_operations(made: Cluster) -> None:
    outcome = trial(made, seed=SEED, seconds=SECONDS)
    print(outcome)  # noqa: T201
    assert not outcome.problems, f"{outcome}\n\nin {made.folder}"
    assert outcome.kills >= 2
    faults = {told.partition(" ")[2] for told in outcome.faults}
    assert faults >= {fault.value for fault in Fault} - {Fault.IN_PROGRESS, Fault.LATE}
    good = {one.kind for one in outcome.operations if one.status == 200}
    assert good >= set(Kind) - {Kind.EXPIRE}
