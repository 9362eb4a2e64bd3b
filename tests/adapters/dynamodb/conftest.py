"""Tables of a fresh stage on each engine, for what only the adapters promise."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.adapters.clock import SystemClock
from chalicelib.adapters.dynamodb.binding import Tables
from tests.contracts.stores import Stores, bound, dynamo_stores
from tests.engines import Engine, dynamodb_local, engine, moto_cloud

Call = tuple[str, dict[str, Any]]

__all__ = ["dynamodb_local", "engine", "moto_cloud"]  # fixtures


@pytest.fixture(scope="session")
def tables(engine: Engine) -> Iterator[Tables]:
    with bound(engine) as made:
        yield made


@pytest.fixture
def stores(tables: Tables) -> Stores:
    return dynamo_stores(tables, SystemClock())


@pytest.fixture
def calls(tables: Tables) -> Iterator[list[Call]]:
    """The operations that were sent since the test began, with their arguments."""
    sent: list[Call] = []
    before, tables.on_call = tables.on_call, lambda *call: sent.append(call)
    yield sent
    tables.on_call = before
