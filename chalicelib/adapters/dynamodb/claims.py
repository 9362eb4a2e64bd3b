"""Claims in DynamoDB: items that make a name belong to one holder for ever."""

import secrets

from chalicelib.adapters.dynamodb.attributes import Fields
from chalicelib.adapters.dynamodb.binding import Tables
from chalicelib.adapters.dynamodb.layout import DIRECTORY, Key
from chalicelib.adapters.dynamodb.transactions import ABSENT, Put, Write
from chalicelib.domain.errors import Contended, StoreUnavailable
from chalicelib.domain.ids import WorkspaceId, is_part
from chalicelib.domain.ports.surroundings import Clock

_ATTEMPTS = 10
_PAUSE_MILLIS = 10


def part(text: str) -> str:
    """Answer a text that cannot reach into a neighbour's composite key; raises `ValueError`."""
    if not is_part(text):
        raise ValueError("not a part of a key")
    return text


def slug_key(slug: str) -> Key:
    """Answer where a workspace's slug is claimed; raises `ValueError`."""
    return Key(DIRECTORY, f"SLUG#{part(slug)}", "CLAIM")


def client_key(client_id: str) -> Key:
    """Answer where a client id is claimed; raises `ValueError`."""
    return Key(DIRECTORY, f"CLIENT#{part(client_id)}", "CLAIM")


def address_key(workspace: WorkspaceId, address: str) -> Key:
    """Answer where the keyed hash of an address is claimed; raises `ValueError`."""
    return Key(DIRECTORY, f"W#{part(workspace)}#E#{part(address)}", "CLAIM")


def subject_key(workspace: WorkspaceId, subject: str) -> Key:
    """Answer where the keyed hash of an upstream's subject is claimed; raises `ValueError`."""
    return Key(DIRECTORY, f"W#{part(workspace)}#X#{part(subject)}", "CLAIM")


def invite_id_key(workspace: WorkspaceId, invite: str) -> Key:
    """Answer where the id of an invite leads to its row; raises `ValueError`."""
    return Key(DIRECTORY, f"W#{part(workspace)}#I#{part(invite)}", "CLAIM")


def claim(key: Key, holder: Fields) -> Put:
    """Answer the write that takes a name, and is refused when anybody has it."""
    return new(key, holder)


def new(key: Key, fields: Fields) -> Put:
    """Answer the write of an item that must not be there yet."""
    return Put(table=key.table, item={"PK": key.pk, "SK": key.sk, **fields}, condition=ABSENT)


def settle(tables: Tables, clock: Clock, *writes: Write) -> None:
    """Do all writes or none; raises `Stale` when a condition failed.

    Two who reach for one name at the same moment collide before anybody has it: then the
    question is asked again, because "taken" must not be said of a name that is still free.
    """
    for attempt in range(_ATTEMPTS):
        if attempt:
            clock.pause(secrets.randbelow(_PAUSE_MILLIS << min(attempt, 4)) / 1_000)
        try:
            tables.transact(writes)
        except Contended:
            continue
        return
    raise StoreUnavailable("The store is busy. Nothing was changed; try again in a moment.")
