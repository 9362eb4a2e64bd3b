"""Concurrent clients at two servers whose network and processes fail: nothing is lost."""

import pytest

from tests.history.cluster import Cluster
from tests.history.operations import Kind
from tests.history.proxy import Fault
from tests.history.trial import trial

pytestmark = pytest.mark.slow

SECONDS = 40.0
KILLS = 2


def test_what_clients_saw_is_explained_by_some_order_of_single_operations(
    made: Cluster, seed: int
) -> None:
    kinds = frozenset(Kind) - {Kind.EXPIRE}
    outcome = trial(made, seed=seed, seconds=SECONDS, kinds=kinds, kills=KILLS)
    print(outcome)  # noqa: T201
    assert not outcome.problems, f"{outcome}\n\nin {made.folder}"
    assert outcome.kills >= KILLS
    faults = {told.partition(" ")[2] for told in outcome.faults}
    assert faults >= {fault.value for fault in Fault} - {Fault.IN_PROGRESS, Fault.LATE}
    good = {one.kind for one in outcome.operations if one.status == 200}
    assert good >= kinds
