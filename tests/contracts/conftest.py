"""The backends that every contract is asked of: memory, the embedded cloud, DynamoDB Local."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.binding import Tables
from tests.contracts.directory import Directory
from tests.contracts.stores import (
    Stores,
    bound,
    dynamo_stores,
    memory_stores,
    over_botocore,
    over_transport,
)
from tests.engines import Engine, dynamodb_local, moto_cloud

__all__ = ["dynamodb_local", "moto_cloud"]  # fixtures


@pytest.fixture(
    scope="package",
    params=[
        ("memory", None),
        ("moto_cloud", over_transport),
        pytest.param(("moto_cloud", over_botocore), marks=pytest.mark.slow),
        pytest.param(("dynamodb_local", over_transport), marks=pytest.mark.slow),
    ],
    ids=["memory", "moto_cloud", "moto_cloud-botocore", "dynamodb_local"],
)
def tables(request: pytest.FixtureRequest) -> Iterator[Tables | None]:
    """The tables of a stage on each engine in turn; `None` stands for memory."""
    name, connect = request.param
    if name == "memory":
        yield None
        return
    engine: Engine = request.getfixturevalue(name)
    with bound(engine, connect) as tables:
        yield tables


@pytest.fixture
def stores(tables: Tables | None) -> Stores:
    """The stores of one backend; tests share it and make ids of their own."""
    return memory_stores() if tables is None else dynamo_stores(tables, SystemClock())


@pytest.fixture
def directory(stores: Stores) -> Directory:
    """The directory's stores of one backend; tests share it and make ids of their own."""
    return Directory(
        workspaces=stores.workspaces,
        members=stores.members,
        upstreams=stores.upstreams,
        invites=stores.invites,
        applications=stores.applications,
        users=stores.users,
        keys=stores.keys,
        audit=stores.audit,
        login=stores.login,
        challenges=stores.challenges,
        devices=stores.devices,
        factors=stores.factors,
        refresh=stores.refresh,
        passkeys=stores.passkeys,
        detours=stores.detours,
    )
