"""The shelf: what a request needs of its session, brought in one round trip."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from chalicelib.adapters.dynamodb.applications import application_of
from chalicelib.adapters.dynamodb.attributes import Item
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.heads import head_of
from chalicelib.adapters.dynamodb.keys import user_keys_of, workspace_keys_of
from chalicelib.adapters.dynamodb.layout import (
    Key,
    application_key,
    gate_key,
    head_key,
    meta_key,
    quota_keys,
    receipt_key,
    user_keys_key,
    workspace_keys_key,
)
from chalicelib.adapters.dynamodb.receipts import receipt_of
from chalicelib.adapters.dynamodb.usage import counter_of
from chalicelib.adapters.dynamodb.workspaces import gate_of, workspace_of
from chalicelib.domain.ports.sessions import Extras, Shelf
from chalicelib.domain.quotas import QuotaKind
from chalicelib.domain.receipts import Receipt, ReceiptRef
from chalicelib.domain.sessions import SessionRef

T = TypeVar("T")


def read_shelf(
    tables: Tables, ref: SessionRef, extras: Extras, *beside: Key
) -> tuple[Shelf, Mapping[Key, Item]]:
    """Answer a session's shelf without its payload, and whatever items lie under other keys."""
    partition, workspace = ref.partition, ref.partition.workspace
    head, user_keys = head_key(ref), user_keys_key(partition.person)
    meta, gate = meta_key(workspace), gate_key(workspace)
    app = application_key(workspace, partition.app)
    workspace_keys = workspace_keys_key(workspace)
    riding = {
        meta: extras.workspace,
        gate: extras.gate,
        app: extras.application,
        workspace_keys: extras.workspace_keys,
    }
    wanted = [key for key, is_wanted in riding.items() if is_wanted]
    if extras.receipt is not None:
        wanted.append(receipt_key(extras.receipt))
    shards = quota_keys(workspace, QuotaKind.BYTES) if extras.stored_bytes else ()
    found = tables.get_all([head, *beside, user_keys, *wanted, *shards])
    shelf = Shelf(
        head=made(partial(head_of, ref), found.get(head)),
        payload=None,
        user_keys=made(partial(user_keys_of, partition.person), found.get(user_keys)),
        workspace=made(workspace_of, found.get(meta)),
        gate=made(gate_of, found.get(gate)),
        application=made(application_of, found.get(app)),
        workspace_keys=made(partial(workspace_keys_of, workspace), found.get(workspace_keys)),
        stored_bytes=sum(counter_of(found.get(shard)).count for shard in shards)
        if extras.stored_bytes
        else None,
        receipt=found_receipt(extras.receipt, found),
    )
    return shelf, found


def found_receipt(ref: ReceiptRef | None, found: Mapping[Key, Item]) -> Receipt | None:
    """Answer the receipt that was asked for, if it is among what was found."""
    if ref is None:
        return None
    return made(partial(receipt_of, ref), found.get(receipt_key(ref)))


def made(make: Callable[[Item], T], item: Item | None) -> T | None:
    """Answer what an item holds, if there is one."""
    return None if item is None else make(item)
