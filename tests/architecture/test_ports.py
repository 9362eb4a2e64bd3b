"""Isolation is a type: a store is asked about a partition, never about a bare id."""

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import UnionType
from typing import Any, Protocol, get_args, get_type_hints

import pytest

from chalicelib.domain import ports
from chalicelib.domain.ids import WorkspaceId
from chalicelib.domain.sessions import Partition, Person, SessionRef

PLACES = {Partition, SessionRef, Person, WorkspaceId}

EXCEPTIONS = {
    "WorkspaceStore.find": "a slug is how the outside names a workspace; the answer is its id",
    "WorkspaceStore.all": "jobs go through all of them; the answers are entities with their ids",
    "ApplicationStore.find": "a client id is unique everywhere; the answer names the workspace",
    "MemberStore.workspaces_of": "operators are users of the one workspace `console`",
    "KeyStore.signing": "signing keys belong to the deployment",
    "KeyStore.add_signing": "signing keys belong to the deployment",
    "KeyStore.publish_signing": "signing keys belong to the deployment",
    "KeyStore.turn_signing": "signing keys belong to the deployment",
    "ObjectStore.delete": "a random key, which the row of its session or a list gave",
    "ObjectStore.describe": "a job asks whose an object is; the answer is a reference",
    "ObjectStore.pages": "a job lists keys that say nothing; the rows decide",
    "ObjectStore.uncover": "the key in a session's row; it opens nothing and shows nothing",
    "ErasureStore.done": "a restore asks by time; the answers are records with their people",
    "ErasureStore.unclaim": "a restore asks for many people at once, each with their workspace",
    "ErasureStore.under_way": "a job asks for whoever; the answers are people, read again",
    "InviteStore.over": "a job asks by time; the answers are entities with their workspaces",
    "VisitorStore.due": "a job asks by time; the answers are people, read again before acting",
    "SessionStore.due": "a job asks by time; the answer is references, read again before acting",
}
# They move whole tables, sealed as they are, or objects made of them; nothing in them is asked for.
WITHOUT_PARTITIONS = {"TableDump", "BackupVault"}


def protocols() -> Iterator[type]:
    for room in pkgutil.iter_modules(ports.__path__, f"{ports.__name__}."):
        module = import_module(room.name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == room.name and Protocol in kind.__mro__:
                yield kind


def methods() -> Iterator[tuple[str, Any]]:
    for kind in protocols():
        if kind.__name__.endswith("Store"):
            for name, method in inspect.getmembers(kind, inspect.isfunction):
                if not name.startswith("_"):
                    yield f"{kind.__name__}.{name}", method


METHODS = [pytest.param(name, method, id=name) for name, method in methods()]


@pytest.mark.parametrize(("name", "method"), METHODS)
def test_the_first_argument_of_a_store_says_whose_things_it_is_about(
    name: str, method: Any
) -> None:
    hints = get_type_hints(method)
    arguments = [a for a in inspect.signature(method).parameters if a != "self"]
    is_placed = bool(arguments) and names_a_place(hints[arguments[0]])
    assert is_placed != (name in EXCEPTIONS), EXCEPTIONS.get(name, "a bare id is not enough")


def test_every_exception_is_a_method_that_exists() -> None:
    assert set(EXCEPTIONS) <= {name for name, _ in methods()}


def test_every_port_is_a_store_or_has_no_partitions() -> None:
    records = {kind.__name__ for kind in protocols() if kind.__module__.endswith(".records")}
    assert records - WITHOUT_PARTITIONS == {"AuditStore"}
    assert {kind.__name__ for kind in protocols()} >= {"SessionStore", "PayloadStore", "UserStore"}


def names_a_place(hint: Any) -> bool:
    """Tell whether a type is a place, or an entity that always holds one."""
    if hint in PLACES:
        return True
    if isinstance(hint, UnionType):
        return all(map(names_a_place, get_args(hint)))
    if not is_dataclass(hint) or not isinstance(hint, type):
        return False
    held = get_type_hints(hint)
    return any(names_a_place(held[field.name]) for field in fields(hint))
