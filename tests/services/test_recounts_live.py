"""The recount on the engines themselves, with others at work at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import cast

import pytest

from chalicelib.domain.errors import Contended
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.sessions import Head
from chalicelib.wiring.container import Container
from chalicelib.wiring.ports import Adapters
from tests.builders import FIRST, some_event, some_head, some_partition, some_ref
from tests.engines import dynamodb_local, engine, moto_cloud
from tests.fakes.surroundings import FakeClock
from tests.services.deployments import Deployment, Tenant, deployment, tenants_of
from tests.services.stopping import AtAnotherTime

__all__ = ["deployment", "dynamodb_local", "engine", "moto_cloud"]

DAY = 86_400


@pytest.fixture
def workspace(deployment: Deployment) -> WorkspaceId:
    tenant: Tenant = next(tenants_of(deployment.services))
    return tenant.workspace.id


def begin(deployment: Deployment, workspace: WorkspaceId, at: int) -> Head:
    head = some_head(
        some_ref(some_partition(workspace), at=at), created_at=at, updated_at=at, size=100
    )
    while True:
        try:
            deployment.adapters.sessions.create(
                head, payload=None, latest=FIRST, shard_limit=10**6, event=some_event(head.ref)
            )
        except Contended:
            continue
        return head


def end(deployment: Deployment, head: Head, now: int) -> None:
    while True:
        try:
            deployment.adapters.sessions.end(head, by="user", now=now, event=some_event(head.ref))
        except Contended:
            continue
        return


def test_an_error_is_repaired_and_what_goes_on_meanwhile_is_left_alone(
    deployment: Deployment, workspace: WorkspaceId
) -> None:
    store, clock = deployment.adapters.usage, deployment.adapters.clock
    now = clock.now() + DAY
    old = [begin(deployment, workspace, now - DAY + 60) for _ in range(12)]
    later = FakeClock(now)
    recounts = Container(
        deployment.settings, cast("Adapters", AtAnotherTime(deployment.adapters, later))
    ).upkeep.recounts
    is_over = Event()

    def others() -> None:
        while not is_over.is_set():
            begin(deployment, workspace, now)
            end(deployment, begin(deployment, workspace, now), now)
            if old:
                end(deployment, old.pop(), now)

    for lost in (0, 5_000_000):
        store.add_bytes(workspace, lost, shard=3)
        with ThreadPoolExecutor(1) as pool:
            traffic = pool.submit(others)
            outcome = recounts.run(seconds=60)
            is_over.set()
            traffic.result()
        is_over.clear()
        assert outcome["corrected"] == (1 if lost else 0)
    later.pause(2 * DAY)
    recounts.run(seconds=60)
    counts = store.counts(workspace)
    live = [
        head
        for head in store.heads(workspace, since=now - 2 * DAY, until=now + DAY)
        if head.status == "live"
    ]
    assert (counts.live_sessions, counts.stored_bytes) == (len(live), 100 * len(live))
    assert live
